// SPDX-License-Identifier: GPL-2.0-only
/* In slash64d of the coverage build: what was counted is written every now and then, not only when it ends, as some
 * tests kill it.
 */
#include <gcov.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#define FLUSH_US 200000

static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;

/* A line that runs between the two calls is not counted, which another time it will be. */
static void *flush(void *data)
{
	(void)data;
	for (;;) {
		usleep(FLUSH_US);
		pthread_mutex_lock(&writing);
		__gcov_dump();
		__gcov_reset();
		pthread_mutex_unlock(&writing);
	}
	return NULL;
}

/* What is written at the end is not written by two: taken, and kept. */
static void __attribute__((destructor)) flush_stop(void)
{
	pthread_mutex_lock(&writing);
}

/* Signals are for the thread of the event loop. */
static void __attribute__((constructor)) flush_start(void)
{
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_create(&thread, NULL, flush, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}
