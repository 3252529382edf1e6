/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells of committed changes as they come: a line with fields in the journal for each, and one for
 * many of the same kind; and whoever follows the log is woken.
 *
 * It keeps the number of the last row it has told of, not the rows: where the journal or a follower
 * is behind, nothing grows, and nothing waits.
 */
#ifndef SLASH64_DAEMON_ANNOUNCE_H
#define SLASH64_DAEMON_ANNOUNCE_H

#include "base/error.h"

struct announce;
struct event_base;
struct store;

/* What is committed from now on. */
int announce_start(struct announce **announce, struct store *store, struct event_base *base,
		   struct error *error);
/* Tells the rest. Nobody waits any more by then. NULL is fine. */
void announce_stop(struct announce *announce);

/* Someone who waits for changes; set by announce_wait(). */
struct announce_waiter {
	struct announce_waiter *next, **at; /* at NULL: does not wait */
	void (*wake)(void *data);	    /* called once, soon after the next commit */
	void *data;
};

void announce_wait(struct announce *announce, struct announce_waiter *waiter);
void announce_forget(struct announce_waiter *waiter);

#endif
