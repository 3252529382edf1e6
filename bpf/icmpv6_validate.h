/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 3: is an ICMPv6 message valid for its type? What to check is data (struct s64_icmpv6_type);
 * how to check it is here, with the RFC section. The filter drops what a host would ignore, each
 * case with its own reason.
 */
#ifndef SLASH64_BPF_ICMPV6_VALIDATE_H
#define SLASH64_BPF_ICMPV6_VALIDATE_H

#include <slash64/source.h>

#include "bits.h"
#include "ext_headers.h"
#include "maps.h"

#define S64_ND_TARGET_AT   8	  /* RFC 4861 4.3, 4.4 */
#define S64_ND_OFFSET_MASK 0x7fff /* larger than any driver's first buffer */
/* as many as end within that range; none is shorter */
#define S64_ND_OPTIONS_MAX	     ((S64_ND_OFFSET_MASK + 1) / 8)
#define S64_ND_OPTION_SOURCE_ADDRESS 1 /* RFC 4861 4.6.1 */
#define S64_NA_SOLICITED	     0x40
#define S64_IPV6_MTU_MIN	     1280 /* RFC 8200 5 */

#define ND_OPTIONS_BAD (1U << 0)
/* the options continue behind the driver's first buffer */
#define ND_OPTIONS_BEYOND	  (1U << 1)
#define ND_OPTIONS_SOURCE_ADDRESS (1U << 2)

struct nd_walk {
	s64_frame *frame;
	__u32 off, end;
	__u32 seen; /* ND_OPTIONS_* */
};

/* One option of a neighbour discovery message (RFC 4861 4.6): its length may not be 0, nor exceed
 * the packet. Nonzero if the walk ends here.
 */
static long nd_option(__u32 i, void *state)
{
	struct nd_walk *walk = state;
	const __u8 *data = frame_data(walk->frame), *data_end = frame_end(walk->frame);
	const __u8 *p = data + masked(walk->off, S64_ND_OFFSET_MASK);

	(void)i;
	if (walk->off == walk->end)
		return 1;
	if (walk->off + 2 > walk->end) {
		walk->seen |= ND_OPTIONS_BAD;
		return 1;
	}
	if (walk->off > S64_ND_OFFSET_MASK || p + 2 > data_end) {
		walk->seen |= ND_OPTIONS_BEYOND;
		return 1;
	}
	if (p[0] == S64_ND_OPTION_SOURCE_ADDRESS)
		walk->seen |= ND_OPTIONS_SOURCE_ADDRESS;
	walk->off += p[1] * 8;
	if (p[1] && walk->off <= walk->end)
		return 0;
	walk->seen |= ND_OPTIONS_BAD;
	return 1;
}

/* All options from `off` to `end`: as many as the packet holds. */
S64_GLOBAL_FUNCTION __u32 nd_options(s64_frame *frame, __u32 off, __u32 end)
{
	struct nd_walk walk = {.frame = frame, .off = off, .end = end};

	s64_loop(S64_ND_OPTIONS_MAX, nd_option, &walk);
	return walk.seen;
}

static __always_inline bool is_solicited_node(__u64 hi, __u64 lo)
{
	return hi == 0xff02000000000000ULL && lo >> 24 == 0x00000001ffULL;
}

static __always_inline __u8 validate_nd(s64_frame *frame, const __u8 *p, const __u8 *data_end,
					const struct s64_icmpv6_type *type,
					const struct s64_packet *packet)
{
	__u32 checks = type->checks;
	bool unspecified = (packet->src_hi | packet->src_lo) == 0;
	__u32 seen = 0;

	/* RFC 4861 7.1.1, 7.1.2: the target is not a multicast address */
	if (checks & S64_CHECK_ND_TARGET) {
		if (p + S64_ND_TARGET_AT + 1 > data_end)
			return S64_REASON_HEADERS_BEYOND_BUFFER;
		if (p[S64_ND_TARGET_AT] == 0xff)
			return S64_REASON_ND_TARGET;
	}
	/* RFC 4861 7.1.2: an answer to a multicast address must not be solicited */
	if (checks & S64_CHECK_NA_SOLICITED && s64_is_multicast(packet->dst_hi)) {
		if (p + 5 > data_end)
			return S64_REASON_HEADERS_BEYOND_BUFFER;
		if (p[4] & S64_NA_SOLICITED)
			return S64_REASON_NA_SOLICITED_MULTICAST;
	}
	if (checks & S64_CHECK_ND_OPTIONS) {
		seen = nd_options(frame, packet->upper + type->options_at, packet->end);
		if (seen & ND_OPTIONS_BAD)
			return S64_REASON_ND_OPTION;
		if (seen & ND_OPTIONS_BEYOND)
			return S64_REASON_HEADERS_BEYOND_BUFFER;
	}
	/* RFC 4861 6.1.1, 7.1.1: from ::, no source link-layer address; a neighbour solicitation
	 * goes to the solicited-node group
	 */
	if (checks & S64_CHECK_ND_UNSPECIFIED && unspecified) {
		if (seen & ND_OPTIONS_SOURCE_ADDRESS)
			return S64_REASON_ND_UNSPECIFIED;
		if (checks & S64_CHECK_ND_TARGET &&
		    !is_solicited_node(packet->dst_hi, packet->dst_lo))
			return S64_REASON_ND_UNSPECIFIED;
	}
	return S64_REASON_NONE;
}

