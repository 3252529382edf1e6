/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines that a reader of events has not taken yet: so many bytes at most. What has no room is lost,
 * and counted; the reader is told how much, where it is missing.
 */
#ifndef SLASH64_DAEMON_API_FOLLOW_EVENT_BACKLOG_H
#define SLASH64_DAEMON_API_FOLLOW_EVENT_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a line, with its end. */
#define EVENT_LINE_MAX 2048

struct evbuffer;

struct event_backlog {
	struct evbuffer *pending;
	size_t in_flight; /* bytes that are being sent, and no longer in `pending` */
	uint64_t lost;	  /* events, which the reader has not been told of yet */
};

/* -ENOMEM. */
int event_backlog_init(struct event_backlog *backlog);
void event_backlog_free(struct event_backlog *backlog);

/* Is there room for an event, with at most `max` bytes in all? If not, it is lost. */
bool event_backlog_has_room(struct event_backlog *backlog, size_t max);

/* If there is. */
void event_backlog_add(struct event_backlog *backlog, const char *line, size_t bytes);

/* {"lost":0}: nothing was, and the reader is still there? */
void event_backlog_add_sign(struct event_backlog *backlog);

/* Everything pending is on its way: to be sent by the caller, from `pending`. */
void event_backlog_send(struct event_backlog *backlog);
/* It was taken. Loss is told at once, not with the next event. */
void event_backlog_sent(struct event_backlog *backlog);

#endif
