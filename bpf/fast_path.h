/* SPDX-License-Identifier: GPL-2.0-only */
/* Steps 1 to 4, the fast path for plain packets, which nearly all are: TCP or UDP directly behind
 * IPv6 directly behind Ethernet, in one buffer, from a source that no rule names. It has the steps
 * of verdict.h, in the same order and with the same results; everything else is left to the slow
 * path. A new step must be added here too, or must make a packet not plain (test_differential.c
 * compares the two).
 */
#ifndef SLASH64_BPF_FAST_PATH_H
#define SLASH64_BPF_FAST_PATH_H

#include "verdict.h"

#define S64_PLAIN_UPPER (S64_ETHERNET_BYTES + S64_IPV6_HEADER_BYTES)

struct s64_plain {
	__u64 src_key;
	__u8 class;
};

/* The class of a plain packet, or S64_CLASS_MALFORMED for any other. */
static __always_inline __u8 classify_plain(const __u8 *data, const __u8 *data_end)
{
	const __u8 *ipv6 = data + S64_ETHERNET_BYTES, *upper = data + S64_PLAIN_UPPER;
	__u32 payload;

	if (upper + S64_UDP_HEADER_BYTES > data_end || !is_plain_ipv6(data, data_end) ||
	    ipv6[0] >> 4 != 6)
		return S64_CLASS_MALFORMED;
	payload = s64_load_be16(ipv6 + 4);
	if (payload + S64_PLAIN_UPPER > (__u32)(data_end - data))
		return S64_CLASS_MALFORMED;
	if (S64_LIKELY(ipv6[6] == S64_PROTO_TCP)) {
		if (payload < S64_TCP_HEADER_BYTES || upper + S64_TCP_HEADER_BYTES > data_end)
			return S64_CLASS_MALFORMED;
		return classify_tcp(upper[13]);
	}
	if (S64_LIKELY(ipv6[6] == S64_PROTO_UDP) && payload >= S64_UDP_HEADER_BYTES)
		return S64_CLASS_UDP;
	return S64_CLASS_MALFORMED;
}

/* Looks the source up in the blocklist. S64_REASON_POLICY to go on; S64_REASON_NONE if the slow
 * path must decide, with nothing changed.
 */
static __always_inline __u8 verdict_plain_block(struct s64_cpu_state *cpu_state, __u64 src_key,
						bool goes_on)
{
	struct block_found found = {.info = S64_BLOCK_NONE};

	if (!skips(BLOCKS))
		found = block_lookup(cpu_state, src_key);
	if (S64_UNLIKELY(found.info > 0) || (found.info == S64_BLOCK_NONE && !goes_on))
		return S64_REASON_NONE;
	block_remember(cpu_state, &found);
	return found.info == 0 ? S64_REASON_BLOCKED : S64_REASON_POLICY;
}

/* The class does not simply pass. If it is limited, prefetch the limiter's bucket before the
 * blocklist is searched, so that both cache lines arrive together; but not if nearly everything is
 * blocked.
 */
static __always_inline __u8 verdict_plain_limited(struct s64_cpu_state *cpu_state,
						  const struct s64_plain *plain, bool limited)
{
	__u64 aggregate = s64_src_key_aggregate(plain->src_key, plain->src_key);
	struct limit_entry entry_at;
	__u8 reason;
	__u32 left;

	if (S64_UNLIKELY(!limited || blocks_mostly(cpu_state))) {
		reason = verdict_plain_block(cpu_state, plain->src_key, limited);
		if (reason != S64_REASON_POLICY || skips(POLICY) || skips(LIMIT))
			return reason;
		return limit_charge(plain->src_key, aggregate, plain->class);
	}
	if (!limit_find(&entry_at, plain->src_key, aggregate, plain->class))
		return S64_REASON_NONE;
	reason = verdict_plain_block(cpu_state, plain->src_key, true);
	if (reason != S64_REASON_POLICY || skips(POLICY) || skips(LIMIT))
		return reason;
	reason = limit_charge_found(&entry_at, &left);
	return reason == S64_REASON_NONE ?
		       limit_search(plain->src_key, aggregate, plain->class, left) :
		       reason;
}

/* S64_REASON_NONE: the packet must take the slow path, and nothing has been changed. */
static __always_inline __u8 verdict_plain(s64_frame *frame, const struct s64_iface_policy *policy,
					  struct s64_cpu_state *cpu_state, struct s64_plain *plain)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *source_index = source_index_table();
	__u16 actions;

	plain->class = classify_plain(data, data_end);
	if (plain->class == S64_CLASS_MALFORMED || !source_index ||
	    S64_UNLIKELY(last_step() != S64_STEP_ALL))
		return S64_REASON_NONE;
	/* opaque: the compiler would swap two bytes of the looked-up value, which Linux 6.1 takes
	 * for an unknown number
	 */
	plain->src_key = opaque(s64_load_be64(data + S64_ETHERNET_BYTES + 8));
	if (S64_READ_ONCE(source_index[plain->src_key >> 48]))
		return S64_REASON_NONE;
	actions = S64_READ_ONCE(*(const __u16 *)policy->action[plain->class & (S64_CLASS_MAX - 1)]);
	if (S64_LIKELY(!actions))
		return verdict_plain_block(cpu_state, plain->src_key, true);
	return verdict_plain_limited(cpu_state, plain, actions == S64_ACTIONS_LIMIT);
}

/* Fills in what the slow path would have, for sampling and replay. */
static __always_inline void packet_of_plain(struct s64_packet *packet, const s64_frame *frame,
					    const struct s64_plain *plain)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *ipv6 = data + S64_ETHERNET_BYTES;

	if (ipv6 + S64_IPV6_HEADER_BYTES > data_end)
		return;
	packet->src_hi = packet->src_key = plain->src_key;
	packet->src_lo = s64_load_be64(ipv6 + 16);
	packet->dst_hi = s64_load_be64(ipv6 + 24);
	packet->dst_lo = s64_load_be64(ipv6 + 32);
	packet->class = plain->class;
	packet->next_header = ipv6[6];
	packet->hop_limit = ipv6[7];
	packet->upper = S64_PLAIN_UPPER;
	packet->end = S64_PLAIN_UPPER + s64_load_be16(ipv6 + 4);
	if (packet->next_header == S64_PROTO_TCP && data + S64_PLAIN_UPPER + 14 <= data_end)
		packet->tcp_flags = data[S64_PLAIN_UPPER + 13];
}

#endif
