/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 1: the walk over the extension headers (RFC 8200 4), with bounds on headers, bytes and
 * options. Each bound, the end of the packet and an impossible order of headers are reasons of their
 * own. No packet passes because the walk gave up.
 */
#ifndef SLASH64_BPF_EXT_HEADERS_H
#define SLASH64_BPF_EXT_HEADERS_H

#include "bits.h"
#include "packet.h"
#include "maps.h"

/* RFC 8504 5.3.1 requires a host to accept any number; real chains have at most 3 */
#define S64_CHAIN_HEADERS 12
/* from the first byte of the frame to the start of a header: behind one of full length */
#define S64_CHAIN_BYTES 2304
/* in one header, including padding; RFC 8504 5.3.2 allows a host to stop at 8 */
#define S64_CHAIN_OPTIONS 32
#define S64_OFFSET_MASK	  0x1fff

/* The smallest offset of a non-first fragment. The first fragment must contain the upper-layer
 * header (RFC 7112 5), of which TCP's is the longest (60 bytes). A fragment that starts earlier
 * overlaps it (RFC 5722).
 */
#define S64_FRAGMENT_OFFSET_MIN 64

_Static_assert(S64_CHAIN_BYTES + 2048 + 64 <= S64_OFFSET_MASK, "offsets stay below the mask");

static __always_inline bool is_extension_header(__u8 type)
{
	switch (type) {
	case S64_PROTO_HOP_BY_HOP:
	case S64_PROTO_ROUTING:
	case S64_PROTO_FRAGMENT:
	case S64_PROTO_AH:
	case S64_PROTO_DESTINATION:
	case S64_PROTO_MOBILITY:
	case S64_PROTO_HIP:
	case S64_PROTO_SHIM6:
		return true;
	}
	return false;
}

/* The result for one header, in one word, because a global function can return no more. */
#define STEP_LENGTH(step)   ((__u32)(0xffff & (step)))
#define STEP_NEXT(step)	    ((__u8)((step) >> 16))
#define STEP_REASON(step)   ((__u8)((step) >> 24))
#define STEP_FEATURES(step) ((__u32)((step) >> 32))
#define STEP_NON_FIRST	    (1U << 31) /* beside the features: a non-first fragment */

_Static_assert(S64_FEATURE_COUNT < 31, "features and STEP_LATER share a word");

static __always_inline __u64 chain_step(__u32 length, __u8 next, __u32 features)
{
	return length | (__u64)next << 16 | (__u64)S64_REASON_NONE << 24 | (__u64)features << 32;
}

static __always_inline __u64 chain_stop(__u8 reason)
{
	return (__u64)reason << 24;
}

/* RFC 8200 4.5, RFC 6946, RFC 7112. The header always has 8 bytes: its second byte is reserved, not
 * a length.
 */
static __always_inline __u64 chain_fragment(const __u8 *p, __u32 off, __u32 end)
{
	__u32 word = s64_load_be16(p + 2);
	__u32 offset = word & 0xfff8;
	bool more = word & 1;
	__u32 length = end - off - S64_FRAGMENT_HEADER_BYTES;

	if (offset == 0 && !more)
		return chain_step(S64_FRAGMENT_HEADER_BYTES, p[0],
				  S64_FEATURE_BIT(FRAGMENT_ATOMIC));
	if (length == 0 || (more && length % 8 != 0))
		return chain_stop(S64_REASON_BAD_FRAGMENT_LENGTH);
	if (offset + length > S64_IPV6_PAYLOAD_BYTES_MAX)
		return chain_stop(S64_REASON_FRAGMENT_OVERFLOW);
	if (offset == 0)
		return chain_step(S64_FRAGMENT_HEADER_BYTES, p[0], S64_FEATURE_BIT(FRAGMENT_FIRST));
	if (offset < S64_FRAGMENT_OFFSET_MIN)
		return chain_stop(S64_REASON_FRAGMENT_OVERLAP);
	return chain_step(S64_FRAGMENT_HEADER_BYTES, p[0], STEP_NON_FIRST);
}

