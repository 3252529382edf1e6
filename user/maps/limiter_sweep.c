// SPDX-License-Identifier: GPL-2.0-only
#include "limiter_sweep.h"

#include <time.h>

/* In units of 16 ns. The datapath's jiffies lag behind it by less than the margin. */
static uint64_t time_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return ((uint64_t)time.tv_sec * 1000000000ULL + time.tv_nsec) >> S64_TAT_NS_SHIFT;
}

/* Its time is ahead, or has expired only recently. */
static bool word_is_live(uint64_t word, uint64_t now)
{
	return ((word - now - 1 + S64_TAT_MARGIN) & S64_TAT_MASK) <
	       S64_WINDOW_MAX + 2 * S64_TAT_MARGIN;
}

/* Ages the notes of a bucket: FAR, if requested. And BUSY: a CPU that held the bucket for a whole
 * round, where 50 ns are normal, will not return, and nothing could be inserted any more. Changes
 * by the datapath meanwhile stay.
 */
static void line_age(struct s64_limiter_line *line, bool far)
{
	__u64 control = S64_READ_ONCE(line->control), aged = control;

	if (far) {
		aged &= ~(S64_LINE_FAR | S64_LINE_WAS_FAR);
		if (control & S64_LINE_FAR)
			aged |= S64_LINE_WAS_FAR;
	}
	if (control & S64_LINE_WAS_BUSY)
		aged &= ~(S64_LINE_BUSY | S64_LINE_WAS_BUSY);
	else if (control & S64_LINE_BUSY)
		aged |= S64_LINE_WAS_BUSY;
	if (aged != control)
		S64_CAS(&line->control, control, aged);
}

static void word_clear(__u64 *slot, __u64 word)
{
	if (S64_MISTAKE(SWEEP_STORE))
		S64_WRITE_ONCE(*slot, 0);
	else
		S64_CAS(slot, word, 0);
}

/* Clears an expired entry, unless the datapath reuses it right now. */
static uint32_t sweep_line(struct s64_limiter_line *line, uint64_t now)
{
	uint32_t live = 0;

	for (int i = 0; i < S64_LIMITER_SLOTS; i++) {
		__u64 *slot = &line->slot[i];
		__u64 word = S64_READ_ONCE(*slot);

		if (!word)
			continue;
		if (word & S64_TAG_MASK && word_is_live(word, now))
			live++;
		else
			word_clear(slot, word);
	}
	return live;
}

uint32_t limiter_sweep(const struct tables *tables)
{
	uint64_t now = time_now();
	uint32_t live = 0;

	for (uint32_t i = 0; i < tables->meta->limiter_lines; i++)
		live += sweep_line(&tables->limiter[i], now);
	return live;
}

/* A fallback entry has no tag, and stays until it is used again. Once expired, it is set to the
 * oldest time, which reads as expired for as long as possible.
 */
static void sweep_shared(const struct tables *tables, uint64_t now)
{
	struct s64_limiter_line *lines = tables->limiter + tables->meta->limiter_lines;

	for (uint32_t i = 0; i < S64_WIDER_LINES; i++)
		for (int j = 0; j < S64_LIMITER_SLOTS; j++) {
			__u64 word = S64_READ_ONCE(lines[i].slot[j]);

			if (!word_is_live(word, now))
				S64_CAS(&lines[i].slot[j], word,
					(now - S64_TAT_MARGIN - 1) & S64_TAT_MASK);
		}
}

/* Assumes an even distribution until every part has been counted once. */
void limiter_count_start(struct limiter_count *count, const struct tables *tables)
{
	*count = (struct limiter_count){.live = limiter_sweep(tables)};
	for (uint32_t i = 0; i < LIMITER_STEPS; i++)
		count->part[i] = count->live / LIMITER_STEPS + (i < count->live % LIMITER_STEPS);
}

void limiter_count_step(struct limiter_count *count, const struct tables *tables)
{
	uint32_t lines = tables->meta->limiter_lines,
		 left = (lines + LIMITER_STEPS - 1) / LIMITER_STEPS;
	bool age = count->turn % LIMITER_AGE_TURNS == LIMITER_AGE_TURNS - 1;
	uint32_t *part = &count->part[count->line / (left ? left : 1)], live = 0;
	uint64_t now = time_now();

	for (; left && count->line < lines; left--, count->line++) {
		live += sweep_line(&tables->limiter[count->line], now);
		line_age(&tables->limiter[count->line], age);
	}
	count->live += live - *part;
	*part = live;
	if (count->line < lines)
		return;
	sweep_shared(tables, now);
	count->line = 0;
	count->turn++;
}
