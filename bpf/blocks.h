/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 4a: is the source's site blocked? A word of the Bloom filter, which ends it for clean traffic, and
 * then one bucket, seldom two. Where a site's bits and buckets are is said here, for both sides.
 */
#ifndef SLASH64_BPF_BLOCKS_H
#define SLASH64_BPF_BLOCKS_H

#include "tables.h"

#define S64_BLOCK_NONE (-1)

/* Four bits of the word, from the lower 24 bits of the hash. */
static __always_inline __u64 bloom_bits(__u64 hash)
{
	return 1ULL << (hash & 63) | 1ULL << (hash >> 6 & 63) | 1ULL << (hash >> 12 & 63) |
	       1ULL << (hash >> 18 & 63);
}

/* The word's index over the whole filter: line * 8 + word. A multiplication stirs the hash anew, as its
 * halves already choose the buckets.
 */
static __always_inline __u32 bloom_word(__u64 hash, __u32 lines)
{
	return s64_scale((hash * 0x9e3779b97f4a7c15ULL) >> 32, lines * 8);
}

static __always_inline __u32 bucket_first(__u64 hash, __u32 buckets)
{
	return s64_scale(hash >> 32, buckets);
}

static __always_inline __u32 bucket_second(__u64 hash, __u32 buckets)
{
	return s64_scale((__u32)hash, buckets);
}

/* The info of a key in a bucket, or S64_BLOCK_NONE. */
static __always_inline int bucket_find(const struct s64_bucket *bucket, __u64 key)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < S64_BUCKET_KEYS; i++)
		if (S64_READ_ONCE(bucket->key[i]) == key)
			return S64_READ_ONCE(bucket->info[i]);
	return S64_BLOCK_NONE;
}

/* S64_BLOCK_* of the site, or S64_BLOCK_NONE. */
static __always_inline int block_lookup(__u64 site)
{
	__u64 hash = s64_hash64(site, (const struct s64_seed *)&config.seed);
	__u32 word = bloom_word(hash, config.bloom_lines);
	const struct s64_bloom_line *line = bloom_at(word / 8);
	const struct s64_bucket *bucket;
	__u64 bits = bloom_bits(hash);
	int info;

	if (!line || S64_LIKELY((S64_READ_ONCE(line->word[word % 8]) & bits) != bits))
		return S64_BLOCK_NONE;
	bucket = bucket_at(bucket_first(hash, config.blocks_buckets));
	if (!bucket)
		return S64_BLOCK_NONE;
	info = bucket_find(bucket, site);
	if (info != S64_BLOCK_NONE || !S64_READ_ONCE(bucket->overflow))
		return info;
	bucket = bucket_at(bucket_second(hash, config.blocks_buckets));
	return bucket ? bucket_find(bucket, site) : S64_BLOCK_NONE;
}

#endif
