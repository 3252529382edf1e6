// SPDX-License-Identifier: GPL-2.0-only
/* Places the entries of a prefix in the maps: the strictest of all origins, and none within an
 * allowed prefix.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "blocks_test.h"

static void a_block_beats_a_throttle_and_the_lower_rate_the_higher(void **state)
{
	struct effective_action effective = {};
	struct store_block row = {.kind = STORE_THROTTLE, .rate = 100, .burst = 200};

	effective_add(&effective, &row);
	assert_true(effective.any && effective.rate == 100);
	row.rate = 101;
	effective_add(&effective, &row);
	assert_int_equal(effective.rate, 100);
	row.rate = 100;
	row.burst = 199;
	effective_add(&effective, &row);
	assert_int_equal(effective.burst, 199);
	row = (struct store_block){.kind = STORE_BLOCK};
	effective_add(&effective, &row);
	assert_int_equal(effective.kind, STORE_BLOCK);
	row = (struct store_block){.kind = STORE_THROTTLE, .rate = 1, .burst = 1};
	effective_add(&effective, &row);
	assert_int_equal(effective.kind, STORE_BLOCK);
}

static void what_has_ended_does_not_count(void **state)
{
	struct effective_action effective = {};
	struct store_block row = {.until_ms = clock_wall_ms() - 1};

	effective_add(&effective, &row);
	assert_false(effective.any);
	row.until_ms = clock_wall_ms() + HOUR_MS;
	effective_add(&effective, &row);
	assert_true(effective.any);
}

static void the_maps_have_the_strictest_of_all_origins(void **state)
{
	struct prefix prefix = prefix_of("2400::/64");
	int info;

	block("2400::/64", "a", 100);
	info = info_of("2400::/64");
	assert_true(info & S64_BLOCK_THROTTLE);
	assert_int_equal(blocks.throttles.entry[info & S64_BLOCK_INDEX].rate, 100);
	block("2400::/64", "b", 0);
	assert_int_equal(info_of("2400::/64"), 0);
	assert_int_equal(blocks_count(&blocks), 1);
	done(store_block_remove(store, &prefix, "b", &error));
	done(blocks_sync(&blocks, &prefix));
	assert_true(info_of("2400::/64") & S64_BLOCK_THROTTLE);
	done(store_block_remove(store, &prefix, "a", &error));
	done(blocks_sync(&blocks, &prefix));
	assert_int_equal(info_of("2400::/64"), -1);
	assert_int_equal(blocks_count(&blocks), 0);
}

static void within_an_allowed_prefix_a_block_is_in_the_store_alone(void **state)
{
	struct prefix prefix = prefix_of("2400:0:0:5::/64");

	allow("2400::/48");
	block("2400:0:0:5::/64", "a", 0);
	assert_true(blocks_is_shadowed(&blocks, &prefix));
	assert_int_equal(info_of("2400:0:0:5::/64"), -1);
	block("2400:0:1::/48", "a", 0);
	assert_int_equal(info_of("2400:0:1::/48"), 0);
	assert_int_equal(info_of("2400::/48"), S64_PREFIX_ALLOW);
}

static void a_source_with_parts_checks_them_first(void **state)
{
	struct prefix part = prefix_of("2400::7/128");

	block("2400::/64", "a", 0);
	assert_int_equal(info_of("2400::/64"), 0);
	block("2400::7/128", "a", 100);
	assert_int_equal(info_of("2400::/64"), S64_BLOCK_FINER);
	done(store_block_remove(store, &part, "a", &error));
	done(blocks_sync(&blocks, &part));
	assert_int_equal(info_of("2400::/64"), 0);
	/* in the other order */
	block("2401::7/128", "a", 0);
	block("2401::/64", "a", 0);
	assert_int_equal(info_of("2401::/64"), S64_BLOCK_FINER);
}

static void an_end_brings_what_the_others_say(void **state)
{
	struct store_end end = {.prefix = prefix_of("2400::/64"), .others = true};

	block("2400::/64", "a", 0);
	say("2400::/64", "a", 0, clock_wall_ms() - 1);
	say("2400::/64", "b", 100, 0);
	done(blocks_end(&blocks, &end));
	assert_true(info_of("2400::/64") & S64_BLOCK_THROTTLE);
	end.others = false;
	done(blocks_end(&blocks, &end));
	assert_int_equal(info_of("2400::/64"), -1);
}

static void without_room_it_is_not_in_force_and_says_so(void **state)
{
	struct store_block row = say("2403::/48", "a", 0, 0);

	native_maps.meta->prefixes = 2;
	block("2400::/48", "a", 0);
	block("2401::/48", "a", 0);
	assert_int_equal(blocks_sync(&blocks, &row.prefix), -ENOSPC);
	assert_int_equal(info_of("2403::/48"), -1);
	assert_int_equal(info_of("2401::/48"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_block_beats_a_throttle_and_the_lower_rate_the_higher, blocks_set_up,
			blocks_tear_down),
		cmocka_unit_test_setup_teardown(what_has_ended_does_not_count, blocks_set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(the_maps_have_the_strictest_of_all_origins,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(
			within_an_allowed_prefix_a_block_is_in_the_store_alone, blocks_set_up,
			blocks_tear_down),
		cmocka_unit_test_setup_teardown(a_source_with_parts_checks_them_first,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(an_end_brings_what_the_others_say, blocks_set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(without_room_it_is_not_in_force_and_says_so,
						blocks_set_up, blocks_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
