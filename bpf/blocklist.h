/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 4: is the source blocked, throttled or allowed? Clean traffic reads one word of the Bloom
 * filter. A blocked source costs one bucket more, seldom two; if nearly everything is blocked, a
 * fingerprint in the block cache may do. Prefixes of other lengths are searched only if the source
 * index announces some, or if the source is marked as having listed parts.
 */
#ifndef SLASH64_BPF_BLOCKLIST_H
#define SLASH64_BPF_BLOCKLIST_H

#include <slash64/bucket_hash.h>

#include "bits.h"
#include "rate_limit.h"
#include "maps.h"

#define S64_BLOCK_NONE (-1)

/* The info of the key found in a slot, by a load that `seen` depends on. False if the key has been
 * moved meanwhile and the info belongs to another key.
 */
static __always_inline bool bucket_info(const struct s64_bucket *bucket, __u64 slot, __u64 key,
					__u64 seen, __u8 *info)
{
	slot = opaque(slot);
	/* The bounds are for the verifier, which does not see that both slots are the same. */
	*info = S64_READ_ONCE(*S64_FOUND(&bucket->info[S64_AFTER(slot, seen) & S64_BUCKET_KEYS]));
	return S64_READ_ONCE(*S64_FOUND(&bucket->key[S64_AFTER(slot, *info) & S64_BUCKET_KEYS])) ==
		       key ||
	       S64_MISTAKE(BUCKET_INFO);
}

/* The info of a key in a bucket, or S64_BLOCK_NONE. *seen depends on all loads, for the loads that
 * must come after them.
 */
S64_GLOBAL_FUNCTION int bucket_find(const struct s64_bucket *bucket, __u64 key, __u64 *seen)
{
	__u32 slot;
	__u8 info;

	if (!bucket || !seen)
		return S64_BLOCK_NONE;
	*seen = 0;
	S64_UNROLL
	for (slot = 0; slot < S64_BUCKET_KEYS; slot++) {
		__u64 found = S64_READ_ONCE(bucket->key[slot]);

		*seen ^= S64_SEEN(found);
		if (found == key)
			break;
	}
	if (slot < S64_BUCKET_KEYS && S64_LIKELY(bucket_info(bucket, slot, key, *seen, &info)))
		return info;
	return S64_BLOCK_NONE;
}

/* Whether a key that was not in its first bucket may be in its second. Read after the keys, because
 * the writer sets it before it moves a key.
 */
static __always_inline bool bucket_overflows(const struct s64_bucket *bucket, __u64 *seen)
{
	const __u8 *byte = (const __u8 *)bucket;
	__u32 last = sizeof(*bucket) - 1;

	_Static_assert(offsetof(struct s64_bucket, overflow) == sizeof(struct s64_bucket) - 1,
		       "the last byte");
	*seen = S64_READ_ONCE(*S64_FOUND(&byte[S64_AFTER(last, *seen) & last]));
	return *seen;
}

static __always_inline bool bloom_has(__u64 hash)
{
	__u32 word = bloom_word(hash, config.bloom_lines);
	const struct s64_bloom_line *line = bloom_at(word / 8);
	__u64 bits = bloom_bits(hash);

	return line && (S64_READ_ONCE(line->word[word % 8]) & bits) == bits;
}

/* Same lookup without a branch on the slot: the CPU cannot predict which slot matches, and a
 * misprediction discovered when the cache line arrives throws away all speculative work.
 */
