/* SPDX-License-Identifier: GPL-2.0-only */
/* A request that may take long: it is worked on piece by piece, others are served in between, and it is answered when all
 * of it is done. One at a time; the others are told to wait.
 */
#ifndef SLASH64_DAEMON_JOB_H
#define SLASH64_DAEMON_JOB_H

#include <jansson.h>

#include "error.h"

struct daemon;
struct evhttp_request;
struct job;

struct job_kind {
	/* A piece, within a turn and in a transaction of its own: 1 where there is more, 0 at the end, -errno. What it writes is
	 * the doing of who asked, and one change of theirs.
	 */
	int (*step)(struct daemon *daemon, void *data, struct error *error);
	/* What is answered at the end. */
	json_t *(*answer)(void *data);
	void (*free)(void *data);
};

/* Takes over the data, and answers the request sooner or later. Who asked need not wait: it is done all the same. */
void job_start(struct daemon *daemon, struct evhttp_request *request, const struct job_kind *kind, void *data);

/* At the end of the daemon. NULL is fine. */
void job_free(struct job *job);

#endif
