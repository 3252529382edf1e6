/* SPDX-License-Identifier: GPL-2.0-only */
/* The parsed packet, and the frame that the steps work on. */
#ifndef SLASH64_BPF_PACKET_H
#define SLASH64_BPF_PACKET_H

#include <slash64/classes.h>
#include <slash64/reasons.h>

/* Protocol numbers (IANA). */
enum s64_protocol {
	S64_PROTO_HOP_BY_HOP = 0,
	S64_PROTO_IPV4 = 4,
	S64_PROTO_TCP = 6,
	S64_PROTO_UDP = 17,
	S64_PROTO_DCCP = 33,
	S64_PROTO_IPV6 = 41,
	S64_PROTO_ROUTING = 43,
	S64_PROTO_FRAGMENT = 44,
	S64_PROTO_RSVP = 46,
	S64_PROTO_GRE = 47,
	S64_PROTO_ESP = 50,
	S64_PROTO_AH = 51,
	S64_PROTO_ICMPV6 = 58,
	S64_PROTO_NO_NEXT = 59,
	S64_PROTO_DESTINATION = 60,
	S64_PROTO_SCTP = 132,
	S64_PROTO_MOBILITY = 135,
	S64_PROTO_UDPLITE = 136,
	S64_PROTO_HIP = 139,
	S64_PROTO_SHIM6 = 140,
	S64_PROTO_UNASSIGNED = 148, /* the first one that IANA has not assigned */
	S64_PROTO_EXPERIMENT_1 = 253,
	S64_PROTO_EXPERIMENT_2 = 254,
};

#define S64_IPV4_HEADER_BYTES	   20
#define S64_IPV6_HEADER_BYTES	   40
#define S64_FRAGMENT_HEADER_BYTES  8
#define S64_ICMPV6_HEADER_BYTES	   4
#define S64_TCP_HEADER_BYTES	   20
#define S64_UDP_HEADER_BYTES	   8
#define S64_IPV6_PAYLOAD_BYTES_MAX 65535

/* A packet as far as it has been parsed. Offsets count from the first byte of the frame. */
struct s64_packet {
	__u64 src_hi, src_lo; /* host order */
	__u64 dst_hi, dst_lo;
	__u64 src_key;
	__u32 upper; /* start of the upper-layer header; after the walk, the first byte behind the extension headers; for IPv4, its start */
	__u32 end;   /* first byte behind the IPv6 payload, from the payload length */
	__u32 features; /* S64_FEATURE_BIT() */
	__u32 length;	/* bytes of the frame, as counted */
	/* identifies the link on the interface: its first two VLANs and its PPPoE session; 0 for
	 * none
	 */
	__u32 link;
	__u8 next_header;
	__u8 hop_limit;
	__u8 class;	    /* enum s64_class */
	__u8 source_flags;  /* enum s64_source_index_flag: which rules may name this source */
	__u8 source_length; /* a longer prefix is a part of the source */
	__u8 icmpv6_type;   /* both for ICMPv6 only */
	__u8 icmpv6_code;
	__u8 tcp_flags; /* for TCP only */
	/* the source is a bogon, and passes because the interface only counts bogons */
	bool bogon;
	bool non_first_fragment; /* a non-first fragment: no header follows the extension headers */
	/* payload length 0 before a hop-by-hop header: a jumbogram, or empty */
	bool zero_payload;
};

/* Keeps the object in memory: for the compiler, anybody may read it here. */
#define keep_in_memory(p) asm volatile("" : : "r"(p) : "memory")

/* The frame: the kernel's context, or a stand-in in the native build. */
#ifdef __bpf__
typedef struct xdp_md s64_frame;

static __always_inline const __u8 *frame_data(const s64_frame *frame)
{
	return (const __u8 *)(long)frame->data;
}

static __always_inline const __u8 *frame_end(const s64_frame *frame)
{
	return (const __u8 *)(long)frame->data_end;
}

/* The verifier checks a global function once, independent of its callers. */
#define S64_GLOBAL_FUNCTION __attribute__((noinline))
#else
typedef struct s64_frame {
	const __u8 *data, *data_end;
	__u32 wire_length; /* the length on the wire, if data is cut short */
} s64_frame;

static inline const __u8 *frame_data(const s64_frame *frame)
{
	return frame->data;
}

static inline const __u8 *frame_end(const s64_frame *frame)
{
	return frame->data_end;
}

#define S64_GLOBAL_FUNCTION static inline
#endif

#endif
