/* SPDX-License-Identifier: GPL-2.0-only */
/* How many different things (destinations, ports) the sampled packets of a prefix went to, in one
 * table of fixed size for all prefixes.
 *
 * A cell is a pair of a prefix and a thing, and how often it was seen in this window: once, twice,
 * more. A sample misses most of a spread, and which are missed is told by how many were seen only
 * once or twice (Chao 1984). In calm, when every packet is a sample, the count is exact. When the
 * table gets full, the next window takes only things whose hash ends in so many zeros, and each
 * stands for as many (Wegman's adaptive sampling, adapted between windows).
 */
#ifndef SLASH64_DETECT_DISTINCT_H
#define SLASH64_DETECT_DISTINCT_H

#include <stdint.h>

#include <slash64/hash.h>

#define DISTINCT_BUCKETS 16384
#define DISTINCT_BUCKET	 8 /* cells of one cache line */

/* Of one prefix: how many things were seen so often. */
struct distinct_counts {
	uint32_t once, twice, more;
};

struct distinct {
	struct s64_seed seed;
	uint64_t *cell;
	uint16_t window;    /* cells of other windows are free */
	unsigned int zeros; /* that a hash must end in */
	uint32_t cells;	    /* used in this window */
	uint64_t no_room;   /* pairs that were not counted, ever */
};

/* -ENOMEM */
int distinct_init(struct distinct *distinct, const struct s64_seed *seed);
void distinct_free(struct distinct *distinct);

/* A packet of the prefix `owner` went to `thing`. Both are any numbers that tell them apart. */
void distinct_add(struct distinct *distinct, uint64_t owner, uint64_t thing,
		  struct distinct_counts *counts);

/* Starts over. */
void distinct_next_window(struct distinct *distinct);

/* How many there are, if each sample stands for `weight` packets on average. To be asked before the
 * next window.
 */
double distinct_estimate(const struct distinct *distinct, const struct distinct_counts *counts,
			 double weight);

#endif