static __always_inline __u32 routing_feature(__u8 routing_type)
{
	switch (routing_type) {
	case 0:
		return S64_FEATURE_BIT(ROUTING_0);
	case 1:
		return S64_FEATURE_BIT(ROUTING_NIMROD);
	case 2:
		return S64_FEATURE_BIT(ROUTING_MOBILE);
	case 3:
		return S64_FEATURE_BIT(ROUTING_RPL);
	case 4:
		return S64_FEATURE_BIT(ROUTING_SEGMENT);
	}
	return S64_FEATURE_BIT(ROUTING_OTHER);
}

/* The options that IANA has assigned ("Destination Options and Hop-by-Hop Options";
 * selftests/data/ipv6-options.tsv has all 256), by what an operator decides about them (RFC 9288
 * 4). Experimental options (RFC 4727) count as unknown. This is a table because the verifier would
 * follow every case of a switch in every round of the loop. An entry is the difference to
 * "unknown", so unassigned options are 0.
 */
#define KNOWN_OPTION(features) ((features) ^ S64_FEATURE_BIT(OPTION_UNKNOWN))

#define OPTION_IS_PAD1 (1U << 31) /* beside the features: the option has no length byte */

static const __u32 known_options[256] = {
	[0x00] = KNOWN_OPTION(0) | OPTION_IS_PAD1,
	[0x01] = KNOWN_OPTION(0), /* PadN */
	[0x04] = KNOWN_OPTION(0), /* tunnel encapsulation limit */
	[0x05] = KNOWN_OPTION(S64_FEATURE_BIT(ROUTER_ALERT)),
	[0x07] = KNOWN_OPTION(S64_FEATURE_BIT(OPTION_RESTRICTED)), /* CALIPSO */
	[0x08] = KNOWN_OPTION(S64_FEATURE_BIT(OPTION_RESTRICTED)), /* SMF_DPD */
	[0x0f] = KNOWN_OPTION(0), /* performance and diagnostic metrics */
	/* IOAM, in limited domains (RFC 9486) */
	[0x11] = KNOWN_OPTION(S64_FEATURE_BIT(OPTION_RESTRICTED)),
	/* alternate marking, in limited domains (RFC 9343) */
	[0x12] = KNOWN_OPTION(S64_FEATURE_BIT(OPTION_RESTRICTED)),
	[0x23] = KNOWN_OPTION(0),				   /* RPL */
	[0x26] = KNOWN_OPTION(0),				   /* quick-start */
	[0x30] = KNOWN_OPTION(0),				   /* minimum path MTU (RFC 9268) */
	[0x31] = KNOWN_OPTION(S64_FEATURE_BIT(OPTION_RESTRICTED)), /* IOAM, mutable on the path */
	[0x4d] = KNOWN_OPTION(S64_FEATURE_BIT(OPTION_DEPRECATED)),
	[0x63] = KNOWN_OPTION(S64_FEATURE_BIT(OPTION_DEPRECATED)), /* RPL, deprecated */
	[0x6d] = KNOWN_OPTION(0),				   /* MPL */
	[0x8a] = KNOWN_OPTION(S64_FEATURE_BIT(OPTION_DEPRECATED)), /* endpoint identification */
	[0x8b] = KNOWN_OPTION(0),				   /* ILNP nonce */
	[0x8c] = KNOWN_OPTION(S64_FEATURE_BIT(OPTION_DEPRECATED)), /* line identification */
	[0xc2] = KNOWN_OPTION(S64_FEATURE_BIT(JUMBO_PAYLOAD)),
	[0xc9] = KNOWN_OPTION(0),				   /* home address */
	[0xee] = KNOWN_OPTION(S64_FEATURE_BIT(OPTION_RESTRICTED)), /* IPv6 DFF */
};

#define S64_OPTION_PAD1	 0x00
#define S64_OPTION_JUMBO 0xc2

