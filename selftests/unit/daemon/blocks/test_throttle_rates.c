// SPDX-License-Identifier: GPL-2.0-only
/* A rate keeps its number while anything refers to it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "blocks_test.h"

static int number(uint32_t rate, uint32_t burst)
{
	return throttles_number(&blocks.throttles, rate, burst, &error);
}

static const struct s64_limit *limit(int i)
{
	return &native_maps.limits[S64_LIMIT_THROTTLE + i];
}

static void a_rate_has_one_number_and_is_in_force_at_once(void **state)
{
	int a = number(100, 200), b = number(100, 300);

	assert_true(a >= 0 && b >= 0 && a != b);
	assert_int_equal(number(100, 200), a);
	assert_true(limit(a)->source.increment > 0);
	assert_true(limit(b)->source.tolerance > limit(a)->source.tolerance);
}

static void a_burst_longer_than_a_limit_can_be_is_refused_and_takes_no_number(void **state)
{
	assert_int_equal(number(1, S64_TOLERANCE_SECONDS + 1), -ERANGE);
	assert_string_equal(error.member[0].key, "burst_max");
	assert_string_equal(error.member[0].value, "300");
	assert_int_equal(throttles_try(&blocks.throttles, 1, S64_TOLERANCE_SECONDS + 1, 0, &error),
			 -ERANGE);
	for (int i = 0; i < S64_THROTTLE_MAX; i++)
		assert_int_equal(blocks.throttles.entry[i].rate, 0);
	assert_true(number(1, S64_TOLERANCE_SECONDS) >= 0);
}

static void all_numbers_can_be_held_and_no_more(void **state)
{
	for (unsigned int i = 1; i <= S64_THROTTLE_MAX; i++)
		assert_true(number(i, i) >= 0);
	assert_int_equal(number(1000, 1000), -EDQUOT);
	assert_int_equal(throttles_try(&blocks.throttles, 1000, 1000, 0, &error), -EDQUOT);
	assert_int_equal(throttles_try(&blocks.throttles, 5, 5, 0, &error), 0);
	assert_true(number(5, 5) >= 0);
	/* the change has ended, and nothing refers to them */
	throttles_release(&blocks.throttles);
	assert_int_equal(throttles_try(&blocks.throttles, 1000, 1000, 0, &error), 1);
	assert_true(number(1000, 1000) >= 0);
}

static void what_a_row_or_the_maps_refer_to_is_not_given_away(void **state)
{
	int stored, in_maps;

	block("2400::/64", "a", 100);
	in_maps = info_of("2400::/64") & S64_BLOCK_INDEX;
	/* hidden by a block, so only in the store */
	stored = number(77, 154);
	say("2401::/64", "a", 77, 0);
	throttles_release(&blocks.throttles);
	for (unsigned int i = 0; i < 3 * S64_THROTTLE_MAX; i++) {
		int given = number(1000 + i, 1000);

		assert_int_not_equal(given, stored);
		assert_int_not_equal(given, in_maps);
		if (given < 0)
			throttles_release(&blocks.throttles);
	}
	assert_int_equal(blocks.throttles.entry[stored].rate, 77);
	assert_int_equal(blocks.throttles.entry[in_maps].rate, 100);
}

static void a_trial_counts_what_others_would_take(void **state)
{
	assert_int_equal(throttles_try(&blocks.throttles, 9, 9, S64_THROTTLE_MAX - 1, &error), 1);
	assert_int_equal(throttles_try(&blocks.throttles, 9, 9, S64_THROTTLE_MAX, &error), -EDQUOT);
}

static void the_nearest_is_the_highest_below_or_the_lowest(void **state)
{
	int low = number(10, 10), middle = number(100, 100), high = number(1000, 1000);

	assert_int_equal(throttles_nearest(&blocks.throttles, 500), middle);
	assert_int_equal(throttles_nearest(&blocks.throttles, 100), middle);
	assert_int_equal(throttles_nearest(&blocks.throttles, 5000), high);
	assert_int_equal(throttles_nearest(&blocks.throttles, 5), low);
}

static void without_any_rate_there_is_no_nearest(void **state)
{
	assert_int_equal(throttles_nearest(&blocks.throttles, 5), -EDQUOT);
}

static void a_rate_that_was_rolled_back_is_forgotten(void **state)
{
	int i;

	done(store_begin(store, &error));
	i = number(100, 200);
	store_rollback(store);
	throttles_reload(&blocks.throttles);
	assert_int_equal(blocks.throttles.entry[i].rate, 0);
	assert_int_equal(limit(i)->source.increment, 0);
}

static void a_restart_finds_the_rates_of_the_store(void **state)
{
	struct throttles again;
	int i = number(100, 200);

	memset(native_maps.limits, 0, sizeof(*native_maps.limits) * S64_LIMIT_MAX);
	done(throttles_init(&again, store, &native_maps, &blocklist.buckets, &prefixes.buckets,
			    &error));
	assert_int_equal(again.entry[i].rate, 100);
	assert_int_equal(again.entry[i].burst, 200);
	assert_true(limit(i)->source.increment > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_rate_has_one_number_and_is_in_force_at_once,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(
			a_burst_longer_than_a_limit_can_be_is_refused_and_takes_no_number,
			blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(all_numbers_can_be_held_and_no_more, blocks_set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(what_a_row_or_the_maps_refer_to_is_not_given_away,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(a_trial_counts_what_others_would_take,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(the_nearest_is_the_highest_below_or_the_lowest,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(without_any_rate_there_is_no_nearest, blocks_set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(a_rate_that_was_rolled_back_is_forgotten,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(a_restart_finds_the_rates_of_the_store,
						blocks_set_up, blocks_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