static __always_inline int bucket_find_source(const struct s64_bucket *bucket, __u64 src_key,
					      __u64 *seen)
{
	/* Read before and after the keys: a key being moved has its info before, a key being
	 * inserted has it after.
	 */
	__u64 infos = S64_READ_ONCE(*(const __u64 *)bucket->info), found = 0;

	S64_UNROLL
	for (int i = 0; i < S64_BUCKET_KEYS; i++)
		found |= top_bit_if_zero(S64_READ_ONCE(bucket->key[i]) ^ src_key);
	*seen = found;
	if (!(found >> 63))
		return S64_BLOCK_NONE;
	/* nearly always: all are plain blocks; the top byte is `overflow` */
	infos |= S64_READ_ONCE(*(const __u64 *)bucket->info);
	if (S64_LIKELY(S64_MEMORY_IS_IN_ORDER && infos << 8 == 0))
		return 0;
	return bucket_find(bucket, src_key, seen);
}

static __always_inline int buckets_lookup(__u64 src_key, __u64 hash)
{
	const struct s64_bucket *bucket = bucket_at(bucket_first(hash, config.blocks_buckets));
	__u64 seen;
	int info;

	if (!bucket)
		return S64_BLOCK_NONE;
	info = bucket_find_source(bucket, src_key, &seen);
	if (info != S64_BLOCK_NONE || !bucket_overflows(bucket, &seen))
		return info;
	bucket = bucket_at(S64_AFTER(bucket_second(hash, config.blocks_buckets), seen));
	return bucket ? bucket_find_source(bucket, src_key, &seen) : S64_BLOCK_NONE;
}

/* The result of a lookup, and what to store in the block cache. */
struct block_found {
	int info;	     /* S64_BLOCK_* of the source, or S64_BLOCK_NONE */
	bool probed, cached; /* the block cache was probed; it hit */
	__u64 *slot;	     /* its slot in the block cache, and its fingerprint */
	__u64 fingerprint;
};

/* The buckets, after the block cache if probing it is worth it. */
static __always_inline struct block_found block_cache_lookup(const struct s64_cpu_state *cpu_state,
							     __u64 src_key, __u64 hash)
{
	struct block_found found = {};
	struct s64_block_cache *cache = block_cache();
	__u64 generation, *set, hit = 0;

	if (!cache || (!cpu_state->block_cache_score &&
		       cpu_state->left & (S64_BLOCK_CACHE_PROBE_EVERY - 1))) {
		found.info = buckets_lookup(src_key, hash);
		return found;
	}
	generation = S64_READ_ONCE(cache->generation);
	found.probed = true;
	found.fingerprint = src_key ^ generation;
	set = &cache->fingerprint[masked(hash, S64_BLOCK_CACHE_ENTRIES - S64_BLOCK_CACHE_SET)];
	S64_UNROLL
	for (int i = 0; i < S64_BLOCK_CACHE_SET; i++)
		hit |= top_bit_if_zero(S64_READ_ONCE(set[i]) ^ found.fingerprint);
	if (hit >> 63) {
		found.cached = true;
		return found;
	}
	/* evict one, no matter which */
	found.slot = &set[masked(cpu_state->left, S64_BLOCK_CACHE_SET - 1)];
	/* the address depends on the generation: on every CPU the buckets are read after it */
	found.info = buckets_lookup(src_key, S64_AFTER(hash, generation));
	if (S64_MISTAKE(BLOCK_CACHE_LATE))
		found.fingerprint = src_key ^ S64_READ_ONCE(cache->generation);
	return found;
}

/* Was nearly everything blocked lately? */
static __always_inline bool blocks_mostly(const struct s64_cpu_state *cpu_state)
{
	return cpu_state->blocked_lately > S64_BLOCKED_LATELY_MAX / 2;
}

static __always_inline struct block_found block_lookup(const struct s64_cpu_state *cpu_state,
						       __u64 src_key)
{
	const struct s64_seed seed = config_seed();
	struct block_found found = {.info = S64_BLOCK_NONE};
	__u64 hash = s64_hash64(src_key, &seed);

	if (blocks_mostly(cpu_state))
		return block_cache_lookup(cpu_state, src_key, hash);
	if (S64_UNLIKELY(bloom_has(hash)))
		found.info = buckets_lookup(src_key, hash);
	return found;
}