#define S64_JUMBO_BYTES_MIN    65536
#define S64_JUMBO_HEADER_BYTES 8 /* a header with this option only */

/* RFC 2675 2 and 3: of length 4, in the hop-by-hop header, for more than 65535 bytes, all of them
 * present. A packet with a payload length has no room for that many.
 */
static __always_inline bool jumbo_valid(const __u8 *option, __u32 room, __u8 type)
{
	__u32 bytes = s64_load_be32(option + 2);

	return type == S64_PROTO_HOP_BY_HOP && option[1] == 4 && bytes >= S64_JUMBO_BYTES_MIN &&
	       bytes <= room;
}

/* The options of a hop-by-hop or destination header (RFC 8200 4.2) of `bytes` at `off`. */
static __always_inline __u64 chain_options(const __u8 *data, const __u8 *data_end, __u32 off,
					   __u32 bytes, __u32 end, __u8 type)
{
	__u32 features = type == S64_PROTO_HOP_BY_HOP ? S64_FEATURE_BIT(HOP_BY_HOP) :
							S64_FEATURE_BIT(DESTINATION_OPTIONS);
	const __u8 *header = data + masked(off, S64_OFFSET_MASK);
	__u32 at = off + 2, last = off + bytes;

	if (header + 2 > data_end)
		return chain_stop(S64_REASON_HEADERS_BEYOND_BUFFER);
	for (int i = 0; i < S64_CHAIN_OPTIONS; i++) {
		const __u8 *p = data + masked(at, S64_OFFSET_MASK);
		__u32 known, step;

		if (at >= last)
			break;
		if (p + 2 > data_end) {
			if (p + 1 > data_end || p[0] != S64_OPTION_PAD1 || at + 1 < last)
				return chain_stop(S64_REASON_HEADERS_BEYOND_BUFFER);
			at = last;
			break;
		}
		/* The length of an option: one byte, or two plus the length field. Branchless,
		 * because the verifier would continue from both sides in every round.
		 */
		known = known_options[p[0]];
		step = 1 + ((1 + p[1]) & ((known >> 31) - 1));
		if (at + step > last)
			return chain_stop(S64_REASON_BAD_OPTION);
		features |= (known ^ S64_FEATURE_BIT(OPTION_UNKNOWN)) & ~OPTION_IS_PAD1;
		if (p[0] == S64_OPTION_JUMBO) {
			if (p + 6 > data_end)
				return chain_stop(S64_REASON_HEADERS_BEYOND_BUFFER);
			if (!jumbo_valid(p, end - off, type))
				return chain_stop(S64_REASON_BAD_JUMBO);
		}
		at += step;
	}
	if (at < last)
		return chain_stop(S64_REASON_TOO_MANY_OPTIONS);
	/* RFC 2711 2.1: a router alert is defined for the hop-by-hop header only */
	if (type != S64_PROTO_HOP_BY_HOP && features & S64_FEATURE_BIT(ROUTER_ALERT))
		features = (features & ~S64_FEATURE_BIT(ROUTER_ALERT)) |
			   S64_FEATURE_BIT(OPTION_UNKNOWN);
	/* The kernel adds this header to TCP of more than 65535 bytes that is not segmented yet. No
	 * frame on a link is that long.
	 */
	if (features & S64_FEATURE_BIT(JUMBO_PAYLOAD) && bytes == S64_JUMBO_HEADER_BYTES &&
	    header[0] == S64_PROTO_TCP)
		features = S64_FEATURE_BIT(JUMBO_PAYLOAD);
	return chain_step(bytes, header[0], features);
}

