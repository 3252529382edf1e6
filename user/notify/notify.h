/* SPDX-License-Identifier: GPL-2.0-only */
/* slash64-notify: one thread follows the log of slash64d into the queue, and one for each receiver
 * delivers from it.
 */
#ifndef SLASH64_NOTIFY_NOTIFY_H
#define SLASH64_NOTIFY_NOTIFY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "queue.h"
#include "settings.h"

struct notify;

/* What the metrics tell of a receiver. */
struct delivery {
	struct notify *notify;
	const struct receiver *receiver;
	pthread_t thread;
	bool is_running;
	_Atomic uint64_t delivered, failed, refused, repeated, filtered;
	_Atomic int64_t last_s; /* when it last took something; 0: never */
};

struct notify {
	struct settings settings;
	struct queue *queue;
	char host[256];
	struct delivery delivery[RECEIVERS_MAX];
	pthread_t follower;
	bool is_following;
	_Atomic bool stops, is_full;
	_Atomic int64_t contact_s; /* when slash64d last said something; 0: never */
	_Atomic uint64_t changes;  /* taken from the log */
	/* signalled when there is more to deliver, less in the queue, or an end */
	pthread_mutex_t mutex;
	pthread_cond_t more;
};

/* True: the program ends. */
bool notify_stops(void *notify);
/* Waits for `more`, or that long. */
void notify_wait(struct notify *notify, int64_t ms);
void notify_wake(struct notify *notify);

/* Which log slash64d has (docs/api.md). */
int log_identity(const struct notify *notify, char log[QUEUE_LOG_MAX], struct error *error);

/* Threads; their data is the struct notify, and the struct delivery. */
void *follow_log(void *data);
void *deliver_changes(void *data);

struct evbuffer;
void notify_write_metrics(struct evbuffer *out, void *data);

#endif