/* Feeds the result of a lookup into the state that the next lookup decides by. */
static __always_inline void block_remember(struct s64_cpu_state *cpu_state,
					   const struct block_found *found)
{
	__u32 lately = cpu_state->blocked_lately, score = cpu_state->block_cache_score;

	if (found->info == S64_BLOCK_NONE) {
		if (S64_UNLIKELY(lately))
			cpu_state->blocked_lately = lately < 4 ? 0 : lately - 4;
	} else if (lately < S64_BLOCKED_LATELY_MAX) {
		cpu_state->blocked_lately = lately + 1;
	}
	if (!found->probed)
		return;
	if (found->cached) {
		if (score < S64_BLOCK_CACHE_SCORE_MAX)
			cpu_state->block_cache_score = score + 4;
		return;
	}
	if (score)
		cpu_state->block_cache_score = score - 1;
	if (found->info == 0)
		S64_WRITE_ONCE(*found->slot, found->fingerprint);
}

/* --- prefixes of any length --- */

/* The info of the prefix of that length around an address, or S64_BLOCK_NONE. */
S64_GLOBAL_FUNCTION int prefix_probe(__u64 hi, __u64 lo, __u32 length)
{
	const struct s64_seed seed = config_seed();
	__u64 key = s64_prefix_key(hi, lo, length, &seed);
	const struct s64_bucket *bucket =
		prefix_bucket_at(bucket_first(key, config.prefix_buckets));
	__u64 seen;
	int info;

	if (!bucket)
		return S64_BLOCK_NONE;
	info = bucket_find(bucket, key, &seen);
	if (info != S64_BLOCK_NONE || !bucket_overflows(bucket, &seen))
		return info;
	bucket = prefix_bucket_at(S64_AFTER(bucket_second(key, config.prefix_buckets), seen));
	return bucket ? bucket_find(bucket, key, &seen) : S64_BLOCK_NONE;
}

/* The result of a search in one word, 0 for nothing: the length, which is never 0, and the info. */
#define FOUND(length, info) ((length) << 8 | (info))
#define FOUND_LENGTH(found) ((found) >> 8)
#define FOUND_INFO(found)   (0xff & (found))

/* The longest prefix around an address that is longer than `longer`. */
S64_GLOBAL_FUNCTION __u32 prefix_search(__u64 hi, __u64 lo, __u32 longer)
{
	const struct s64_seed seed = config_seed();
	const struct s64_prefix_lengths *own = prefix_lengths_at(s64_prefix_slot(hi, &seed));
	const struct s64_prefix_lengths *all = prefix_lengths_at(S64_PREFIX_SLOTS);

	if (!own || !all)
		return 0;
	for (__u32 half = 0; half < 2; half++) {
		__u64 mask = S64_READ_ONCE(own->mask[half]) | S64_READ_ONCE(all->mask[half]);

		for (__u32 i = 0; i < 64 && mask; i++) {
			__u64 lowest = lowest_bit(mask);
			__u32 length = 128 - half * 64 - bit_number(lowest);
			int info;

			if (length <= longer)
				return 0;
			info = prefix_probe(hi, lo, length);
			if (info != S64_BLOCK_NONE)
				return FOUND(length, info);
			mask ^= lowest;
		}
	}
	return 0;
}

/* An IPv4 address is the same source in any form, so an entry for the address takes precedence over
 * one for the form. But an allowed form stays allowed in either case.
 */
static __always_inline __u32 search_v4(__u64 hi, __u64 lo, __u64 src_key, bool listed)
{
	__u32 found = 0, form;

	if (!listed)
		found = prefix_search(0, 0xffffULL << 32 | s64_src_key_v4(src_key), 0);
	if (hi == 0 || (found && FOUND_INFO(found) & S64_PREFIX_ALLOW))
		return found;
	form = prefix_search(hi, lo, 0);
	if ((form && FOUND_INFO(form) & S64_PREFIX_ALLOW) || (!found && !listed))
		return form;
	return found;
}