/* One extension header of `type` at `off`, in a packet that ends at `end`. */
S64_GLOBAL_FUNCTION __u64 chain_header(s64_frame *frame, __u32 off, __u32 end, __u32 type)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *p = data + masked(off, S64_OFFSET_MASK);
	__u32 length;

	/* The shortest extension header has 8 bytes. */
	if (off + 8 > end)
		return chain_stop(S64_REASON_TRUNCATED_CHAIN);
	if (p + 8 > data_end)
		return chain_stop(S64_REASON_HEADERS_BEYOND_BUFFER);

	if (type == S64_PROTO_FRAGMENT)
		return chain_fragment(p, off, end);

	if (type == S64_PROTO_AH) {
		/* RFC 4302 2.2: in units of 4 bytes, minus 2; the fixed fields have 12 bytes */
		length = (p[1] + 2) * 4;
		if (length < 12)
			return chain_stop(S64_REASON_BAD_AH_LENGTH);
	} else {
		length = (p[1] + 1) * 8;
	}
	if (off + length > end)
		return chain_stop(S64_REASON_TRUNCATED_CHAIN);

	switch (type) {
	case S64_PROTO_HOP_BY_HOP:
	case S64_PROTO_DESTINATION:
		return chain_options(data, data_end, off, length, end, type);
	case S64_PROTO_ROUTING:
		/* RFC 8200 4.4; a header with no segments left is ignored, whatever its type */
		return chain_step(length, p[0], routing_feature(p[2]));
	case S64_PROTO_AH:
		return chain_step(length, p[0], S64_FEATURE_BIT(AH));
	case S64_PROTO_MOBILITY:
		return chain_step(length, p[0], S64_FEATURE_BIT(MOBILITY));
	case S64_PROTO_HIP:
		return chain_step(length, p[0], S64_FEATURE_BIT(HIP));
	}
	return chain_step(length, p[0], S64_FEATURE_BIT(SHIM6));
}

#define S64_FRAGMENT_FEATURES (S64_FEATURE_BIT(FRAGMENT_FIRST) | S64_FEATURE_BIT(FRAGMENT_ATOMIC))

/* From the IPv6 header to the upper layer. Sets packet->next_header and packet->upper to what
 * follows the extension headers, and packet->features to what they contained.
 */
static __always_inline __u8 walk_chain(s64_frame *frame, struct s64_packet *packet)
{
	__u32 off = packet->upper, features = 0;
	__u8 type = packet->next_header;

	for (int i = 0; i < S64_CHAIN_HEADERS && is_extension_header(type); i++) {
		__u64 step;

		if (type == S64_PROTO_HOP_BY_HOP && i > 0)
			return S64_REASON_BAD_HEADER_ORDER;
		if (type == S64_PROTO_FRAGMENT && features & S64_FRAGMENT_FEATURES)
			return S64_REASON_BAD_HEADER_ORDER;
		/* RFC 2675 3: a jumbogram cannot be fragmented */
		if (type == S64_PROTO_FRAGMENT && features & S64_FEATURE_BIT(JUMBO_PAYLOAD))
			return S64_REASON_BAD_JUMBO;
		if (off > S64_CHAIN_BYTES)
			return S64_REASON_CHAIN_TOO_LONG;
		step = chain_header(frame, off, packet->end, type);
		if (STEP_REASON(step) != S64_REASON_NONE) {
			if (STEP_REASON(step) == S64_REASON_TRUNCATED_CHAIN &&
			    features & S64_FEATURE_BIT(FRAGMENT_FIRST))
				return S64_REASON_FRAGMENT_WITHOUT_HEADERS;
			return STEP_REASON(step);
		}
		features |= STEP_FEATURES(step);
		off += STEP_LENGTH(step);
		type = STEP_NEXT(step);
		if (features & STEP_NON_FIRST)
			break;
	}
	packet->non_first_fragment = features & STEP_NON_FIRST;
	packet->features = features & ~STEP_NON_FIRST;
	packet->upper = off;
	packet->next_header = type;
	/* A payload length of 0 without a jumbo option: the packet has no bytes for extension
	 * headers.
	 */
	if (packet->zero_payload && !(features & S64_FEATURE_BIT(JUMBO_PAYLOAD)))
		return S64_REASON_TRUNCATED_CHAIN;
	if (!packet->non_first_fragment && is_extension_header(type))
		return S64_REASON_CHAIN_TOO_LONG;
	return S64_REASON_NONE;
}

#endif
