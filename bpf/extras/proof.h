/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 6, only while a rule of detection asks for proof: does this TCP packet complete a handshake whose
 * SYN-ACK went out through this router? (headers/slash64/proof.h)
 */
#ifndef SLASH64_BPF_EXTRAS_PROOF_H
#define SLASH64_BPF_EXTRAS_PROOF_H

#include "../bits.h"
#include "../classify.h"
#include "../link.h"
#include "../maps.h"
#include "../packet.h"

#define S64_TCP_FIN 0x01
#define S64_TCP_RST 0x04

#define S64_ETHERNET_SOURCE 6 /* where the neighbour's address is */

static __always_inline __u32 proof_now(void)
{
	return clock_ticks() >> S64_PROOF_TIME_SHIFT;
}

/* The path that this packet took. */
S64_GLOBAL_FUNCTION __u32 proof_path(s64_frame *frame, __u32 hop_limit)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const struct s64_seed seed = config_seed();
	__u32 vlan = 0;
	__u64 neighbour;

	if (data + S64_ETHERNET_BYTES + S64_VLAN_BYTES > data_end)
		return 0;
	if (is_vlan(s64_load_be16(data + S64_ETHERNET_BYTES - 2)))
		vlan = s64_load_be16(data + S64_ETHERNET_BYTES) & S64_SAMPLE_VLAN;
	neighbour = (__u64)s64_load_be16(data + S64_ETHERNET_SOURCE) << 32 |
		    s64_load_be32(data + S64_ETHERNET_SOURCE + 2);
	return s64_proof_path(neighbour, iface_slot(), vlan, hop_limit, &seed);
}

/* --- proven sources --- */

/* The entry to write: of this source and path; or a free one, one that is no longer valid, or the
 * one proven longest ago.
 */
static __always_inline struct s64_proven *proven_place(struct s64_proven_set *set, __u64 src_key,
						       __u32 path, __u32 now, bool *is_found)
{
	struct s64_proven *place = &set->entry[0];
	__u32 oldest = 0;

	*is_found = false;
	S64_UNROLL
	for (__u32 i = 0; i < S64_PROVEN_SET; i++) {
		struct s64_proven *entry = &set->entry[i];
		__u64 key = S64_READ_ONCE(entry->src_key);
		__u32 age = s64_proven_age(S64_READ_ONCE(entry->last), now);

		if (key == src_key && S64_READ_ONCE(entry->path) == path) {
			*is_found = true;
			return entry;
		}
		/* only half proven: not worth keeping a proven one from its place */
		if (S64_READ_ONCE(entry->handshakes) < S64_PROOF_HANDSHAKES)
			age |= 1U << 30;
		if (!key)
			age = ~0U;
		if (age >= oldest) {
			oldest = age;
			place = entry;
		}
	}
	return place;
}

/* One more handshake of an entry of ours. One long after the last begins anew. */
static __always_inline void proven_again(struct s64_proven *entry, __u32 now)
{
	__u32 handshakes = S64_READ_ONCE(entry->handshakes);
	__u32 kept = handshakes < S64_PROOF_HANDSHAKES ? S64_PROOF_WITHIN : S64_PROOF_KEPT;

	if (s64_proven_age(S64_READ_ONCE(entry->last), now) > kept) {
		S64_WRITE_ONCE(entry->handshakes, 0);
		S64_WRITE_ONCE(entry->since, now);
		handshakes = 0;
	}
	S64_WRITE_ONCE(entry->last, now);
	if (handshakes != ~0U)
		S64_WRITE_ONCE(entry->handshakes, handshakes + 1);
}

/* The source is cleared first and written last, with barriers between: a reader that sees the same
 * source before and after has seen what belongs to it.
 */
static __always_inline void proven_new(struct s64_proven *entry, __u64 src_key, __u32 path,
				       __u32 now)
{
	opaque(S64_FETCH_AND(&entry->src_key, 0));
	S64_WRITE_ONCE(entry->path, path);
	S64_WRITE_ONCE(entry->handshakes, 1);
	S64_WRITE_ONCE(entry->since, now);
	S64_WRITE_ONCE(entry->last, now);
	opaque(S64_FETCH_OR(&entry->src_key, src_key));
}

