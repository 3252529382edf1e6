// SPDX-License-Identifier: GPL-2.0-only
/* The program: the steps of a packet's way, in order, and nothing else. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "tables.h"
#include "judge.h"
#include "count.h"
#include "report.h"

static __always_inline int checkpoint(struct xdp_md *ctx)
{
	const struct s64_iface_policy *policy = iface_policy();
	__u32 cpu = this_cpu(), weight;
	struct s64_counters *counters = counters_of(cpu);
	struct s64_packet packet = {};
	enum s64_plane plane = S64_PLANE_DONE;
	int action = XDP_PASS;
	__u8 reason;

	if (!policy || !counters)
		return XDP_PASS;
	/* It lives in memory: told apart into its members, each of them would be spilled at every early end of
	 * the way, which costs more than the rest of it.
	 */
	keep_in_memory(&packet);
	packet.length = ctx->data_end - ctx->data;
	reason = judge(ctx, policy, &counters->memory, &packet);
	if (reason_drops(reason)) {
		if (reason_is_monitored(policy, reason))
			plane = S64_PLANE_WOULD;
		else
			action = XDP_DROP;
	}
	if (!skips(COUNT))
		count(counters, packet.class, reason, plane, packet.length);
	weight = skips(REPORT) ? 0 : sampler_take(&counters->memory);
	if (S64_UNLIKELY(weight))
		report(cpu, &packet, reason, weight);
	tell_result(&packet, reason);
	return action;
}

SEC("xdp.frags")
int slash64(struct xdp_md *ctx)
{
	return checkpoint(ctx);
}

char LICENSE[] SEC("license") = "GPL";
