/* SPDX-License-Identifier: GPL-2.0-only */
/* What the load generator sends. The n-th source is a one-to-one function of n, so the benchmark
 * knows millions of them without a table.
 */
#ifndef SLASH64_BENCH_GENERATOR_H
#define SLASH64_BENCH_GENERATOR_H

#include <linux/types.h>

enum load_choice {
	SOURCES_UNIFORM, /* one of the first `source_count`, at random */
	SOURCES_ZIPF,	 /* one of the first `source_count`, the n-th with a frequency of 1/n */
	SOURCES_NEW,	 /* never the same twice */
	SOURCES_LISTED,	 /* those of a list, in turn: chosen to collide */
	SOURCES_DENSE,	 /* all /64s of one /48, at random */
};

#define ZIPF_STEPS    65536 /* of the inverse of the distribution */
#define LISTED_MAX    4096
#define SOURCE_BITS   52
#define SOURCE_FACTOR 0x9e3779b97f4a7ULL /* odd: a permutation of the numbers below 2^52 */
#define SOURCE_PREFIX 0x2a1ULL		 /* 2a10::/12 */
#define CLEAN_FIRST   (1ULL << 40)	 /* sources from here on are in no table */
#define DENSE_SOURCE  0x2a00123456780000ULL

struct load {
	__u32 choice;  /* enum load_choice */
	__u32 ifindex; /* the target of redirects */
	__u64 first;   /* the number of the first source */
	__u64 source_count;
	__u64 random; /* state */
	__u64 next;   /* of SOURCES_NEW */
	__u64 reserved[3];
};

static inline __attribute__((always_inline)) __u64 source_number(__u64 n)
{
	return SOURCE_PREFIX << SOURCE_BITS | (n * SOURCE_FACTOR & ((1ULL << SOURCE_BITS) - 1));
}

#endif
