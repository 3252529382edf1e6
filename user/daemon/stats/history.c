// SPDX-License-Identifier: GPL-2.0-only
#include "history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "policy/names.h"

#define STEP_MS	 (HISTORY_STEP_S * 1000ULL)
#define EARLY_MS 100 /* a tick that is early by less completes its second */

struct history {
	uint64_t base_ms;		  /* of the first tick; 0: there was none */
	uint64_t tick_ms;		  /* of the last one */
	uint64_t points;		  /* ever */
	uint64_t added[HISTORY_SERIES];	  /* since the last tick */
	uint64_t partial[HISTORY_SERIES]; /* of a second that is not over */
	uint32_t point[HISTORY_POINTS][HISTORY_SERIES];
};

struct history *history_new(void)
{
	struct history *history = malloc(sizeof(*history));

	/* touches all of it, so that slash64d does not grow later */
	if (history)
		memset(history, 0, sizeof(*history));
	return history;
}

void history_free(struct history *history)
{
	free(history);
}

size_t history_series(enum s64_verdict verdict, int reason)
{
	return (verdict == S64_WOULD_DROP ? S64_OUTCOME_MONITORED : S64_OUTCOME_ENFORCED) *
		       (size_t)S64_REASON_COUNT +
	       reason;
}

void history_add(struct history *history, size_t series, uint64_t packets)
{
	history->added[series] += packets;
}

struct added {
	struct history *history;
	double seconds;
};

static void add_row(const struct counter_row *row, void *data)
{
	const struct added *added = data;
	double packets = row->packets_per_second * added->seconds;

	/* nonsense if the counters were cleared meanwhile */
	if (packets > 0 && packets < UINT32_MAX * added->seconds)
		history_add(added->history, history_series(row->verdict, row->reason),
			    (uint64_t)llround(packets));
}

void history_add_rate(struct history *history, const struct counters_rate *rate)
{
	struct added added = {history, (rate->after_ns - rate->before_ns) / 1e9};

	if (rate->before_ns)
		counters_each(rate->after, rate, add_row, &added);
}

static uint32_t *point_at(struct history *history, uint64_t number)
{
	return history->point[(number - 1) % HISTORY_POINTS];
}

static uint32_t saturated(uint64_t packets)
{
	return packets < UINT32_MAX ? packets : UINT32_MAX;
}

/* How many of the packets fall into the part of an interval that ends `ms` after its start, if they
 * came evenly.
 */
static uint64_t part(uint64_t packets, uint64_t ms, uint64_t length_ms)
{
	return ms < length_ms ? (uint64_t)((long double)packets * ms / length_ms) : packets;
}

/* Spreads what was added over the seconds of (tick_ms, now_ms]. */
static void spread(struct history *history, size_t series, uint64_t points, uint64_t now_ms)
{
	uint64_t length_ms = now_ms - history->tick_ms, spent = 0;
	uint64_t first = history->points + 1;

	/* the others would be overwritten */
	if (points - history->points > HISTORY_POINTS)
		first = points - HISTORY_POINTS + 1;
	for (uint64_t number = first; number <= points; number++) {
		uint64_t end_ms = history->base_ms + number * STEP_MS - history->tick_ms;
		uint64_t until = part(history->added[series], end_ms, length_ms);

		point_at(history, number)[series] =
			saturated(history->partial[series] + until - spent);
		history->partial[series] = 0;
		spent = until;
	}
	history->partial[series] += history->added[series] - spent;
	history->added[series] = 0;
}

void history_tick(struct history *history, uint64_t now_ms)
{
	uint64_t points;

	if (!history->base_ms) {
		history->base_ms = history->tick_ms = now_ms;
		memset(history->added, 0, sizeof(history->added));
		return;
	}
	points = (now_ms - history->base_ms + EARLY_MS) / STEP_MS;
	if (now_ms < history->base_ms + points * STEP_MS)
		now_ms = history->base_ms + points * STEP_MS;
	if (now_ms <= history->tick_ms)
		return;
	for (size_t series = 0; series < HISTORY_SERIES; series++)
		spread(history, series, points, now_ms);
	history->points = points;
	history->tick_ms = now_ms;
}

uint64_t history_last(const struct history *history)
{
	return history->points;
}

uint64_t history_first(const struct history *history)
{
	return history->points > HISTORY_POINTS ? history->points - HISTORY_POINTS + 1 : 1;
}

uint64_t history_end_ms(const struct history *history)
{
	return history->base_ms + history->points * STEP_MS;
}

uint32_t history_at(const struct history *history, uint64_t number, size_t series)
{
	return history->point[(number - 1) % HISTORY_POINTS][series];
}
