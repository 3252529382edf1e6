/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 5: what a sample tells of a packet. Runs for sampled packets only, so it may read the frame
 * again for what the verdict did not need.
 */
#ifndef SLASH64_BPF_SAMPLE_H
#define SLASH64_BPF_SAMPLE_H

#include "bits.h"
#include "ext_headers.h"
#include "link.h"
#include "maps.h"
#include "packet.h"
#include "verdict.h"

#define S64_PORTS_BYTES 4

/* The protocols whose header begins with the two ports. */
static __always_inline bool has_ports(__u32 protocol)
{
	return protocol == S64_PROTO_TCP || protocol == S64_PROTO_UDP ||
	       protocol == S64_PROTO_DCCP || protocol == S64_PROTO_SCTP ||
	       protocol == S64_PROTO_UDPLITE;
}

/* The ports, source first, and S64_SAMPLE_UPPER above them; 0 if they are not in the buffer. A
 * global function, which the verifier checks once and not for each way that leads to it.
 */
S64_GLOBAL_FUNCTION __u64 sample_ports(s64_frame *frame, __u32 upper)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *p = data + masked(upper, S64_OFFSET_MASK);

	if (p + S64_PORTS_BYTES > data_end)
		return 0;
	return (__u64)S64_SAMPLE_UPPER << 32 | s64_load_be32(p);
}

/* The outer VLAN, as switches count them: one tag with VLAN 0 may stand before it. */
S64_GLOBAL_FUNCTION __u32 sample_vlan(s64_frame *frame)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *p = data + S64_ETHERNET_BYTES - 2;

	for (int i = 0; i < 2; i++, p += S64_VLAN_BYTES) {
		if (p + S64_VLAN_BYTES > data_end || !is_vlan(s64_load_be16(p)))
			return 0;
		if (s64_load_be16(p + 2) & S64_SAMPLE_VLAN)
			return s64_load_be16(p + 2) & S64_SAMPLE_VLAN;
	}
	return 0;
}

/* Of a valid IPv4 header (verdict_other() checked it): destination, protocol, TTL, and the offset
 * of what follows, from the highest bits down; that offset is 0 for a later fragment.
 */
S64_GLOBAL_FUNCTION __u64 sample_ipv4(s64_frame *frame, __u32 off)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *p = data + masked(off, S64_LINK_OFFSET_MASK);
	__u32 upper = off + (p + 1 <= data_end ? (p[0] & 0xf) * 4 : 0);

	if (p + S64_IPV4_HEADER_BYTES > data_end)
		return 0;
	if (s64_load_be16(p + 6) & 0x1fff) /* the fragment's offset */
		upper = 0;
	return (__u64)s64_load_be32(p + 16) << 32 | (__u32)p[9] << 24 | (__u32)p[8] << 16 | upper;
}

/* Marks a drop that was only counted. */
static __always_inline __u8 sampled_reason(__u8 reason, bool passes)
{
	return passes && reason_drops(reason) ? reason | S64_SAMPLE_MONITORED : reason;
}

/* What an IPv6 packet is to whom. Without its header, which sets `end`, nothing of it is known. */
static __always_inline void sample_ipv6(const struct s64_packet *packet, struct s64_sample *sample)
{
	sample->dst_hi = packet->dst_hi;
	sample->dst_lo = packet->dst_lo;
	sample->protocol = packet->next_header;
	sample->hop_limit = packet->hop_limit;
	sample->icmpv6_type = packet->icmpv6_type;
	sample->icmpv6_code = packet->icmpv6_code;
	sample->tcp_flags = packet->tcp_flags;
	sample->link |= S64_SAMPLE_NETWORK;
}

/* Everything but the weight. */
static __always_inline void sample_describe(s64_frame *frame, const struct s64_packet *packet,
					    __u8 reason, __u32 tick, struct s64_sample *sample)
{
	__u32 upper = packet->non_first_fragment ? 0 : packet->upper;
	__u64 found = 0;

	*sample = (struct s64_sample){
		.src_key = packet->src_key,
		.src_hi = packet->src_hi,
		.src_lo = packet->src_lo,
		.tick = tick,
		.length = packet->length > 0xffff ? 0xffff : packet->length,
		.link = sample_vlan(frame),
		.iface_slot = iface_slot(),
		.class = packet->class,
		.reason = reason,
	};
	if (packet->end) {
		sample_ipv6(packet, sample);
	} else if (packet->class == S64_CLASS_IPV4) {
		found = sample_ipv4(frame, packet->upper);
		sample->dst_lo = 0xffffULL << 32 | found >> 32;
		sample->protocol = found >> 24;
		sample->hop_limit = found >> 16;
		sample->link |= S64_SAMPLE_NETWORK;
		upper = (__u16)found;
	} else {
		upper = 0;
	}
	if (!upper)
		return;
	if (has_ports(sample->protocol))
		found = sample_ports(frame, upper);
	else if (sample->protocol == S64_PROTO_ICMPV6 && packet->class != S64_CLASS_MALFORMED)
		found = (__u64)S64_SAMPLE_UPPER << 32;
	else
		return;
	sample->src_port = found >> 16;
	sample->dst_port = found;
	sample->link |= found >> 32;
}

static __always_inline void sample_put(__u32 cpu, const struct s64_sample *sample)
{
	struct s64_samples *samples = samples_of(cpu);
	__u64 head;

	if (!samples)
		return;
	head = samples->head;
	if (S64_MISTAKE(SAMPLE_HEAD))
		S64_WRITE_ONCE(samples->head, head + 1);
	S64_PUT(&samples->slot[masked(head, S64_SAMPLE_SLOTS - 1)], sample, sizeof(*sample));
	/* The slot is written before the head that covers it, and the head before the next slot, so
	 * a reader that was overtaken notices by the head. On weakly ordered CPUs, an atomic
	 * operation that returns a value is a barrier for both.
	 */
	if (S64_MISTAKE(SAMPLE_HEAD))
		return;
	if (S64_MEMORY_IS_IN_ORDER || S64_MISTAKE(SAMPLE_ORDER))
		S64_WRITE_ONCE(samples->head, head + 1);
	else
		opaque(S64_FETCH_ADD(&samples->head, 1));
}

/* A global function, which the verifier checks once. Returns nothing of interest: each of them
 * returns a number.
 */
S64_GLOBAL_FUNCTION int report(s64_frame *frame, const struct s64_packet *packet, __u32 reason,
			       __u32 weight)
{
	__u32 cpu = this_cpu();
	const struct s64_counters *counters = counters_of(cpu);
	struct s64_sample sample;

	if (!packet || !counters)
		return 0;
	sample_describe(frame, packet, reason, counters->cpu_state.tick, &sample);
	sample.weight = weight;
	sample_put(cpu, &sample);
	return 0;
}

#endif
