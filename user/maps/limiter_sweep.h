/* SPDX-License-Identifier: GPL-2.0-only */
/* What the controller does to the limiter's words, which are the fast path's else: it clears those
 * that are over. */
#ifndef SLASH64_USER_LIMITER_H
#define SLASH64_USER_LIMITER_H

#include "maps.h"

/* Slots of the limiter in use now. Reads all of it, which takes milliseconds, and clears what is
 * over. */
uint32_t limiter_sweep(const struct tables *tables);

/* The same, a part at each step. To be called often enough that a turn takes less than an hour, as
 * times wrap after 4.9 (struct s64_limiter_line).
 */
#define LIMITER_STEPS 64 /* of a turn */

/* A line forgets that a site lies in its second line when that was not so for two ages: an age is
 * longer than any word lives that nobody charges.
 */
#define LIMITER_STEP_MS	  250
#define LIMITER_AGE_TURNS 40

_Static_assert((uint64_t)LIMITER_STEP_MS *LIMITER_STEPS *LIMITER_AGE_TURNS >
		       2000ULL * S64_WINDOW_SECONDS,
	       "an age is longer than a word lives");

struct limiter_count {
	uint32_t live; /* slots, each part of them at its last step */
	uint32_t part[LIMITER_STEPS];
	uint32_t line, turn;
};

/* Counts all of it. */
void limiter_count_start(struct limiter_count *count, const struct tables *tables);

void limiter_count_step(struct limiter_count *count, const struct tables *tables);

#endif