S64_GLOBAL_FUNCTION int proven_add(__u64 src_key, __u32 path, __u32 now)
{
	const struct s64_seed seed = config_seed();
	struct s64_proven_set *set = proven_set_at(s64_proven_set_of(src_key, &seed));
	struct s64_proven *entry;
	bool is_found;

	if (!set || S64_CAS(&set->control, 0, 1) != 0)
		return 0;
	entry = proven_place(set, src_key, path, now, &is_found);
	if (is_found)
		proven_again(entry, now);
	else
		proven_new(entry, src_key, path, now);
	opaque(S64_FETCH_AND(&set->control, 0));
	return 0;
}

/* Is the source proven, over this path? */
static __always_inline bool proven_is(__u64 src_key, __u32 path, __u32 now)
{
	const struct s64_seed seed = config_seed();
	const struct s64_proven_set *set = proven_set_at(s64_proven_set_of(src_key, &seed));

	if (!set)
		return false;
	S64_NO_UNROLL /* the stack would grow */
		for (__u32 i = 0; i < S64_PROVEN_SET; i++)
	{
		const struct s64_proven *entry = &set->entry[i];
		struct s64_proven seen;
		__u64 after;

		seen.src_key = S64_READ_ONCE(entry->src_key);
		after = S64_SEEN(seen.src_key);
		if (seen.src_key != src_key)
			continue;
		entry = S64_FOUND(&set->entry[S64_AFTER_WITHIN(i, after, S64_PROVEN_SET)]);
		seen.path = S64_READ_ONCE(entry->path);
		seen.handshakes = S64_READ_ONCE(entry->handshakes);
		seen.last = S64_READ_ONCE(entry->last);
		after = S64_SEEN(seen.path) ^ S64_SEEN(seen.handshakes) ^ S64_SEEN(seen.last);
		entry = S64_FOUND(&set->entry[S64_AFTER_WITHIN(i, after, S64_PROVEN_SET)]);
		if (seen.path == path && s64_proven_is_valid(&seen, now) &&
		    S64_READ_ONCE(entry->src_key) == src_key)
			return true;
	}
	return false;
}

/* --- answers --- */

/* A TCP packet without data directly behind an IPv6 header: all others prove nothing. A note is
 * used up by the first answer, right or wrong. Returns nothing of interest.
 */
S64_GLOBAL_FUNCTION int proof_answer(s64_frame *frame, __u64 src_key, __u32 upper)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *ipv6 = data + masked(upper - S64_IPV6_HEADER_BYTES, S64_OFFSET_MASK);
	const __u8 *tcp = ipv6 + S64_IPV6_HEADER_BYTES;
	const struct s64_seed seed = config_seed();
	struct s64_proof *proof = proof_notes();
	__u32 now, ack;
	__u64 flow, note, *place;

	if (!proof || tcp + S64_TCP_HEADER_BYTES > data_end)
		return 0;
	if ((tcp[13] & (S64_TCP_FIN | S64_TCP_SYN | S64_TCP_RST | S64_TCP_ACK)) != S64_TCP_ACK)
		return 0;
	/* with data it is not the last packet of a handshake, but most of a connection */
	if (s64_load_be16(ipv6 + 4) != (tcp[12] >> 4) * 4)
		return 0;
	flow = s64_proof_flow(S64_LOAD(__u64, ipv6 + 8), S64_LOAD(__u64, ipv6 + 16),
			      S64_LOAD(__u64, ipv6 + 24), S64_LOAD(__u64, ipv6 + 32),
			      S64_LOAD(__u16, tcp), S64_LOAD(__u16, tcp + 2), &seed);
	place = &proof->note[s64_proof_slot(flow) & (S64_PROOF_NOTES - 1)];
	note = S64_READ_ONCE(*place);
	if (S64_LIKELY(note >> 48 != s64_proof_tag(flow)) || !note)
		return 0;
	now = proof_now();
	if (s64_proof_age(note, now) > S64_PROOF_ANSWER || S64_CAS(place, note, 0) != note)
		return 0;
	ack = s64_load_be32(tcp + 8);
	if ((__u32)note == s64_proof_number(flow, ack))
		proven_add(src_key, proof_path(frame, ipv6[7]), now);
	return 0;
}

#endif
