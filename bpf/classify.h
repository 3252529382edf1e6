/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 2: packet to class. The upper layer decides; the extension headers are in packet->features.
 */
#ifndef SLASH64_BPF_CLASSIFY_H
#define SLASH64_BPF_CLASSIFY_H

#include "ext_headers.h"
#include "maps.h"

#define S64_TCP_SYN 0x02
#define S64_TCP_ACK 0x10

/* The class of the code's range; see struct s64_icmpv6_type. */
static __always_inline __u8 icmpv6_class(const struct s64_icmpv6_type *type, __u8 code)
{
	S64_UNROLL
	for (int i = 0; i < S64_ICMPV6_RANGES - 1; i++)
		if (code <= type->code_last[i])
			return type->class[i];
	return type->class[S64_ICMPV6_RANGES - 1];
}

static __always_inline __u8 classify_tcp(__u8 flags)
{
	return (flags & (S64_TCP_SYN | S64_TCP_ACK)) == S64_TCP_SYN ? S64_CLASS_TCP_SYN :
								      S64_CLASS_TCP;
}

/* After parse(). */
static __always_inline __u8 classify(const struct s64_packet *packet)
{
	const struct s64_icmpv6_type *type;

	if (S64_UNLIKELY(packet->non_first_fragment))
		return S64_CLASS_FRAGMENT_NON_FIRST;
	if (S64_LIKELY(packet->next_header == S64_PROTO_TCP))
		return classify_tcp(packet->tcp_flags);
	if (S64_LIKELY(packet->next_header == S64_PROTO_UDP))
		return S64_CLASS_UDP;
	switch (packet->next_header) {
	case S64_PROTO_ICMPV6:
		type = icmpv6_type_at(packet->icmpv6_type);
		return type ? icmpv6_class(type, packet->icmpv6_code) : S64_CLASS_UNASSIGNED_ERROR;
	case S64_PROTO_IPV4:
		return S64_CLASS_IPV4_TUNNEL;
	case S64_PROTO_IPV6:
		return S64_CLASS_IPV6_TUNNEL;
	case S64_PROTO_GRE:
		return S64_CLASS_GRE;
	case S64_PROTO_ESP:
		return S64_CLASS_ESP;
	case S64_PROTO_NO_NEXT:
		return S64_CLASS_NO_NEXT_HEADER;
	case S64_PROTO_EXPERIMENT_1:
	case S64_PROTO_EXPERIMENT_2:
		return S64_CLASS_EXPERIMENTAL_HEADER;
	}
	return packet->next_header >= S64_PROTO_UNASSIGNED ? S64_CLASS_UNKNOWN_HEADER :
							     S64_CLASS_OTHER;
}

static __always_inline bool class_is_icmpv6(__u8 class)
{
	return class >= S64_CLASS_DESTINATION_UNREACHABLE && class <= S64_CLASS_RESERVED_INFO;
}

#endif
