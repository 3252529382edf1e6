// SPDX-License-Identifier: GPL-2.0-only
#include "limiter.h"

#include <time.h>

static bool word_is_live(uint64_t word, uint64_t now)
{
	return ((word - now) & S64_TAT_MASK) - 1 < S64_WINDOW_MAX;
}

/* A word that is over; unless the fast path takes it up again just now. */
static void word_clear(__u64 *slot, __u64 word, bool forget)
{
	__u64 cleared = forget ? 0 : word & S64_SLOT_SEARCH;

	if (word != cleared)
		__sync_val_compare_and_swap(slot, word, cleared);
}

/* Some limits use jiffies and some the exact clock (struct s64_limit), which count from different points.
 * A word does not say whose it is: live by either is live.
 */
uint32_t limiter_sweep(const struct tables *tables, bool forget)
{
	struct timespec time;
	uint64_t exact, ticks;
	uint32_t live = 0;

	clock_gettime(CLOCK_MONOTONIC, &time);
	exact = (uint64_t)time.tv_sec * 1000000000ULL + time.tv_nsec;
	ticks = (exact + tables->meta->jiffies_ahead_ns) >> S64_TAT_NS_SHIFT;
	exact >>= S64_TAT_NS_SHIFT;
	for (uint32_t i = 0; i < tables->meta->limiter_lines; i++)
		for (int j = 0; j < S64_LIMITER_SLOTS; j++) {
			__u64 *slot = &tables->limiter[i].slot[j];
			__u64 word = S64_READ_ONCE(*slot);

			if (!word)
				continue;
			if (word & ~S64_SLOT_SEARCH && (word_is_live(word, ticks) || word_is_live(word, exact)))
				live++;
			else
				word_clear(slot, word, forget);
		}
	return live;
}
