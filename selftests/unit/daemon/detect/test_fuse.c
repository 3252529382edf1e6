// SPDX-License-Identifier: GPL-2.0-only
/* The fuse of what rules do by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/detect/fuse.h"

static struct fuse fuse;
static uint64_t now_ms;

static int set_up(void **state)
{
	memset(&fuse, 0, sizeof(fuse));
	now_ms = 5000000;
	return 0;
}

static enum fuse_answer ask(double share)
{
	return fuse_ask(&fuse, now_ms, 3, share, 0.3);
}

static void it_blows_once_after_so_many_actions_and_holds_again_after_an_hour(void **state)
{
	for (int i = 0; i < 3; i++, now_ms += 1000) {
		assert_int_equal(ask(0), FUSE_HOLDS);
		fuse_count(&fuse, now_ms);
	}
	assert_int_equal(ask(0), FUSE_BLOWS_BY_ACTIONS);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(ask(0), FUSE_HAS_BLOWN);
	assert_int_equal(fuse.blown, 1);
	assert_true(fuse_has_blown(&fuse, now_ms));
	now_ms += FUSE_SPAN_MS;
	assert_false(fuse_has_blown(&fuse, now_ms));
	assert_int_equal(ask(0), FUSE_HOLDS);
}

static void actions_of_an_hour_ago_do_not_count(void **state)
{
	for (int i = 0; i < 100; i++, now_ms += FUSE_SPAN_MS / 2) {
		assert_int_equal(ask(0), FUSE_HOLDS);
		fuse_count(&fuse, now_ms);
	}
	assert_int_equal(fuse.blown, 0);
}

static void it_blows_before_too_much_of_the_traffic_is_hit(void **state)
{
	assert_int_equal(ask(0.3), FUSE_HOLDS);
	assert_int_equal(ask(0.31), FUSE_BLOWS_BY_SHARE);
	assert_int_equal(ask(0), FUSE_HAS_BLOWN);
}

/* The ring holds as many as the configuration may allow. */
static void the_largest_number_of_actions_is_counted(void **state)
{
	for (int i = 0; i < FUSE_ACTIONS_MAX; i++) {
		assert_int_equal(fuse_ask(&fuse, now_ms, FUSE_ACTIONS_MAX, 0, 1), FUSE_HOLDS);
		fuse_count(&fuse, now_ms);
	}
	assert_int_equal(fuse_ask(&fuse, now_ms, FUSE_ACTIONS_MAX, 0, 1), FUSE_BLOWS_BY_ACTIONS);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

/* A machine that was started a minute ago remembers what was done half an hour ago. */
static void what_was_done_before_a_start_counts(void **state)
{
	now_ms = 60000;
	for (int i = 0; i < 3; i++)
		fuse_recall(&fuse, now_ms, FUSE_SPAN_MS / 2, false);
	fuse_recall(&fuse, now_ms, FUSE_SPAN_MS, false);
	assert_int_equal(ask(0), FUSE_BLOWS_BY_ACTIONS);
	now_ms += FUSE_SPAN_MS;
	assert_int_equal(ask(0), FUSE_HOLDS);
	fuse_recall(&fuse, now_ms, FUSE_SPAN_MS / 2, true);
	assert_int_equal(ask(0), FUSE_HAS_BLOWN);
	now_ms += FUSE_SPAN_MS / 2;
	assert_int_equal(ask(0), FUSE_HOLDS);
	/* a clock that was set back */
	fuse_recall(&fuse, now_ms, -1000, true);
	assert_int_equal(ask(0), FUSE_HAS_BLOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_blows_once_after_so_many_actions_and_holds_again_after_an_hour),
		TEST(actions_of_an_hour_ago_do_not_count),
		TEST(it_blows_before_too_much_of_the_traffic_is_hit),
		TEST(the_largest_number_of_actions_is_counted),
		TEST(what_was_done_before_a_start_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
