/* SPDX-License-Identifier: GPL-2.0-only */
/* Bit operations that BPF lacks: it has no instruction for the number of the lowest set bit. */
#ifndef SLASH64_BPF_BITS_H
#define SLASH64_BPF_BITS_H

#include <slash64/types.h>

/* The top 6 bits of the product with a single-bit word identify that bit (de Bruijn sequence). */
#define DE_BRUIJN 0x03f79d71b4cb0a89ULL

static const __u8 bit_numbers[64] = {
	0,  1,	48, 2,	57, 49, 28, 3,	61, 58, 50, 42, 38, 29, 17, 4,	62, 55, 59, 36, 53, 51,
	43, 22, 45, 39, 33, 30, 24, 18, 12, 5,	63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21,
	44, 32, 23, 11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,	13, 8,	7,  6,
};

static __always_inline __u64 lowest_bit(__u64 word)
{
	return word & -word;
}

/* The word has exactly one bit set. */
static __always_inline __u32 bit_number(__u64 bit)
{
	return bit_numbers[bit * DE_BRUIJN >> 58];
}

/* Returns the value unchanged, but hides it from the compiler, which would otherwise turn
 * branchless code into branches.
 */
static __always_inline __u64 opaque(__u64 value)
{
	asm volatile("" : "+r"(value));
	return value;
}

/* An index, masked where it is used. Without opaque() the compiler may drop the mask, because it
 * knows the range from an earlier comparison. If it keeps the index in two registers, the verifier
 * knows the range of one only and rejects the access (clang 19 did so).
 */
static __always_inline __u64 masked(__u64 index, __u64 mask)
{
	return opaque(index) & mask;
}

/* The top bit is set iff the word is 0. Tests several words without a branch. */
static __always_inline __u64 top_bit_if_zero(__u64 word)
{
	return opaque(word - 1) & ~word;
}

/* 1 or 0, without a branch: the verifier would follow both sides. Opaque twice, because clang 19
 * turns a value known to be one bit into a branch.
 */
static __always_inline __u64 is_below(__u64 a, __u64 b) /* both below 2^63 */
{
	return opaque(opaque(a - b) >> 63);
}

#endif
