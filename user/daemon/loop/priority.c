// SPDX-License-Identifier: GPL-2.0-only
#include "priority.h"

#include <errno.h>
#include <event2/event.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/error.h"
#include "base/log.h"

/* Set by the signal handler; there is one process, and one such signal. */
static volatile sig_atomic_t is_lowered;
static bool has_priority; /* or regains it soon */

static int set(int policy, int priority)
{
	const struct sched_param parameter = {.sched_priority = priority};

	return sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, &parameter) ? -errno : 0;
}

/* RLIMIT_RTTIME: CPU time without a wait (getrlimit(2)). */
static void on_span_over(int signal_number)
{
	int before = errno;

	(void)signal_number;
	if (!set(SCHED_OTHER, 0))
		is_lowered = 1;
	errno = before;
}

/* The kernel raises the soft limit by a second whenever it sends the signal (check_thread_timers() in
 * kernel/time/posix-cpu-timers.c): it has to be set again, or the second span lasts a second, and the
 * third two.
 */
static int limit_span(void)
{
	struct rlimit span;

	if (getrlimit(RLIMIT_RTTIME, &span))
		return -errno;
	span.rlim_cur = PRIORITY_SPAN_US;
	return setrlimit(RLIMIT_RTTIME, &span) ? -errno : 0;
}

static void on_back(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	(void)data;
	if (!is_lowered || limit_span())
		return;
	is_lowered = 0;
	if (set(SCHED_FIFO, PRIORITY_REALTIME))
		is_lowered = 1;
}

/* So that it can be regained without CAP_SYS_NICE. */
static void allow_realtime(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_RTPRIO, &limit) || limit.rlim_cur >= PRIORITY_REALTIME)
		return;
	limit.rlim_cur = PRIORITY_REALTIME;
	if (limit.rlim_max < PRIORITY_REALTIME)
		limit.rlim_max = PRIORITY_REALTIME;
	setrlimit(RLIMIT_RTPRIO, &limit);
}

/* Never real-time priority without a limit on it. */
static int raise_priority(void)
{
	struct sigaction action = {.sa_handler = on_span_over, .sa_flags = SA_RESTART};
	int err;

	allow_realtime();
	if (sigaction(SIGXCPU, &action, NULL))
		return -errno;
	err = limit_span();
	return err ? err : set(SCHED_FIFO, PRIORITY_REALTIME);
}

bool priority_takes_capability(void)
{
	struct rlimit limit;

	return has_priority &&
	       (getrlimit(RLIMIT_RTPRIO, &limit) || limit.rlim_cur < PRIORITY_REALTIME);
}

int priority_start(struct event_base *base, struct event **back, struct error *error)
{
	struct event *event;
	int err = raise_priority();

	*back = NULL;
	if (err) {
		log_info(
			"runs without real-time priority (%s): while packets keep all CPUs busy, commands wait their turn; CAP_SYS_NICE or LimitRTPRIO=%d allows it",
			strerror(-err), PRIORITY_REALTIME);
		return 0;
	}
	has_priority = true;
	event = event_new(base, -1, EV_PERSIST, on_back, NULL);
	if (!event)
		return error_set(error, -ENOMEM, "out of memory");
	*back = event;
	return 0;
}
