/* SPDX-License-Identifier: GPL-2.0-only */
/* Events: the samples of the datapath, passed on as they are read to whoever looks. Nobody is
 * waited for: a reader that cannot take an event loses it.
 */
#ifndef SLASH64_DAEMON_EVENTS_EVENTS_H
#define SLASH64_DAEMON_EVENTS_EVENTS_H

#include <sys/queue.h>

#include "event_filter.h"
#include "maps/maps.h"

struct event_reader {
	struct event_filter filter;
	void (*on_event)(const struct s64_sample *sample, void *data);
	/* a batch has ended; NULL: not needed */
	void (*on_batch)(void *data);
	void *data;
	LIST_ENTRY(event_reader) link;
};

LIST_HEAD(event_readers, event_reader);

struct events {
	struct event_readers readers; /* zeroed: nobody */
};

/* The reader belongs to the caller, and must stay where it is until it is removed. It may be
 * removed within its own callbacks.
 */
void events_add(struct events *events, struct event_reader *reader);
void events_remove(struct event_reader *reader);

static inline bool events_has_readers(const struct events *events)
{
	return !LIST_EMPTY(&events->readers);
}

/* Called by the reader of the samples. */
void events_pass(struct events *events, const struct s64_sample *sample);
void events_end_batch(struct events *events);

/* When the packet came, in milliseconds since 1970. */
int64_t event_time_ms(const struct s64_meta *meta, const struct s64_sample *sample);

#endif
