// SPDX-License-Identifier: GPL-2.0-only
#include "event_backlog.h"

#include <errno.h>
#include <event2/buffer.h>
#include <inttypes.h>

int event_backlog_init(struct event_backlog *backlog)
{
	*backlog = (struct event_backlog){.pending = evbuffer_new()};
	return backlog->pending ? 0 : -ENOMEM;
}

void event_backlog_free(struct event_backlog *backlog)
{
	if (backlog->pending)
		evbuffer_free(backlog->pending);
	backlog->pending = NULL;
}

bool event_backlog_has_room(struct event_backlog *backlog, size_t max)
{
	/* the line about lost events has room beside the event */
	if (evbuffer_get_length(backlog->pending) + backlog->in_flight + 2 * EVENT_LINE_MAX <= max)
		return true;
	backlog->lost++;
	return false;
}

static void tell_lost(struct event_backlog *backlog)
{
	/* if there is no memory, later */
	if (evbuffer_add_printf(backlog->pending, "{\"lost\":%" PRIu64 "}\n", backlog->lost) > 0)
		backlog->lost = 0;
}

void event_backlog_add(struct event_backlog *backlog, const char *line, size_t bytes)
{
	if (backlog->lost)
		tell_lost(backlog);
	if (evbuffer_add(backlog->pending, line, bytes))
		backlog->lost++;
}

void event_backlog_add_sign(struct event_backlog *backlog)
{
	tell_lost(backlog);
}

void event_backlog_send(struct event_backlog *backlog)
{
	backlog->in_flight = evbuffer_get_length(backlog->pending);
}

void event_backlog_sent(struct event_backlog *backlog)
{
	backlog->in_flight = 0;
	if (backlog->lost)
		tell_lost(backlog);
}
