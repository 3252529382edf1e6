/* SPDX-License-Identifier: GPL-2.0-only */
/* The keyed hashes. The seed is random, drawn when the maps are created, and lives as long as they
 * do. Without it nobody can choose sources that collide.
 */
#ifndef SLASH64_HASH_H
#define SLASH64_HASH_H

#include <slash64/types.h>

/* Three random words; the controller makes mul[] odd when it draws them. */
struct s64_seed {
	__u64 add;
	__u64 mul[2];
};

/* Two rounds of xor-shift-multiply with secret odd multipliers. Every output bit depends on every
 * input bit. The upper half selects a bucket, the lower half the bits of a Bloom word or a tag.
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

/* Maps 32 bits of a hash to 0..n-1, evenly and without a division. */
static __always_inline __u32 s64_scale(__u32 hash, __u32 n)
{
	return (__u32)(((__u64)hash * n) >> 32);
}

#endif
