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
		S64_CAS(slot, word, cleared);
}

struct now {
	uint64_t exact, ticks; /* units of 16 ns */
};

static struct now now_of(const struct tables *tables)
{
	struct timespec time;
	uint64_t exact;

	clock_gettime(CLOCK_MONOTONIC, &time);
	exact = (uint64_t)time.tv_sec * 1000000000ULL + time.tv_nsec;
	return (struct now){exact >> S64_TAT_NS_SHIFT, (exact + tables->meta->jiffies_ahead_ns) >> S64_TAT_NS_SHIFT};
}

/* Some limits use jiffies and some the exact clock (struct s64_limit), which count from different points.
 * A word does not say whose it is: live by either is live.
 */
static uint32_t sweep_line(struct s64_limiter_line *line, const struct now *now, bool forget)
{
	uint32_t live = 0;

	for (int i = 0; i < S64_LIMITER_SLOTS; i++) {
		__u64 *slot = &line->slot[i];
		__u64 word = S64_READ_ONCE(*slot);

		if (!word)
			continue;
		if (word & ~S64_SLOT_SEARCH && (word_is_live(word, now->ticks) || word_is_live(word, now->exact)))
			live++;
		else
			word_clear(slot, word, forget);
	}
	return live;
}

uint32_t limiter_sweep(const struct tables *tables, bool forget)
{
	struct now now = now_of(tables);
	uint32_t live = 0;

	for (uint32_t i = 0; i < tables->meta->limiter_lines; i++)
		live += sweep_line(&tables->limiter[i], &now, forget);
	return live;
}

void limiter_count_step(struct limiter_count *count, const struct tables *tables)
{
	uint32_t lines = tables->meta->limiter_lines, left = (lines + LIMITER_STEPS - 1) / LIMITER_STEPS;
	bool forget = count->turn % LIMITER_FORGET_TURNS == LIMITER_FORGET_TURNS - 1;
	struct now now = now_of(tables);

	for (; left && count->line < lines; left--)
		count->counting += sweep_line(&tables->limiter[count->line++], &now, forget);
	if (count->line < lines)
		return;
	count->live = count->counting;
	count->counting = count->line = 0;
	count->turn++;
}
