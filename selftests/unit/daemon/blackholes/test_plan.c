// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "daemon/blackholes/plan.h"

#define DAMPEN_MS 60000

static struct plan plan;
static struct prefix_set wanted;
static struct plan_limits limits;

static struct prefix at(unsigned int number)
{
	return prefix_of_bits(0x20010db800000000 | (uint64_t)number << 16, 0, 48);
}

static void want(unsigned int number)
{
	struct prefix prefix = at(number);

	assert_int_equal(prefix_set_add(&wanted, &prefix), 0);
}

static void unwant(unsigned int number)
{
	struct prefix prefix = at(number);

	prefix_set_remove(&wanted, &prefix);
}

static unsigned int breaths;

static void breathe(void *data)
{
	breaths++;
}

/* The kernel does what it is told. */
static void next(int64_t now_ms)
{
	const struct pace pace = {breathe, NULL};
	struct plan after;

	assert_int_equal(plan_next(&plan, &wanted, &limits, now_ms, &pace, &after), 0);
	plan_free(&plan);
	plan = after;
	for (size_t i = 0; i < plan.count; i++)
		plan.route[i].is_there = plan.route[i].state == PLAN_ANNOUNCED;
}

static enum plan_state state_of(unsigned int number)
{
	struct prefix prefix = at(number);

	for (size_t i = 0; i < plan.count; i++)
		if (!prefix_compare(&plan.route[i].prefix, &prefix))
			return plan.route[i].state;
	return PLAN_GONE;
}

static int begin(void **state)
{
	limits = (struct plan_limits){3, DAMPEN_MS};
	return 0;
}

static int end(void **state)
{
	plan_free(&plan);
	prefix_set_free(&wanted);
	wanted = (struct prefix_set){};
	return 0;
}

static void what_is_blocked_is_announced_and_withdrawn(void **state)
{
	want(1);
	want(2);
	next(0);
	assert_int_equal(state_of(1), PLAN_ANNOUNCED);
	assert_int_equal(plan.announced, 2);
	unwant(1);
	next(1);
	assert_int_equal(state_of(1), PLAN_GONE);
	assert_int_equal(state_of(2), PLAN_ANNOUNCED);
	next(1 + DAMPEN_MS + 1);
	assert_int_equal(plan.count, 1); /* it is forgotten */
}

static void no_more_than_max_are_announced_and_who_was_first_stays(void **state)
{
	want(5);
	want(6);
	next(0);
	want(1);
	want(2);
	want(7);
	next(1);
	assert_int_equal(plan.announced, 3);
	assert_int_equal(plan.no_room, 2);
	assert_int_equal(state_of(5), PLAN_ANNOUNCED);
	assert_int_equal(state_of(6), PLAN_ANNOUNCED);
	assert_int_equal(state_of(1), PLAN_ANNOUNCED);
	assert_int_equal(state_of(2), PLAN_NO_ROOM);
	unwant(5);
	next(2);
	assert_int_equal(state_of(2), PLAN_ANNOUNCED);
	assert_int_equal(state_of(7), PLAN_NO_ROOM);
	for (unsigned int i = 0; i < 9; i++) {
		struct prefix prefix = at(i);

		assert_int_equal(plan_is_announced(&plan, &prefix), state_of(i) == PLAN_ANNOUNCED);
	}
	limits.max = 1;
	next(3);
	assert_int_equal(plan.announced, 1);
}

static void a_prefix_that_flaps_is_announced_again_only_after_it_was_blocked_for_long(void **state)
{
	int changes = 0;
	int64_t now = 0;

	for (int i = 0; i < 50; i++) {
		want(1);
		next(now += 100);
		changes += state_of(1) == PLAN_ANNOUNCED;
		unwant(1);
		next(now += 100);
	}
	assert_int_equal(changes, PLAN_FLAPS_MAX);
	want(1);
	next(now += 100);
	assert_int_equal(state_of(1), PLAN_DAMPENED);
	assert_int_equal(plan.dampened, 1);
	next(now + DAMPEN_MS - 1);
	assert_int_equal(state_of(1), PLAN_DAMPENED);
	next(now + DAMPEN_MS);
	assert_int_equal(state_of(1), PLAN_ANNOUNCED);
	/* and has a clean record */
	unwant(1);
	next(now += DAMPEN_MS + 10);
	want(1);
	next(now += 10);
	assert_int_equal(state_of(1), PLAN_ANNOUNCED);
}

static void one_that_changes_seldom_is_not_dampened(void **state)
{
	int64_t now = 0;

	for (int i = 0; i < 20; i++) {
		want(1);
		next(now += DAMPEN_MS);
		assert_int_equal(state_of(1), PLAN_ANNOUNCED);
		unwant(1);
		next(now += DAMPEN_MS);
	}
}

static void a_route_that_stayed_in_the_kernel_is_still_known(void **state)
{
	want(1);
	next(0);
	unwant(1);
	plan.route[0].flaps = 0;
	plan.route[0].is_there = true;
	{
		struct plan after;

		assert_int_equal(plan_next(&plan, &wanted, &limits, 10 * DAMPEN_MS, NULL, &after),
				 0);
		assert_int_equal(after.count, 1);
		assert_true(after.route[0].is_there);
		plan_free(&after);
	}
}

/* 40,000 of them took 9 ms of one turn. */
static void it_can_pause_at_each_route(void **state)
{
	struct prefix_set there = {};
	const struct pace pace = {breathe, NULL};

	for (unsigned int i = 0; i < 100; i++)
		want(i);
	breaths = 0;
	next(0);
	assert_int_equal(breaths, 300); /* compared, counted, and given room */
	breaths = 0;
	plan_note_kernel(&plan, &there, &pace);
	assert_int_equal(breaths, 100);
	prefix_set_free(&there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_can_pause_at_each_route, begin, end),
		cmocka_unit_test_setup_teardown(what_is_blocked_is_announced_and_withdrawn, begin,
						end),
		cmocka_unit_test_setup_teardown(
			no_more_than_max_are_announced_and_who_was_first_stays, begin, end),
		cmocka_unit_test_setup_teardown(
			a_prefix_that_flaps_is_announced_again_only_after_it_was_blocked_for_long,
			begin, end),
		cmocka_unit_test_setup_teardown(one_that_changes_seldom_is_not_dampened, begin,
						end),
		cmocka_unit_test_setup_teardown(a_route_that_stayed_in_the_kernel_is_still_known,
						begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
