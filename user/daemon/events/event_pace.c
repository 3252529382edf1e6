// SPDX-License-Identifier: GPL-2.0-only
#include "event_pace.h"

#define SAVED_S 0.05 /* what a quiet time leaves for later: about a batch */

static double room(const struct event_pace *pace)
{
	double saved = pace->per_second * SAVED_S;

	return saved > 1 ? saved : 1;
}

void event_pace_init(struct event_pace *pace, double per_second, uint64_t now_ms)
{
	*pace = (struct event_pace){.per_second = per_second,
				    .filled_ms = now_ms,
				    .random = now_ms | 1};
	pace->left = room(pace);
}

/* xorshift32 */
static uint32_t next_random(struct event_pace *pace)
{
	pace->random ^= pace->random << 13;
	pace->random ^= pace->random >> 17;
	pace->random ^= pace->random << 5;
	return pace->random;
}

bool event_pace_take(struct event_pace *pace)
{
	if (!pace->per_second)
		return true;
	pace->matched++;
	if (pace->left < 1)
		return false;
	/* twice as likely as it need be, or a batch would often end with something left */
	if (pace->matched_before > 2 * pace->left &&
	    next_random(pace) % pace->matched_before >= 2 * pace->left)
		return false;
	pace->left--;
	return true;
}

void event_pace_end_batch(struct event_pace *pace, uint64_t now_ms)
{
	double passed_ms = now_ms - pace->filled_ms;

	pace->matched_before = pace->matched;
	pace->matched = 0;
	pace->filled_ms = now_ms;
	pace->left += pace->per_second * passed_ms / 1000;
	if (pace->left > room(pace))
		pace->left = room(pace);
}
