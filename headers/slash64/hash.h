/* SPDX-License-Identifier: GPL-2.0-only */
/* The keyed hashes. The seed is drawn at random when the tables are made and lives as long as they do,
 * so that who does not know it cannot choose sites that collide.
 */
#ifndef SLASH64_HASH_H
#define SLASH64_HASH_H

#include <slash64/types.h>

/* Three random words; mul[] are made odd by whoever draws them. */
struct s64_seed {
	__u64 add;
	__u64 mul[2];
};

/* Two rounds of xor-shift-multiply with secret odd multipliers. Every output bit depends on every input
 * bit; the upper half picks a bucket, the lower half bits of a Bloom word or a tag.
 */
static __always_inline __u64 s64_hash64(__u64 v, const struct s64_seed *seed)
{
	v ^= seed->add;
	v ^= v >> 32;
	v *= seed->mul[0];
	v ^= v >> 29;
	v *= seed->mul[1];
	v ^= v >> 32;
	return v;
}

static __always_inline __u64 s64_hash128(__u64 hi, __u64 lo, const struct s64_seed *seed)
{
	return s64_hash64(s64_hash64(hi, seed) + lo, seed);
}

/* 32 bits of a hash -> 0..n-1, evenly, without a division. */
static __always_inline __u32 s64_scale(__u32 hash, __u32 n)
{
	return (__u32)(((__u64)hash * n) >> 32);
}

#endif
