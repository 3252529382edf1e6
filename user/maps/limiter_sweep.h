/* SPDX-License-Identifier: GPL-2.0-only */
/* Controller-side maintenance of the limiter: clears expired entries. All other writes come from
 * the datapath.
 */
#ifndef SLASH64_MAPS_LIMITER_SWEEP_H
#define SLASH64_MAPS_LIMITER_SWEEP_H

#include "maps.h"

/* Slots of the limiter in use. Reads the whole map, which takes milliseconds, and clears expired
 * entries.
 */
uint32_t limiter_sweep(const struct maps *maps);

/* The same, one part with each step. Must run often enough that a round takes less than an hour,
 * because times wrap after 4.9 hours (struct s64_limiter_bucket).
 */
#define LIMITER_STEPS 64 /* of a round */

/* A bucket forgets that a source is in its second bucket if that was not the case for two ages. An
 * age is longer than any entry lives without a charge.
 */
#define LIMITER_STEP_MS	  250
#define LIMITER_AGE_TURNS 40

_Static_assert((uint64_t)LIMITER_STEP_MS *LIMITER_STEPS *LIMITER_AGE_TURNS >
		       2000ULL * S64_TOLERANCE_SECONDS,
	       "an age is longer than a word lives");

struct limiter_count {
	uint32_t live; /* slots in use, of each part at its last step */
	uint32_t part[LIMITER_STEPS];
	uint32_t bucket, turn;
};

/* Counts the whole map. */
void limiter_count_start(struct limiter_count *count, const struct maps *maps);

void limiter_count_step(struct limiter_count *count, const struct maps *maps);

#endif