/* S64_REASON_NONE, or why the message is invalid. After classify(). */
static __always_inline __u8 validate_icmpv6(s64_frame *frame, const struct s64_packet *packet)
{
	const struct s64_icmpv6_type *type = icmpv6_type_at(packet->icmpv6_type);
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *p = data + masked(packet->upper, S64_OFFSET_MASK);
	__u32 checks;

	if (!type)
		return S64_REASON_NONE;
	checks = type->checks;
	/* RFC 4861 6.1, 7.1, 8.1: a hop limit below 255 means that it comes from beyond the link */
	if (checks & S64_CHECK_HOP_LIMIT_255 && packet->hop_limit != 255)
		return S64_REASON_HOP_LIMIT_NOT_255;
	/* RFC 3810 5.1.14, 5.2.14; RFC 4286 3.3.3, 4.2.3, 5.2.3 */
	if (checks & S64_CHECK_HOP_LIMIT_1 && packet->hop_limit != 1)
		return S64_REASON_HOP_LIMIT_NOT_1;
	/* RFC 6980 5 */
	if (checks & S64_CHECK_NOT_FRAGMENT && packet->features & S64_FRAGMENT_FEATURES)
		return S64_REASON_ND_FRAGMENT;
	/* RFC 4861 6.1, 7.1, 8.1 */
	if (checks & S64_CHECK_CODE_0 && packet->icmpv6_code != 0)
		return S64_REASON_BAD_CODE;
	if (packet->upper + type->length_min > packet->end)
		return packet->features & S64_FEATURE_BIT(FRAGMENT_FIRST) ?
			       S64_REASON_FRAGMENT_WITHOUT_HEADERS :
			       S64_REASON_TOO_SHORT;
	/* RFC 4861 6.1.2, 8.1; RFC 2710 3; RFC 3810 5.2.13; RFC 4286 */
	if (checks & S64_CHECK_SOURCE_LINK_LOCAL && !s64_is_link_local(packet->src_hi) &&
	    !(checks & S64_CHECK_SOURCE_MAY_BE_UNSPECIFIED &&
	      (packet->src_hi | packet->src_lo) == 0))
		return S64_REASON_SOURCE_NOT_LINK_LOCAL;
	/* RFC 2710 3, RFC 3810 5: without it, routers would have to look into every packet */
	if (checks & S64_CHECK_ROUTER_ALERT && !(packet->features & S64_FEATURE_BIT(ROUTER_ALERT)))
		return S64_REASON_NO_ROUTER_ALERT;
	/* RFC 8201 4: no IPv6 link has a smaller MTU (RFC 8200 5) */
	if (checks & S64_CHECK_MTU) {
		if (p + 8 > data_end)
			return S64_REASON_HEADERS_BEYOND_BUFFER;
		if (s64_load_be32(p + 4) < S64_IPV6_MTU_MIN)
			return S64_REASON_PTB_MTU_BELOW_1280;
	}
	/* Beyond the link, an echo request to a group is an amplifier. RFC 4890 A.5 would let it
	 * pass.
	 */
	if (checks & S64_CHECK_ECHO_MULTICAST && s64_is_multicast(packet->dst_hi) &&
	    (packet->dst_hi >> 48 & 0xf) > 2)
		return S64_REASON_ECHO_MULTICAST;
	if (checks & (S64_CHECK_ND_OPTIONS | S64_CHECK_ND_TARGET))
		return validate_nd(frame, p, data_end, type, packet);
	return S64_REASON_NONE;
}

#endif
