// SPDX-License-Identifier: GPL-2.0-only
#include "aside.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

STAILQ_HEAD(aside_jobs, aside_job);

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER; /* while a job runs, or none may */

struct aside {
	struct event *over;
	struct aside_jobs jobs; /* the first one runs */
	pthread_t thread;
	bool in_thread;
	int fd; /* an eventfd: the job has run */
};

static void run(struct aside *aside)
{
	struct aside_job *job = STAILQ_FIRST(&aside->jobs);
	uint64_t one = 1;

	aside_hold();
	job->run(job->data);
	aside_release();
	/* cannot fail: the counter is 0 */
	if (write(aside->fd, &one, sizeof(one)) < 0)
		abort();
}

static void *in_thread(void *aside)
{
	run(aside);
	return NULL;
}

/* Signals are for the loop. Without a thread, the loop waits for the job. */
static void begin(struct aside *aside)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	aside->in_thread = !pthread_create(&aside->thread, NULL, in_thread, aside);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!aside->in_thread)
		run(aside);
}

static void end(struct aside *aside)
{
	struct aside_job *job = STAILQ_FIRST(&aside->jobs);
	uint64_t one;

	if (aside->in_thread)
		pthread_join(aside->thread, NULL);
	if (read(aside->fd, &one, sizeof(one)) < 0)
		abort();
	STAILQ_REMOVE_HEAD(&aside->jobs, link);
	if (!STAILQ_EMPTY(&aside->jobs))
		begin(aside);
	job->done(job->data);
}

static void on_over(evutil_socket_t fd, short what, void *aside)
{
	(void)fd;
	(void)what;
	end(aside);
}

struct aside *aside_new(struct event_base *base)
{
	struct aside *aside = calloc(1, sizeof(*aside));

	if (!aside)
		return NULL;
	STAILQ_INIT(&aside->jobs);
	aside->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (aside->fd >= 0)
		aside->over = event_new(base, aside->fd, EV_READ | EV_PERSIST, on_over, aside);
	if (aside->over && !event_add(aside->over, NULL))
		return aside;
	aside_free(aside);
	return NULL;
}

void aside_free(struct aside *aside)
{
	if (!aside)
		return;
	aside_finish(aside);
	if (aside->over)
		event_free(aside->over);
	if (aside->fd >= 0)
		close(aside->fd);
	free(aside);
}

void aside_run(struct aside *aside, struct aside_job *job)
{
	bool is_first = STAILQ_EMPTY(&aside->jobs);

	STAILQ_INSERT_TAIL(&aside->jobs, job, link);
	if (is_first)
		begin(aside);
}

void aside_finish(struct aside *aside)
{
	while (!STAILQ_EMPTY(&aside->jobs))
		end(aside);
}

void aside_hold(void)
{
	pthread_mutex_lock(&held);
}

void aside_release(void)
{
	pthread_mutex_unlock(&held);
}