/* What verdict_listed() returns for a throttled source: the limit, and the prefix length that is
 * charged.
 */
#define LISTED_THROTTLED      (1U << 8)
#define LISTED_INDEX(listed)  ((listed) >> 16 & S64_BLOCK_INDEX)
#define LISTED_LENGTH(listed) ((listed) >> 24)

/* The result for a source that is listed itself (`info`) or lies where prefixes are listed: a
 * reason, S64_REASON_NONE to go on, or that it is throttled. The caller charges the throttle,
 * because calls from here would exceed the stack depth that the verifier allows. :: is the address
 * of every node that has none yet, so a prefix around it does not apply to it.
 */
S64_GLOBAL_FUNCTION __u32 verdict_listed(__u64 hi, __u64 lo, __u64 src_key, int info,
					 __u32 source_length)
{
	bool listed = info != S64_BLOCK_NONE;
	__u32 reason = S64_REASON_BLOCKED, found = 0, length = 0;

	if ((hi | lo) == 0)
		return S64_REASON_NONE;
	if (!listed || info & S64_BLOCK_FINER)
		found = s64_src_key_is_v4(src_key) ? search_v4(hi, lo, src_key, listed) :
			listed			   ? prefix_search(hi, lo, source_length) :
						     prefix_search(hi, lo, 0);
	if (found) {
		info = FOUND_INFO(found);
		if (info & S64_PREFIX_ALLOW)
			return S64_REASON_NONE;
		reason = S64_REASON_BLOCKED_PREFIX;
		/* a part of a source is held to its rate by itself, each source of a prefix by
		 * itself
		 */
		if (FOUND_LENGTH(found) > source_length)
			length = FOUND_LENGTH(found);
	} else if (!listed) {
		return S64_REASON_NONE;
	}
	if (!(info & S64_BLOCK_THROTTLE))
		return reason;
	return LISTED_THROTTLED | (info & S64_BLOCK_INDEX) << 16 | length << 24;
}

static __always_inline __u8 verdict_throttle(const struct s64_packet *packet, __u32 listed)
{
	const struct s64_seed seed = config_seed();
	__u64 charged = packet->src_key;

	if (LISTED_LENGTH(listed))
		charged = s64_src_key_hashed(packet->src_hi, packet->src_lo, LISTED_LENGTH(listed),
					     &seed);
	charged += limit_scope(packet->src_key, packet->src_hi, packet->link);
	return limit_charge(charged, charged, S64_LIMIT_THROTTLE + LISTED_INDEX(listed)) >
			       S64_REASON_WITHIN_FALLBACK_LIMIT ?
		       S64_REASON_THROTTLED :
		       S64_REASON_NONE;
}

/* The blocklist for the slow path. In a call, because the verifier would follow it from each of
 * hundreds of paths.
 */
S64_GLOBAL_FUNCTION int block_check(struct s64_cpu_state *cpu_state, __u64 src_key)
{
	struct block_found found;

	if (!cpu_state)
		return S64_BLOCK_NONE;
	found = block_lookup(cpu_state, src_key);
	block_remember(cpu_state, &found);
	return found.info;
}

static __always_inline __u8 verdict_block(struct s64_cpu_state *cpu_state,
					  const struct s64_packet *packet)
{
	int info = block_check(cpu_state, packet->src_key);
	__u32 listed;

	if (S64_LIKELY(info == S64_BLOCK_NONE &&
		       !(packet->source_flags & S64_SOURCE_INDEX_PREFIXES)))
		return S64_REASON_NONE;
	if (S64_LIKELY(info == 0))
		return S64_REASON_BLOCKED;
	listed = verdict_listed(packet->src_hi, packet->src_lo, packet->src_key, info,
				packet->source_length);
	return listed & LISTED_THROTTLED ? verdict_throttle(packet, listed) : listed;
}

#endif
