/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a key's bits lie in the Bloom filter, and its two buckets in the table: the writer and the reader
 * must agree. `hash` is s64_hash64() of the key; all indexes are below the size given.
 */
#ifndef SLASH64_PLACEMENT_H
#define SLASH64_PLACEMENT_H

#include <slash64/hash.h>

/* Three bits of the word, from the lower 18 bits of the hash: a fourth would keep 0.2 percent more of clean traffic
 * from the buckets, and cost all of it more than that.
 */
static __always_inline __u64 bloom_bits(__u64 hash)
{
	return 1ULL << (hash & 63) | 1ULL << (hash >> 6 & 63) | 1ULL << (hash >> 12 & 63);
}

/* The word's index over the whole filter: line * 8 + word. From bits 20 to 51, of which those that choose the bits
 * are none, and those that choose the buckets but a few.
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
