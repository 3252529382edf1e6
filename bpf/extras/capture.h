/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 6, only while somebody captures: the packet goes to the ring of its CPU, whole, if it
 * matches the filter.
 */
#ifndef SLASH64_BPF_EXTRAS_CAPTURE_H
#define SLASH64_BPF_EXTRAS_CAPTURE_H

#include "../bits.h"
#include "../maps.h"
#include "../packet.h"
#include "../sample.h"
#include "../verdict.h"

static __always_inline enum s64_verdict capture_verdict(__u8 reason, bool passes)
{
	if (!passes)
		return S64_DROP;
	return reason_drops(reason) ? S64_WOULD_DROP : S64_PASS;
}

static __always_inline bool capture_is_any(const struct s64_capture_prefix *prefix)
{
	return !(S64_READ(prefix->mask_hi) | S64_READ(prefix->mask_lo));
}

static __always_inline bool capture_matches(__u8 wanted, __u8 value)
{
	return wanted == S64_CAPTURE_ANY || wanted == value;
}

static __always_inline bool capture_within(__u64 hi, __u64 lo,
					   const struct s64_capture_prefix *prefix)
{
	return (hi & S64_READ(prefix->mask_hi)) == S64_READ(prefix->hi) &&
	       (lo & S64_READ(prefix->mask_lo)) == S64_READ(prefix->lo);
}

/* Asked first, as it needs no more of the packet than the fast path has. */
static __always_inline bool capture_may_want(const struct s64_capture *capture, __u64 src_hi,
					     __u8 class, __u8 reason, __u8 verdict)
{
	const struct s64_capture_filter *filter = &capture->filter;

	return (src_hi & S64_READ(filter->source.mask_hi)) == S64_READ(filter->source.hi) &&
	       capture_matches(S64_READ(filter->verdict), verdict) &&
	       capture_matches(S64_READ(filter->class), class) &&
	       capture_matches(S64_READ(filter->reason), reason) &&
	       clock_jiffies() < S64_READ_ONCE(capture->until);
}

/* Is this packet perhaps to be captured? */
static __always_inline bool capture_asks(const struct s64_cpu_state *cpu_state, __u64 src_hi,
					 __u8 class, __u8 reason, bool passes)
{
	const struct s64_capture *capture;
	__u32 asked = S64_READ_ONCE(cpu_state->extras);

	if (S64_LIKELY(!(asked & S64_EXTRA_CAPTURE)))
		return false;
	capture = capture_asked(asked);
	return capture &&
	       capture_may_want(capture, src_hi, class, reason, capture_verdict(reason, passes));
}

/* Both addresses, of IPv4 too. A packet that has none, such as ARP, does not come from ::. */
static __always_inline bool capture_wants(s64_frame *frame, const struct s64_capture_filter *filter,
					  const struct s64_packet *packet)
{
	__u64 dst_lo = packet->dst_lo;

	if (!packet->end && packet->class != S64_CLASS_IPV4)
		return capture_is_any(&filter->source) && capture_is_any(&filter->destination);
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
	struct s64_counters *counters = counters_of(this_cpu());
	const struct s64_capture *capture;
	struct s64_capture_record head;
	__u32 asked, snaplen;

	if (!packet || !counters)
		return 0;
	asked = S64_READ_ONCE(counters->cpu_state.extras);
	capture = capture_asked(asked);
	if (!(asked & S64_EXTRA_CAPTURE) || !capture ||
	    !capture_wants(frame, &capture->filter, packet))
		return 0;
	snaplen = S64_READ(capture->filter.snaplen);
	S64_WRITE_ONCE(counters->cpu_state.capture_matched,
		       S64_READ_ONCE(counters->cpu_state.capture_matched) + 1);
	head = (struct s64_capture_record){
		.time_ns = clock_ns(),
		.src_hi = packet->src_hi,
		.src_lo = packet->src_lo,
		.length = packet->length,
		.captured = packet->length < snaplen ? packet->length : snaplen,
		.iface_slot = iface_slot(),
		.class = packet->class,
		.reason = reason,
		.verdict = verdict,
	};
	if (!capture_put(frame, &head))
		S64_WRITE_ONCE(counters->cpu_state.capture_lost,
			       S64_READ_ONCE(counters->cpu_state.capture_lost) + 1);
	return 0;
}

#endif
