/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 6, only while detection suspects somebody: counts every packet of the suspected prefixes
 * (headers/slash64/exact.h).
 */
#ifndef SLASH64_BPF_EXTRAS_EXACT_H
#define SLASH64_BPF_EXTRAS_EXACT_H

#include "../bits.h"
#include "../maps.h"
#include "../packet.h"
#include "proof.h"
#include "../verdict.h"

/* What a packet is, in one word: a global function takes five arguments. */
#define EXACT_WHAT(class, reason, hop_limit, proof) \
	((class) | (__u32)(reason) << 8 | (__u32)(hop_limit) << 16 | (__u32)(proof) << 24)
#define EXACT_CLASS(what)     ((what)&0xff)
#define EXACT_REASON(what)    ((what) >> 8 & 0xff)
#define EXACT_HOP_LIMIT(what) ((what) >> 16 & 0xff)
#define EXACT_PROOF(what)     ((what) >> 24)

static __always_inline bool reason_is_listed(__u32 reason)
{
	return reason == S64_REASON_BLOCKED || reason == S64_REASON_BLOCKED_PREFIX ||
	       reason == S64_REASON_THROTTLED;
}

/* A CPU processes one packet at a time, so plain additions suffice. */
static __always_inline void exact_add(struct s64_exact *exact, bool is_asked, __u32 what,
				      __u32 length, bool is_proven)
{
	__u32 reason = EXACT_REASON(what);

	exact->all_packets++;
	if (!is_asked)
		return;
	exact->packets++;
	exact->bytes += length;
	exact->syn += EXACT_CLASS(what) == S64_CLASS_TCP_SYN;
	exact->proven += !!is_proven;
	if (reason_is_listed(reason))
		exact->blocked++;
	else
		exact->dropped += reason_drops(reason);
}

/* Is it proven? Beside exact_count_at() and not in it: Linux 6.1 adds up the stacks of all functions
 * that call each other, to at most 512 bytes.
 */
S64_GLOBAL_FUNCTION int exact_is_proven(s64_frame *frame, __u64 src_key, __u32 hop_limit)
{
	return proven_is(src_key, proof_path(frame, hop_limit), proof_now());
}

/* Counts it wherever it is counted at one level. */
S64_GLOBAL_FUNCTION int exact_count_at(__u64 id, __u32 what, __u32 length, __u32 proven)
{
	const struct s64_exact_asked *wanted = exact_asked();
	struct s64_exact_counts *counts = exact_counts();
	__u32 first = s64_exact_set_of(id) * S64_EXACT_SET;
	const struct s64_exact_set *set;

	if (!wanted || !counts)
		return 0;
	set = &wanted->set[masked(s64_exact_set_of(id), S64_EXACT_SETS - 1)];
	S64_NO_UNROLL
	for (__u32 i = 0; i < S64_EXACT_SET; i++) {
		__u32 slot = masked(i, S64_EXACT_SET - 1);
		bool asked;

		if (S64_READ_ONCE(set->id[slot]) != id)
			continue;
		asked = S64_READ_ONCE(set->classes[slot]) >> masked(EXACT_CLASS(what), 63) & 1;
		exact_add(&counts->slot[masked(first + slot, S64_EXACT_SLOTS - 1)], asked, what,
			  length, proven);
	}
	return 0;
}

/* Returns nothing of interest: every global function returns a number. */
S64_GLOBAL_FUNCTION int exact_count(s64_frame *frame, __u64 src_key, __u64 src_hi, __u32 what,
				    __u32 length)
{
	const struct s64_exact_asked *wanted = exact_asked();
	const struct s64_seed seed = config_seed();
	__u32 levels;

	if (!wanted || !src_key || clock_jiffies() >= S64_READ_ONCE(wanted->until))
		return 0;
	levels = S64_READ_ONCE(wanted->levels);
	S64_NO_UNROLL
	for (__u32 i = 0; i < S64_EXACT_LEVELS; i++) {
		__u32 level = masked(i, S64_EXACT_LEVELS - 1);
		__u64 key, id;

		if (level >= levels)
			break;
		key = s64_level_key(level, S64_READ_ONCE(wanted->first_is_source),
				    S64_READ_ONCE(wanted->mask[level]), src_key, src_hi);
		if (!key)
			continue;
		id = s64_exact_id(level, key, &seed);
		if (S64_READ_ONCE(wanted->filter[s64_exact_filter_word(id)]) &
		    s64_exact_filter_bit(id))
			exact_count_at(id, what, length,
				       EXACT_PROOF(what) && exact_is_proven(frame, src_key,
									    EXACT_HOP_LIMIT(what)));
	}
	return 0;
}

#endif
