/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 4: the reason, which includes the verdict. In this order: an invalid packet is dropped, then
 * a blocked source, then the policy of the class decides, then the limits.
 */
#ifndef SLASH64_BPF_VERDICT_H
#define SLASH64_BPF_VERDICT_H

#include "bits.h"
#include "blocklist.h"
#include "bogons.h"
#include "classify.h"
#include "direction.h"
#include "rate_limit.h"
#include "parse.h"
#include "source.h"
#include "icmpv6_validate.h"

/* The first feature of a mask, in list order. */
static __always_inline __u32 feature_first(__u32 mask)
{
	for (__u32 i = 0; i < S64_FEATURE_COUNT; i++)
		if (mask & (1U << i))
			return i;
	return 0;
}

/* A feature that a message must have is not limited beside the message's own limit: the router
 * alert, and the hop-by-hop header it is in, of multicast listener (RFC 2710 3, RFC 3810 5) and
 * multicast router messages (RFC 4286 3.2), which were validated; and the hop-by-hop header of RSVP
 * (RFC 2711 2.1), which anybody may send, and which is held to the limit of the router alert.
 */
static __always_inline __u32 features_needed(const struct s64_packet *packet)
{
	if (!(packet->features & S64_FEATURE_BIT(ROUTER_ALERT)))
		return 0;
	switch (packet->class) {
	case S64_CLASS_MLD:
	case S64_CLASS_MLDV2_REPORT:
	case S64_CLASS_MULTICAST_ROUTER_DISCOVERY:
		return S64_FEATURE_BIT(HOP_BY_HOP) | S64_FEATURE_BIT(ROUTER_ALERT);
	}
	return packet->next_header == S64_PROTO_RSVP && !packet->non_first_fragment ?
		       S64_FEATURE_BIT(HOP_BY_HOP) :
		       0;
}

static __always_inline bool reason_drops(__u32 reason)
{
	return reason > S64_REASON_WITHIN_FALLBACK_LIMIT;
}

static __always_inline __u8 verdict_policy(const struct s64_iface_policy *policy,
					   const struct s64_packet *packet)
{
	const __u8 *action = policy->action[masked(packet->class, S64_CLASS_MAX - 1)];
	/* both directions in one load */
	__u16 actions = S64_READ_ONCE(*(const __u16 *)action);
	__u32 features = packet->features;
	__u8 reason = S64_REASON_POLICY;
	enum s64_direction direction = S64_TRANSIT;
	__u32 dropped, limited, charged;
	__u64 src_key, aggregate;

	/* Nearly every packet: its class passes, and it has no features. */
	if (S64_LIKELY(!features && !actions))
		return S64_REASON_POLICY;
	src_key = limit_scope(packet->src_key, packet->src_hi, packet->link);
	aggregate = src_key + s64_src_key_aggregate(packet->src_key, packet->src_hi);
	src_key += packet->src_key;

	/* Look up the direction only if the policy differs between transit and local. */
	if (action[S64_TRANSIT] != action[S64_LOCAL] ||
	    features & (policy->feature_drop[S64_TRANSIT] ^ policy->feature_drop[S64_LOCAL]) ||
	    features & (policy->feature_limit[S64_TRANSIT] ^ policy->feature_limit[S64_LOCAL]))
		direction = direction_asked(packet);

	dropped = features & policy->feature_drop[direction];
	if (S64_UNLIKELY(dropped))
		return S64_REASON_FEATURE + feature_first(dropped);

	switch (action[direction]) {
	case S64_ACTION_DROP:
		return S64_REASON_POLICY_DROP;
	case S64_ACTION_SCOPE:
		return S64_REASON_LINK_SCOPE;
	case S64_ACTION_LIMIT:
		if (skips(LIMIT))
			break;
		reason = limit_charge(src_key, aggregate, packet->class);
		if (reason_drops(reason))
			return reason;
	}
	limited = features & policy->feature_limit[direction];
	if (S64_UNLIKELY(limited))
		limited &= ~features_needed(packet);
	if (S64_UNLIKELY(limited)) {
		charged = limit_charge(src_key, aggregate,
				       S64_LIMIT_FEATURE + feature_first(limited));
		if (reason == S64_REASON_POLICY || reason_drops(charged))
			reason = charged;
	}
	return reason;
}

/* Counted but passed: everything on an interface in monitor mode, or only bogons, which otherwise
 * get the verdict of any source.
 */
