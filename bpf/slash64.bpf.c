// SPDX-License-Identifier: GPL-2.0-only
/* The program: the steps of the packet pipeline, in order. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"
#include "fast_path.h"
#include "counters.h"
#include "extras.h"
#include "sample.h"
#include "sampler.h"

static __always_inline int apply_verdict(const struct s64_iface_policy *policy,
					 struct s64_counters *counters, __u8 class, __u8 reason,
					 __u32 length)
{
	enum s64_outcome outcome = S64_OUTCOME_ENFORCED;
	int action = XDP_PASS;

	if (reason_drops(reason)) {
		if (reason_is_monitored(policy, reason))
			outcome = S64_OUTCOME_MONITORED;
		else
			action = XDP_DROP;
	}
	if (!skips(COUNT))
		count(counters, class, reason, outcome, length);
	return action;
}

static __always_inline __u32 sample(struct s64_counters *counters)
{
	return skips(REPORT) ? 0 : sampler_take(&counters->cpu_state);
}

static __always_inline int process_packet(struct xdp_md *ctx)
{
	const struct s64_iface_policy *policy = iface_policy();
	struct s64_counters *counters = counters_of(this_cpu());
	struct s64_packet packet;
	struct s64_plain plain;
	__u32 extras, length, weight;
	bool captured = false;
	int action;
	__u8 reason;

	if (!policy || !counters)
		return XDP_PASS;
	reason = verdict_plain(ctx, policy, &counters->cpu_state, &plain);
	if (S64_LIKELY(reason != S64_REASON_NONE)) {
		length = frame_bytes(ctx);
		action = apply_verdict(policy, counters, plain.class, reason, length);
		weight = sample(counters);
		extras = extras_wanted(&counters->cpu_state);
		if (S64_UNLIKELY(extras)) {
			extras_plain(ctx, extras, &plain, reason, length);
			captured = capture_asks(&counters->cpu_state, plain.src_key, plain.class,
						reason, action == XDP_PASS);
		}
		if (S64_LIKELY(!weight && !captured && !result_is_wanted()))
			return action;
		packet = (struct s64_packet){};
		packet_of_plain(&packet, ctx, &plain);
		packet.length = length;
	} else {
		packet = (struct s64_packet){};
		/* Keep the packet in memory. Split into its members, each would be spilled at every
		 * early return, which costs more than the rest.
		 */
		keep_in_memory(&packet);
		packet.length = frame_bytes(ctx);
		reason = packet_verdict(ctx, policy, &counters->cpu_state, &packet);
		action = apply_verdict(policy, counters, packet.class, reason, packet.length);
		weight = sample(counters);
		extras = extras_wanted(&counters->cpu_state);
		if (S64_UNLIKELY(extras)) {
			extras_packet(ctx, extras, &packet, reason);
			captured = capture_asks(&counters->cpu_state, packet.src_hi, packet.class,
						reason, action == XDP_PASS);
		}
	}
	if (S64_UNLIKELY(weight))
		report(ctx, &packet, sampled_reason(reason, action == XDP_PASS), weight);
	if (S64_UNLIKELY(captured))
		capture_packet(ctx, &packet, reason, capture_verdict(reason, action == XDP_PASS));
	tell_result(&packet, reason);
	return action;
}

SEC("xdp.frags")
int slash64(struct xdp_md *ctx)
{
	/* Never true: no clock has this number. The verifier knows that and removes the branch. But
	 * a program that names the map of facts holds a reference to it, and is recognised as ours
	 * by the owner recorded there.
	 */
	if (S64_UNLIKELY(config.clock == S64_CLOCK_NEVER))
		return meta_is_bound() ? XDP_PASS : XDP_ABORTED;
	return process_packet(ctx);
}

char LICENSE[] SEC("license") = "GPL";
