// SPDX-License-Identifier: GPL-2.0-only
#include "aside.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

STAILQ_HEAD(aside_jobs, aside_job);

#define HOLD_MS 200

/* For reading while a job runs: those of several asides run at once. For writing while none may. */
static pthread_rwlock_t held = PTHREAD_RWLOCK_INITIALIZER;

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

	pthread_rwlock_rdlock(&held);
	job->run(job->data);
	pthread_rwlock_unlock(&held);
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

bool aside_hold(void)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += HOLD_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	return !pthread_rwlock_clockwrlock(&held, CLOCK_MONOTONIC, &until);
}

void aside_release(void)
{
	pthread_rwlock_unlock(&held);
}
