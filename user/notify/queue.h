/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes on disk that somebody has still to be told: written when slash64d tells them, removed when
 * every receiver has them. Of bounded size: slash64d keeps the others in its log meanwhile. A
 * receiver that takes nothing does not fill it for the others: what it has still to be told becomes
 * a gap, which is read from the log again when it takes something. All functions may be called by
 * any thread.
 */
#ifndef SLASH64_NOTIFY_QUEUE_H
#define SLASH64_NOTIFY_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct queue;

/* Opens the queue in a directory, or makes one. */
int queue_open(struct queue **queue, const char *directory, uint32_t changes_max,
	       struct error *error);
void queue_close(struct queue *queue);

/* The receivers of the configuration: a new one is told what comes from now on, one that is gone is
 * forgotten. `names` ends with NULL.
 */
int queue_set_receivers(struct queue *queue, const char *const *names, struct error *error);

/* --- by who reads the log --- */

#define QUEUE_LOG_MAX 40

/* The number of the last change of the log that is in the queue; -1: it never had one. `log`: which
 * log (docs/api.md); "": unknown.
 */
int queue_position(struct queue *queue, int64_t *number, char log[QUEUE_LOG_MAX],
		   struct error *error);
/* Without a change: from where to read on. */
int queue_set_position(struct queue *queue, int64_t number, const char *log, struct error *error);

/* Adds a change, JSON, and moves the position, as one; a `number` that is not above the position is
 * that of no change. -ENOSPC: it is full, and no receiver is ahead of the others; nothing was done.
 */
int queue_add(struct queue *queue, int64_t number, const char *change, struct error *error);

/* --- by who delivers --- */

/* A receiver has to be told the changes with numbers above `from`, up to `to`, of that log, before
 * those in the queue. 1: there is no gap.
 */
struct queue_gap {
	int64_t from, to;
	char log[QUEUE_LOG_MAX];
};

int queue_gap(struct queue *queue, const char *receiver, struct queue_gap *gap,
	      struct error *error);
/* It was told those up to that number. */
int queue_gap_done(struct queue *queue, const char *receiver, int64_t number, struct error *error);

/* The next change in the queue for a receiver, to be freed, and its place. 1: there is none. */
int queue_next(struct queue *queue, const char *receiver, int64_t *place, char **change,
	       struct error *error);
/* It has that one, or needs none. `number`: of the change, 0 if it has none. */
int queue_done(struct queue *queue, const char *receiver, int64_t place, int64_t number,
	       struct error *error);
/* How many changes a receiver has still to be told. */
int64_t queue_waiting(struct queue *queue, const char *receiver);

/* --- incidents: what a receiver was told of a prefix --- */

#define QUEUE_KEY_MAX 192

/* Is this the last thing that the receiver was told of the prefix, at or after that time? Then 0; 1:
 * it is not. So what it was told last is how things are, however often they change. `thread` becomes
 * the key of the first thing that it was told of this prefix since then, or stays as it is.
 */
int queue_was_told(struct queue *queue, const char *receiver, const char *prefix, const char *what,
		   int64_t since_s, char thread[QUEUE_KEY_MAX], struct error *error);
int queue_told(struct queue *queue, const char *receiver, const char *prefix, const char *what,
	       const char *key, int64_t now_s, struct error *error);

#endif
