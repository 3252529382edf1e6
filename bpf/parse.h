/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 1: bytes to struct s64_packet. Finds the IPv6 header behind the link headers (link.h) and
 * walks the extension headers (ext_headers.h).
 *
 * Each function returns S64_REASON_NONE to go on, or the reason why the packet ends here.
 */
#ifndef SLASH64_BPF_PARSE_H
#define SLASH64_BPF_PARSE_H

#include "ext_headers.h"
#include "link.h"
#include "packet.h"

/* A payload length of 0: the length of the frame counts. A jumbogram (RFC 2675 3) has its length in
 * an option, which the walk requires. Until Linux 6.19 the kernel's own packets of more than 65535
 * bytes, not yet segmented, had that option; since then they have none. No frame on a link is that
 * long.
 */
static __always_inline bool parse_zero_payload(s64_frame *frame, const __u8 *data,
					       const __u8 *data_end, struct s64_packet *packet)
{
	__u32 length = frame_wire_length(frame, data, data_end);

	packet->zero_payload = packet->next_header == S64_PROTO_HOP_BY_HOP;
	if (!packet->zero_payload && length <= packet->upper + S64_IPV6_PAYLOAD_BYTES_MAX)
		return false;
	packet->end = length;
	return true;
}

/* The IPv6 header (RFC 8200 3) at `off`. `room` limits its length from outside (PPPoE). The frame
 * may be longer than the packet, which is padding (an Ethernet frame has at least 60 bytes), but
 * not shorter.
 */
static __always_inline __u8 parse_ipv6(s64_frame *frame, const __u8 *data, const __u8 *data_end,
				       __u32 off, __u32 room, struct s64_packet *packet)
{
	const __u8 *p = data + masked(off, S64_LINK_OFFSET_MASK);
	__u32 payload;

	if (p + 1 > data_end || room < S64_IPV6_HEADER_BYTES)
		return S64_REASON_TRUNCATED_IPV6;
	if (p[0] >> 4 != 6)
		return S64_REASON_BAD_VERSION;
	if (p + S64_IPV6_HEADER_BYTES > data_end)
		return S64_REASON_TRUNCATED_IPV6;

	payload = s64_load_be16(p + 4);
	packet->next_header = p[6];
	packet->hop_limit = p[7];
	packet->src_hi = s64_load_be64(p + 8);
	packet->src_lo = s64_load_be64(p + 16);
	packet->dst_hi = s64_load_be64(p + 24);
	packet->dst_lo = s64_load_be64(p + 32);
	packet->upper = off + S64_IPV6_HEADER_BYTES;
	packet->end = packet->upper + payload;

	if (S64_UNLIKELY(payload == 0) && parse_zero_payload(frame, data, data_end, packet))
		return S64_REASON_NONE;
	if (S64_UNLIKELY(room != LINK_NO_ROOM && payload + S64_IPV6_HEADER_BYTES > room))
		return S64_REASON_TRUNCATED_PAYLOAD;
	if (S64_UNLIKELY(packet->end > (__u32)(data_end - data)) &&
	    packet->end > frame_wire_length(frame, data, data_end))
		return S64_REASON_TRUNCATED_PAYLOAD;
	return S64_REASON_NONE;
}

/* The upper-layer header at `upper` must be complete. Notes the fields that decide the class. */
static __always_inline __u8 parse_upper(const __u8 *data, const __u8 *data_end, __u32 upper,
					struct s64_packet *packet)
{
	const __u8 *p = data + masked(upper, S64_OFFSET_MASK);
	__u32 needed = packet->next_header == S64_PROTO_TCP ? S64_TCP_HEADER_BYTES :
		       packet->next_header == S64_PROTO_UDP ? S64_UDP_HEADER_BYTES :
							      S64_ICMPV6_HEADER_BYTES;

	if (S64_UNLIKELY(upper + needed > packet->end))
		return packet->features & S64_FEATURE_BIT(FRAGMENT_FIRST) ?
			       S64_REASON_FRAGMENT_WITHOUT_HEADERS :
			       S64_REASON_TRUNCATED_UPPER;
	switch (packet->next_header) {
	case S64_PROTO_TCP:
		if (S64_UNLIKELY(p + S64_TCP_HEADER_BYTES > data_end))
			return S64_REASON_HEADERS_BEYOND_BUFFER;
		packet->tcp_flags = p[13];
		break;
	case S64_PROTO_UDP:
		if (S64_UNLIKELY(p + S64_UDP_HEADER_BYTES > data_end))
			return S64_REASON_HEADERS_BEYOND_BUFFER;
		break;
	default:
		if (S64_UNLIKELY(p + S64_ICMPV6_HEADER_BYTES > data_end))
			return S64_REASON_HEADERS_BEYOND_BUFFER;
		packet->icmpv6_type = p[0];
		packet->icmpv6_code = p[1];
	}
	return S64_REASON_NONE;
}

/* Nearly every packet. Tested first, so that it is not compared with every extension header. */
static __always_inline bool is_common_upper(__u8 next_header)
{
	return S64_LIKELY(next_header == S64_PROTO_TCP || next_header == S64_PROTO_UDP ||
			  next_header == S64_PROTO_ICMPV6);
}

/* IPv6 at `off`, with all its headers. */
static __always_inline __u8 parse_packet(s64_frame *frame, const __u8 *data, const __u8 *data_end,
					 __u32 off, __u32 room, struct s64_packet *packet)
{
	__u8 reason = parse_ipv6(frame, data, data_end, off, room, packet);

	if (reason != S64_REASON_NONE)
		return reason;
	if (is_common_upper(packet->next_header))
		return parse_upper(data, data_end, off + S64_IPV6_HEADER_BYTES, packet);
	if (!skips(CHAIN) && S64_UNLIKELY(is_extension_header(packet->next_header)))
		reason = walk_chain(frame, packet);
	if (reason != S64_REASON_NONE || packet->non_first_fragment ||
	    !is_common_upper(packet->next_header))
		return reason;
	return parse_upper(data, data_end, packet->upper, packet);
}

/* Behind tags and sessions. Kept apart from the common case, whose offset is a constant. */
static __always_inline __u8 parse_link(s64_frame *frame, const __u8 *data, const __u8 *data_end,
				       struct s64_packet *packet)
{
	__u64 link = link_walk(frame);

	if (LINK_REASON(link) != S64_REASON_NONE) {
		packet->upper = LINK_OFFSET(link);
		return LINK_REASON(link);
	}
	packet->link = LINK_WHICH(link);
	return parse_packet(frame, data, data_end, LINK_OFFSET(link), LINK_ROOM(link), packet);
}

static __always_inline __u8 parse(s64_frame *frame, struct s64_packet *packet)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);

	if (S64_LIKELY(is_plain_ipv6(data, data_end)))
		return parse_packet(frame, data, data_end, S64_ETHERNET_BYTES, LINK_NO_ROOM,
				    packet);
	return parse_link(frame, data, data_end, packet);
}

#endif
