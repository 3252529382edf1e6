/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a key's bits are in the Bloom filter, and its two buckets in the table. Writer and reader
 * must agree. `hash` is s64_hash64() of the key; all indexes are below the given size.
 */
#ifndef SLASH64_BUCKET_HASH_H
#define SLASH64_BUCKET_HASH_H

#include <slash64/hash.h>

/* Three bits of the word, from the lower 18 bits of the hash. A fourth bit would keep 0.2 percent
 * more clean traffic away from the buckets, and cost all of it more than that.
 */
static __always_inline __u64 bloom_bits(__u64 hash)
{
	return 1ULL << (hash & 63) | 1ULL << (hash >> 6 & 63) | 1ULL << (hash >> 12 & 63);
}

/* The word's index in the whole filter: line * 8 + word. From bits 20 to 51, which do not overlap
 * with those that choose the bits, and only slightly with those that choose the buckets.
 */
static __always_inline __u32 bloom_word(__u64 hash, __u32 lines)
{
	return s64_scale((__u32)(hash >> 20), lines * 8);
}

static __always_inline __u32 bucket_first(__u64 hash, __u32 buckets)
{
	return s64_scale(hash >> 32, buckets);
}

static __always_inline __u32 bucket_second(__u64 hash, __u32 buckets)
{
	return s64_scale((__u32)hash, buckets);
}

#endif
