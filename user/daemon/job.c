// SPDX-License-Identifier: GPL-2.0-only
#include "job.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>

#include "changes.h"
#include "daemon.h"
#include "log.h"
#include "reply.h"
#include "store_log.h"

#define WAIT_MS 10 /* for a change that has paused */

struct job {
	struct daemon *daemon;
	struct evhttp_request *request; /* NULL: nobody waits for the answer any more */
	struct event *event;
	struct store_actor actor;
	const struct job_kind *kind;
	void *data;
};

void job_free(struct job *job)
{
	if (!job)
		return;
	if (job->event)
		event_free(job->event);
	job->kind->free(job->data);
	free(job);
}

/* libevent takes the connection off a request that is not done, and leaves it to us; to end it then is to free it. */
static void job_closed(struct evhttp_connection *connection, void *data)
{
	struct job *job = data;

	(void)connection;
	if (!evhttp_request_get_connection(job->request))
		evhttp_send_reply_end(job->request);
	job->request = NULL;
}

static void job_end(struct job *job, int err, const struct error *error)
{
	struct evhttp_connection *connection = job->request ? evhttp_request_get_connection(job->request) : NULL;

	if (connection)
		evhttp_connection_set_closecb(connection, NULL, NULL);
	if (!job->request && err)
		log_error("a change that nobody waits for is not done: %s", error->text);
	else if (job->request && err)
		reply_error(job->request, err, error);
	else if (job->request)
		reply_object(job->request, job->kind->answer(job->data));
	job->daemon->job = NULL;
	job_free(job);
}

static void job_turn(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval at_once = {};
	static const struct timeval soon = {0, WAIT_MS * 1000};
	struct job *job = data;
	struct store *store = job->daemon->store;
	struct error error;
	int more;

	(void)fd;
	(void)what;
	if (changes_are_busy(job->daemon->changes)) {
		event_add(job->event, &soon);
		return;
	}
	store_set_actor(store, &job->actor);
	more = job->kind->step(job->daemon, job->data, &error);
	store_get_actor(store, &job->actor);
	store_set_actor(store, NULL);
	if (more > 0)
		event_add(job->event, &at_once);
	else
		job_end(job, more, &error);
}

void job_start(struct daemon *daemon, struct evhttp_request *request, const struct job_kind *kind, void *data)
{
	static const struct timeval at_once = {};
	struct job *job = NULL;
	struct error error;
	int err = 0;

	if (daemon->job)
		err = error_set(&error, -EBUSY, "another long change is under way; try again when that is done");
	if (!err && !(job = calloc(1, sizeof(*job))))
		err = error_set(&error, -ENOMEM, "out of memory");
	if (!err && !(job->event = event_new(daemon->base, -1, 0, job_turn, job))) {
		free(job);
		err = error_set(&error, -ENOMEM, "out of memory");
	}
	if (err) {
		kind->free(data);
		reply_error(request, err, &error);
		return;
	}
	job->daemon = daemon;
	job->request = request;
	job->kind = kind;
	job->data = data;
	store_get_actor(daemon->store, &job->actor);
	daemon->job = job;
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), job_closed, job);
	event_add(job->event, &at_once);
}
