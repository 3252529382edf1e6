/* SPDX-License-Identifier: GPL-2.0-only */
/* At most so many events a second, for a reader that shows some of them. Which ones is random, so
 * that they stand for all: the first ones of each batch would all come from the same CPU.
 */
#ifndef SLASH64_DAEMON_EVENTS_EVENT_PACE_H
#define SLASH64_DAEMON_EVENTS_EVENT_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct event_pace {
	double per_second; /* 0: all */
	double left;	   /* of this batch */
	uint64_t filled_ms;
	uint32_t matched, matched_before; /* events of this batch, and of the one before */
	uint32_t random;
};

/* Times are in milliseconds, of CLOCK_MONOTONIC. */
void event_pace_init(struct event_pace *pace, double per_second, uint64_t now_ms);

/* May this event pass? Asked for each one. */
bool event_pace_take(struct event_pace *pace);

/* A batch has ended. In any time of t seconds, at most per_second * (t + 0.05) + 1 events pass. */
void event_pace_end_batch(struct event_pace *pace, uint64_t now_ms);

#endif
