// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/loop/packets_beside.c user/daemon/loop/aside.c */
/* Packets in flight are waited for beside the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <event2/event.h>
#include <unistd.h>

#include "daemon/loop/aside.h"
#include "daemon/loop/packets_beside.h"
#include "maps/packets_wait.h"

static struct event_base *base;
static struct aside *aside;
static pid_t loop, waited_in;
static int told;

void packets_wait(void)
{
	usleep(1000);
	waited_in = gettid();
}

static void done(void *data)
{
	assert_int_equal(gettid(), loop);
	++*(int *)data;
}

static int set_up(void **state)
{
	(void)state;
	loop = gettid();
	told = waited_in = 0;
	base = event_base_new();
	aside = aside_new(base);
	return !aside;
}

static int tear_down(void **state)
{
	(void)state;
	aside_free(aside);
	event_base_free(base);
	return 0;
}

static void the_end_is_told_on_the_loop_and_waited_for_beside_it(void **state)
{
	(void)state;
	assert_non_null(packets_beside_begin(aside, done, &told));
	assert_int_equal(told, 0);
	while (!told)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(told, 1);
	assert_int_not_equal(waited_in, 0);
	assert_int_not_equal(waited_in, loop);
}

static void who_has_gone_is_not_told(void **state)
{
	(void)state;
	packets_beside_forget(packets_beside_begin(aside, done, &told));
	packets_beside_forget(NULL);
	aside_finish(aside);
	assert_int_equal(told, 0);
	assert_int_not_equal(waited_in, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(the_end_is_told_on_the_loop_and_waited_for_beside_it),
		TEST(who_has_gone_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
