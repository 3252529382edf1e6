/* SPDX-License-Identifier: GPL-2.0-only */
/* The fast path for plain packets, which nearly all are: TCP or UDP directly behind IPv6 directly
 * behind Ethernet, in one buffer, from a source that no rule names. It has the steps of verdict.h,
 * in the same order and with the same results; everything else is left to the slow path. A new step
 * must be added here too, or must make a packet not plain (test_differential.c compares the two).
 */
#ifndef SLASH64_BPF_PLAIN_H
#define SLASH64_BPF_PLAIN_H

#include "verdict.h"

#define S64_PLAIN_UPPER (S64_ETHERNET_BYTES + S64_IPV6_HEADER_BYTES)

struct s64_plain {
	__u64 site;
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
static __always_inline __u8 judge_plain_block(struct s64_memory *memory, __u64 site, bool goes_on)
{
	struct block_found found = {.info = S64_BLOCK_NONE};

	if (!skips(BLOCKS))
		found = block_lookup(memory, site);
	if (S64_UNLIKELY(found.info > 0) || (found.info == S64_BLOCK_NONE && !goes_on))
		return S64_REASON_NONE;
	block_remember(memory, &found);
	return found.info == 0 ? S64_REASON_BLOCKED : S64_REASON_POLICY;
}

/* The class does not simply pass. If it is limited, prefetch the limiter's bucket before the
 * blocklist is searched, so that both cache lines arrive together; but not if nearly everything is
 * blocked.
 */
static __always_inline __u8 judge_plain_limited(struct s64_memory *memory,
						const struct s64_plain *plain, bool limited)
{
	__u64 wide = s64_site_wider(plain->site, plain->site);
	struct limit_place place;
	__u8 reason;
	__u32 left;

	if (S64_UNLIKELY(!limited || blocks_mostly(memory))) {
		reason = judge_plain_block(memory, plain->site, limited);
		if (reason != S64_REASON_POLICY || skips(POLICY) || skips(LIMIT))
			return reason;
		return limit_charge(plain->site, wide, plain->class);
	}
	if (!limit_find(&place, plain->site, wide, plain->class))
		return S64_REASON_NONE;
	reason = judge_plain_block(memory, plain->site, true);
	if (reason != S64_REASON_POLICY || skips(POLICY) || skips(LIMIT))
		return reason;
	reason = limit_charge_found(&place, &left);
	return reason == S64_REASON_NONE ? limit_search(plain->site, wide, plain->class, left) :
					   reason;
}

/* S64_REASON_NONE: the packet must take the slow path, and nothing has been changed. */
static __always_inline __u8 judge_plain(s64_frame *frame, const struct s64_iface_policy *policy,
					struct s64_memory *memory, struct s64_plain *plain)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *gate = gate_table();
	__u16 actions;

	plain->class = classify_plain(data, data_end);
	if (plain->class == S64_CLASS_MALFORMED || !gate ||
	    S64_UNLIKELY(last_step() != S64_STEP_ALL))
		return S64_REASON_NONE;
	/* opaque: the compiler would swap two bytes of the looked-up value, which Linux 6.1 takes
	 * for an unknown number
	 */
	plain->site = opaque(s64_load_be64(data + S64_ETHERNET_BYTES + 8));
	if (S64_READ_ONCE(gate[plain->site >> 48]))
		return S64_REASON_NONE;
	actions = S64_READ_ONCE(*(const __u16 *)policy->action[plain->class & (S64_CLASS_MAX - 1)]);
	if (S64_LIKELY(!actions))
		return judge_plain_block(memory, plain->site, true);
	return judge_plain_limited(memory, plain, actions == S64_ACTIONS_LIMIT);
}

/* Fills in what the slow path would have, for sampling and replay. */
static __always_inline void packet_of_plain(struct s64_packet *packet, const s64_frame *frame,
					    const struct s64_plain *plain)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *ipv6 = data + S64_ETHERNET_BYTES;

	if (ipv6 + S64_IPV6_HEADER_BYTES > data_end)
		return;
	packet->src_hi = packet->site = plain->site;
	packet->src_lo = s64_load_be64(ipv6 + 16);
	packet->class = plain->class;
	packet->next_header = ipv6[6];
}

#endif
