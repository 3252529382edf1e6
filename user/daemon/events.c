// SPDX-License-Identifier: GPL-2.0-only
/* Permanent timers and signals. */
#include <errno.h>
#include <event2/event.h>

#include "daemon.h"

int daemon_add_event(struct daemon *daemon, struct event *event, const struct timeval *span)
{
	if (!event || daemon->events == DAEMON_EVENTS_MAX || event_add(event, span)) {
		if (event)
			event_free(event);
		return -ENOMEM;
	}
	daemon->event[daemon->events++] = event;
	return 0;
}

void daemon_free_events(struct daemon *daemon)
{
	while (daemon->events)
		event_free(daemon->event[--daemon->events]);
}
