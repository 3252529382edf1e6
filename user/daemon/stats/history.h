/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of the packets of the last 15 minutes, second by second and by reason. Of fixed size:
 * a ring of points, each with a count for every verdict and reason.
 */
#ifndef SLASH64_DAEMON_STATS_HISTORY_H
#define SLASH64_DAEMON_STATS_HISTORY_H

#include <slash64/maps.h>
#include <slash64/reasons.h>

#include "counters.h"

#define HISTORY_POINTS 900
#define HISTORY_STEP_S 1
#define HISTORY_SERIES ((size_t)S64_OUTCOME_COUNT * S64_REASON_COUNT)

struct history;

/* NULL if out of memory. */
struct history *history_new(void);
void history_free(struct history *history);

/* The series of a verdict and a reason. A reason that passes has one series only. */
size_t history_series(enum s64_verdict verdict, int reason);

/* Adds packets to what the next tick records. */
void history_add(struct history *history, size_t series, uint64_t packets);
/* The same for all counters of an interface, since the sum before its last one. */
void history_add_rate(struct history *history, const struct counters_rate *rate);

/* Records what was added since the last tick; `now_ms` is CLOCK_MONOTONIC. The first call starts the
 * clock. Points are a second apart, whenever the ticks are: packets count as spread evenly between
 * two ticks, and the sum over the points is what was added, but for the second that is not over.
 */
void history_tick(struct history *history, uint64_t now_ms);

/* Points are numbered from 1 on. 0: there is none. */
uint64_t history_last(const struct history *history);
/* The oldest one that is kept; history_last() + 1 if there is none. */
uint64_t history_first(const struct history *history);
/* When the last point ended, CLOCK_MONOTONIC; the points before it a second earlier each. */
uint64_t history_end_ms(const struct history *history);
/* Packets of a second, `number` from history_first() to history_last(). */
uint32_t history_at(const struct history *history, uint64_t number, size_t series);

#endif
