/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 6, only while somebody captures: the packet goes to the ring of its CPU, whole, if it
 * matches the filter.
 */
#ifndef SLASH64_BPF_CAPTURE_H
#define SLASH64_BPF_CAPTURE_H

#include "bits.h"
#include "maps.h"
#include "packet.h"
#include "sample.h"
#include "verdict.h"

static __always_inline enum s64_verdict capture_verdict(__u8 reason, bool passes)
{
	if (!passes)
		return S64_DROP;
	return reason_drops(reason) ? S64_WOULD_DROP : S64_PASS;
}

static __always_inline bool capture_within(__u64 hi, __u64 lo,
					   const struct s64_capture_prefix *prefix)
{
	return (hi & prefix->mask_hi) == prefix->hi && (lo & prefix->mask_lo) == prefix->lo;
}

/* Asked first, as it needs no more of the packet than the fast path has. */
static __always_inline bool capture_may_want(const struct s64_capture *capture, __u64 src_hi,
					     __u8 class, __u8 reason, __u8 verdict)
{
	const struct s64_capture_filter *filter = &capture->filter;

	return (src_hi & filter->source.mask_hi) == filter->source.hi &&
	       (filter->verdict == S64_CAPTURE_ANY || filter->verdict == verdict) &&
	       (filter->class == S64_CAPTURE_ANY || filter->class == class) &&
	       (filter->reason == S64_CAPTURE_ANY || filter->reason == reason) &&
	       clock_jiffies() < S64_READ_ONCE(capture->until);
}

/* Is this packet perhaps to be captured? Costs a load and a branch while nobody captures. */
static __always_inline bool capture_asks(const struct s64_cpu_state *cpu_state, __u64 src_hi,
					 __u8 class, __u8 reason, bool passes)
{
	const struct s64_capture *capture;

	if (S64_LIKELY(!S64_READ_ONCE(cpu_state->capture)))
		return false;
	capture = capture_asked();
	return capture &&
	       capture_may_want(capture, src_hi, class, reason, capture_verdict(reason, passes));
}

/* Both addresses, of IPv4 too. */
static __always_inline bool capture_wants(s64_frame *frame, const struct s64_capture_filter *filter,
					  const struct s64_packet *packet)
{
	__u64 dst_lo = packet->dst_lo;

	if (packet->class == S64_CLASS_IPV4)
		dst_lo = 0xffffULL << 32 | sample_ipv4(frame, packet->upper) >> 32;
	return capture_within(packet->src_hi, packet->src_lo, &filter->source) &&
	       capture_within(packet->dst_hi, dst_lo, &filter->destination);
}

/* A global function, which the verifier checks once. Returns nothing of interest: every one returns
 * a number.
 */
S64_GLOBAL_FUNCTION int capture_packet(s64_frame *frame, const struct s64_packet *packet,
				       __u8 reason, __u8 verdict)
{
	const struct s64_capture *capture = capture_asked();
	struct s64_counters *counters = counters_of(this_cpu());
	struct s64_capture_record head;

	if (!packet || !capture || !counters || !capture_wants(frame, &capture->filter, packet))
		return 0;
	counters->cpu_state.capture_matched++;
	head = (struct s64_capture_record){
		.time_ns = clock_ns(),
		.src_hi = packet->src_hi,
		.src_lo = packet->src_lo,
		.length = packet->length,
		.captured = packet->length < capture->filter.snaplen ? packet->length :
								       capture->filter.snaplen,
		.iface_slot = iface_slot(),
		.class = packet->class,
		.reason = reason,
		.verdict = verdict,
	};
	if (!capture_put(frame, &head))
		counters->cpu_state.capture_lost++;
	return 0;
}

#endif
