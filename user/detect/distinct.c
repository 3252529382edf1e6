// SPDX-License-Identifier: GPL-2.0-only
#include "distinct.h"

#include <errno.h>
#include <string.h>

#include "memory.h"

#define CELLS	   (DISTINCT_BUCKETS * DISTINCT_BUCKET)
#define CELLS_MANY (CELLS / 2)	/* from here on buckets have no room */
#define CELLS_FEW  (CELLS / 16) /* twice as many would fit well */
#define ZEROS_MAX  16

/* A cell: the pair's hash in the upper bits, the window, and how often. */
#define COUNT_BITS  2
#define WINDOW_BITS 16
#define COUNT_MASK  ((1ULL << COUNT_BITS) - 1)
#define MANY	    3

_Static_assert(sizeof(((struct distinct *)0)->window) * 8 == WINDOW_BITS, "as in a cell");

int distinct_init(struct distinct *distinct, const struct s64_seed *seed)
{
	memset(distinct, 0, sizeof(*distinct));
	distinct->seed = *seed;
	distinct->window = 1;
	distinct->cell = detect_memory_open(CELLS * sizeof(*distinct->cell));
	return distinct->cell ? 0 : -ENOMEM;
}

void distinct_free(struct distinct *distinct)
{
	detect_memory_close(distinct->cell, CELLS * sizeof(*distinct->cell));
	distinct->cell = NULL;
}

static uint64_t window_of(uint64_t cell)
{
	return cell >> COUNT_BITS & ((1ULL << WINDOW_BITS) - 1);
}

static void count_again(uint64_t *cell, struct distinct_counts *counts)
{
	uint64_t seen = *cell & COUNT_MASK;

	if (seen == MANY)
		return;
	++*cell;
	if (seen == 1) {
		counts->once--;
		counts->twice++;
	} else {
		counts->twice--;
		counts->more++;
	}
}

void distinct_add(struct distinct *distinct, uint64_t owner, uint64_t thing,
		  struct distinct_counts *counts)
{
	uint64_t hash = s64_hash64(thing, &distinct->seed), *bucket, *spare = NULL;
	uint64_t pair;

	/* by the thing alone, so that it counts for all prefixes or for none */
	if (hash & ((1ULL << distinct->zeros) - 1))
		return;
	hash = s64_hash64(owner + hash, &distinct->seed);
	bucket = &distinct->cell[(size_t)(hash % DISTINCT_BUCKETS) * DISTINCT_BUCKET];
	pair = (hash >> (COUNT_BITS + WINDOW_BITS) << WINDOW_BITS | distinct->window) << COUNT_BITS;
	for (int i = 0; i < DISTINCT_BUCKET; i++) {
		if ((bucket[i] & ~COUNT_MASK) == pair) {
			count_again(&bucket[i], counts);
			return;
		}
		if (!spare && window_of(bucket[i]) != distinct->window)
			spare = &bucket[i];
	}
	if (!spare) {
		distinct->no_room++;
		return;
	}
	*spare = pair | 1;
	distinct->cells++;
	counts->once++;
}

void distinct_next_window(struct distinct *distinct)
{
	if (distinct->cells > CELLS_MANY && distinct->zeros < ZEROS_MAX)
		distinct->zeros++;
	else if (distinct->cells < CELLS_FEW && distinct->zeros)
		distinct->zeros--;
	distinct->cells = 0;
	if (++distinct->window)
		return;
	/* cells of 65,536 windows ago would be taken for new ones */
	memset(distinct->cell, 0, CELLS * sizeof(*distinct->cell));
	distinct->window = 1;
}

double distinct_estimate(const struct distinct *distinct, const struct distinct_counts *counts,
			 double weight)
{
	double once = counts->once, twice = counts->twice, seen = once + twice + counts->more;
	double missed = once * (once - 1) / (2 * (twice + 1)); /* Chao1, without its bias */
	double most = once * (weight - 1); /* each stands for that many others, at most */

	return (seen + (missed < most ? missed : most)) * (double)(1ULL << distinct->zeros);
}
