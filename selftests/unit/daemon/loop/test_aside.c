// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/loop/aside.c */
/* Jobs beside the loop, which goes on meanwhile (issue 13, line 9: the start and the end of a capture
 * waited for the kernel in it, 10 to 30 ms for each CPU).
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/loop/aside.h"

static struct event_base *base;
static struct aside *aside;
static int gate[2]; /* a job waits until something is written */
static char order[32];
static pid_t loop;

static void waits(void *data)
{
	char byte;

	(void)data;
	if (read(gate[0], &byte, 1) != 1)
		abort();
}

static void runs(void *data)
{
	(void)data;
}

static void done(void *data)
{
	assert_int_equal(gettid(), loop);
	strcat(order, data);
}

static void on_other(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	(void)data;
	strcat(order, "o");
	assert_int_equal(write(gate[1], "x", 1), 1);
}

static int set_up(void **state)
{
	(void)state;
	order[0] = '\0';
	loop = gettid();
	base = event_base_new();
	aside = aside_new(base);
	return !aside || pipe(gate);
}

static int tear_down(void **state)
{
	(void)state;
	aside_free(aside);
	aside_free(NULL);
	event_base_free(base);
	close(gate[0]);
	close(gate[1]);
	return 0;
}

static void the_loop_goes_on_while_a_job_waits(void **state)
{
	static const struct timeval soon = {0, 1000};
	struct aside_job job = {.run = waits, .done = done, .data = "a"};

	(void)state;
	aside_run(aside, &job);
	/* if the loop waited for the job, this would never come */
	event_base_once(base, -1, EV_TIMEOUT, on_other, NULL, &soon);
	while (strlen(order) < 2)
		event_base_loop(base, EVLOOP_ONCE);
	assert_string_equal(order, "oa");
}

static void jobs_run_one_after_the_other(void **state)
{
	struct aside_job first = {.run = waits, .done = done, .data = "a"},
			 second = {.run = runs, .done = done, .data = "b"},
			 third = {.run = runs, .done = done, .data = "c"};

	(void)state;
	aside_run(aside, &first);
	aside_run(aside, &second);
	aside_run(aside, &third);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_string_equal(order, "");
	assert_int_equal(write(gate[1], "x", 1), 1);
	while (strlen(order) < 3)
		event_base_loop(base, EVLOOP_ONCE);
	assert_string_equal(order, "abc");
}

static struct aside_job again = {.run = runs, .done = done, .data = "b"};

static void begins_another(void *data)
{
	done(data);
	aside_run(aside, &again);
}

static void all_of_them_end_when_they_are_waited_for(void **state)
{
	struct aside_job first = {.run = runs, .done = begins_another, .data = "a"};

	(void)state;
	aside_run(aside, &first);
	assert_string_equal(order, "");
	aside_finish(aside);
	assert_string_equal(order, "ab");
}

static volatile sig_atomic_t signalled_in;

static void on_signal(int number)
{
	(void)number;
	signalled_in = gettid();
}

static void signals_are_for_the_loop(void **state)
{
	struct aside_job job = {.run = waits, .done = done, .data = "a"};

	(void)state;
	signal(SIGUSR1, on_signal);
	aside_run(aside, &job);
	kill(getpid(), SIGUSR1);
	assert_int_equal(write(gate[1], "x", 1), 1);
	aside_finish(aside);
	assert_int_equal(signalled_in, loop);
}

static volatile sig_atomic_t has_run;

static void notes(void *data)
{
	(void)data;
	has_run = 1;
}

/* Around a call of libxdp, each new descriptor is taken for one that it left open: a capture that began at the same time
 * lost its rings.
 */
static void none_runs_while_they_are_held(void **state)
{
	struct aside_job job = {.run = notes, .done = done, .data = "a"};

	(void)state;
	has_run = 0;
	assert_true(aside_hold());
	aside_run(aside, &job);
	usleep(50000);
	assert_int_equal(has_run, 0);
	aside_release();
	aside_finish(aside);
	assert_int_equal(has_run, 1);
}

/* The loop would wait as long as the kernel does, for each ring of a capture. */
static void one_that_takes_long_is_not_waited_for(void **state)
{
	struct aside_job job = {.run = waits, .done = done, .data = "a"};
	struct aside *other = aside_new(base);
	struct aside_job beside = {.run = notes, .done = done, .data = "b"};

	(void)state;
	has_run = 0;
	aside_run(aside, &job);
	usleep(20000); /* it runs */
	assert_false(aside_hold());
	/* nor does it hold up what others wait for */
	aside_run(other, &beside);
	aside_finish(other);
	assert_int_equal(has_run, 1);
	assert_int_equal(write(gate[1], "x", 1), 1);
	aside_finish(aside);
	aside_free(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_loop_goes_on_while_a_job_waits),
		TEST(jobs_run_one_after_the_other),
		TEST(all_of_them_end_when_they_are_waited_for),
		TEST(signals_are_for_the_loop),
		TEST(none_runs_while_they_are_held),
		TEST(one_that_takes_long_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