static __always_inline bool reason_is_monitored(const struct s64_iface_policy *policy, __u8 reason)
{
	return policy->flags & S64_IFACE_MONITOR ||
	       (reason == S64_REASON_SOURCE_BOGON && policy->flags & S64_IFACE_BOGON_MONITOR);
}

/* A packet that is not IPv6 passes. If the interface asks for it, IPv4 passes unless its source is
 * blocked; nothing else of it is checked. Without a valid IPv4 header (RFC 791 3.1) it is not IPv4.
 */
static __always_inline __u8 verdict_other(s64_frame *frame, const struct s64_iface_policy *policy,
					  struct s64_cpu_state *cpu_state,
					  struct s64_packet *packet)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *p = data + masked(packet->upper, S64_LINK_OFFSET_MASK);
	__u8 reason;

	packet->class = S64_CLASS_NOT_IPV6;
	if (!packet->upper || !(policy->flags & S64_IFACE_IPV4_ENFORCE) ||
	    p + S64_IPV4_HEADER_BYTES > data_end || p[0] >> 4 != 4 || (p[0] & 0xf) < 5)
		return S64_REASON_NOT_IPV6;
	packet->class = S64_CLASS_IPV4;
	packet->src_lo = 0xffffULL << 32 | s64_load_be32(p + 12);
	packet->src_key = s64_src_key_of_v4(packet->src_lo);
	packet->source_length = 128;
	packet->source_flags = source_index_flags(0);
	reason = verdict_block(cpu_state, packet);
	return reason == S64_REASON_NONE ? S64_REASON_POLICY : reason;
}

/* A special source: may it be a source at all, and is it a bogon where that counts? */
static __always_inline __u8 verdict_special(s64_frame *frame, const struct s64_iface_policy *policy,
					    struct s64_packet *packet)
{
	__u8 reason = validate_source(packet);

	if (reason != S64_REASON_NONE)
		return reason;
	if (!(policy->flags & (S64_IFACE_BOGON_MONITOR | S64_IFACE_BOGON_ENFORCE)) ||
	    !source_is_bogon(frame, policy, packet))
		return S64_REASON_NONE;
	if (policy->flags & S64_IFACE_BOGON_ENFORCE)
		return S64_REASON_SOURCE_BOGON;
	packet->bogon = true;
	return S64_REASON_NONE;
}

/* The slow path: the whole pipeline from bytes to a reason. Fills in *packet as far as it gets. */
static __always_inline __u8 packet_verdict(s64_frame *frame, const struct s64_iface_policy *policy,
					   struct s64_cpu_state *cpu_state,
					   struct s64_packet *packet)
{
	__u8 reason;

	packet->class = S64_CLASS_MALFORMED;
	reason = parse(frame, packet);
	if (reason != S64_REASON_NONE) {
		if (reason == S64_REASON_NOT_IPV6)
			return verdict_other(frame, policy, cpu_state, packet);
		return reason;
	}
	identify_source(packet);
	if (last_step() == S64_STEP_PARSE)
		return S64_REASON_POLICY;
	packet->class = classify(packet);
	if (last_step() == S64_STEP_CLASSIFY)
		return S64_REASON_POLICY;

	/* an ordinary source is in 2000::/3, and no bogon */
	if (S64_UNLIKELY(packet->source_flags & S64_SOURCE_INDEX_SPECIAL) && !skips(SOURCE)) {
		reason = verdict_special(frame, policy, packet);
		if (reason != S64_REASON_NONE)
			return reason;
	}
	if (!skips(VALIDATE) && S64_UNLIKELY(class_is_icmpv6(packet->class))) {
		reason = validate_icmpv6(frame, packet);
		if (reason != S64_REASON_NONE) {
			/* The packet is truncated: count it as malformed, not under its class. */
			if (reason >= S64_REASON_PARSE)
				packet->class = S64_CLASS_MALFORMED;
			return reason;
		}
	}
	if (!skips(BLOCKS)) {
		reason = verdict_block(cpu_state, packet);
		if (S64_UNLIKELY(reason != S64_REASON_NONE))
			return reason;
	}
	reason = skips(POLICY) ? S64_REASON_POLICY : verdict_policy(policy, packet);
	if (S64_UNLIKELY(packet->bogon) && !reason_drops(reason))
		return S64_REASON_SOURCE_BOGON;
	return reason;
}

#endif
