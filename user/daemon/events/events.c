// SPDX-License-Identifier: GPL-2.0-only
#include "events.h"

#include <time.h>

#define NS_PER_MS     1000000LL
#define NS_PER_SECOND 1000000000LL

void events_add(struct events *events, struct event_reader *reader)
{
	LIST_INSERT_HEAD(&events->readers, reader, link);
}

void events_remove(struct event_reader *reader)
{
	LIST_REMOVE(reader, link);
}

void events_pass(struct events *events, const struct s64_sample *sample)
{
	struct event_reader *reader, *next;

	for (reader = LIST_FIRST(&events->readers); reader; reader = next) {
		next = LIST_NEXT(reader, link);
		if (event_filter_matches(&reader->filter, sample))
			reader->on_event(sample, reader->data);
	}
}

void events_end_batch(struct events *events)
{
	struct event_reader *reader, *next;

	for (reader = LIST_FIRST(&events->readers); reader; reader = next) {
		next = LIST_NEXT(reader, link);
		if (reader->on_batch)
			reader->on_batch(reader->data);
	}
}

static int64_t read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* The sample has the low half of the jiffies; it is not older than the ring. */
int64_t event_time_ms(const struct s64_meta *meta, const struct s64_sample *sample)
{
	int64_t now_ns = read_ns(CLOCK_MONOTONIC);
	uint64_t now = (now_ns + meta->jiffies_ahead_ns) / meta->tick_ns;
	int32_t ago = (uint32_t)now - sample->tick;

	if (ago < 0)
		ago = 0;
	return (read_ns(CLOCK_REALTIME) - (int64_t)ago * meta->tick_ns) / NS_PER_MS;
}
