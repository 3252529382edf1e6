// SPDX-License-Identifier: GPL-2.0-only
/* For slash64d of the coverage build: counters are written every now and then, not only at the end,
 * because some tests kill it.
 */
#include <gcov.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#define FLUSH_US 200000

static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;

/* A line that runs between the two calls is not counted this time; another run will count it. */
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

/* The final write must not run twice: take the lock and keep it. */
static void __attribute__((destructor)) flush_stop(void)
{
	pthread_mutex_lock(&writing);
}

/* Signals belong to the thread of the event loop. */
static void __attribute__((constructor)) flush_start(void)
{
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_create(&thread, NULL, flush, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}
