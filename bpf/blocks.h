/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 4a: is the source's site blocked? A word of the Bloom filter, which ends it for clean traffic, and
 * then one bucket, seldom two.
 */
#ifndef SLASH64_BPF_BLOCKS_H
#define SLASH64_BPF_BLOCKS_H

#include <slash64/placement.h>

#include "tables.h"

#define S64_BLOCK_NONE (-1)

/* The info of a key in a bucket, or S64_BLOCK_NONE. */
static __always_inline int bucket_find(const struct s64_bucket *bucket, __u64 key)
{
	S64_UNROLL
	for (int i = 0; i < S64_BUCKET_KEYS; i++)
		if (S64_READ_ONCE(bucket->key[i]) == key)
			return S64_READ_ONCE(bucket->info[i]);
	return S64_BLOCK_NONE;
}

/* S64_BLOCK_* of the site, or S64_BLOCK_NONE. */
static __always_inline int block_lookup(__u64 site)
{
	const struct s64_seed seed = config_seed();
	__u64 hash = s64_hash64(site, &seed);
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
