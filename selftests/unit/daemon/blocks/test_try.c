// SPDX-License-Identifier: GPL-2.0-only
/* A dry run reports what would be refused, and changes nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "blocks_test.h"

static struct store_block wanted(const char *prefix, uint32_t rate)
{
	struct store_block row = row_of(prefix, "a");

	row.kind = rate ? STORE_THROTTLE : STORE_BLOCK;
	row.rate = row.burst = rate;
	return row;
}

static void a_full_map_refuses_what_is_not_in_it(void **state)
{
	struct store_block row = wanted("2403::/48", 0), there = wanted("2400::/48", 0),
			   source = wanted("2403::/64", 0);

	native_maps.meta->prefixes = 2;
	done(blocks_try(&blocks, &row, &error));
	block("2400::/48", "a", 0);
	block("2401::/48", "a", 0);
	assert_int_equal(blocks_try(&blocks, &row, &error), -ENOSPC);
	assert_non_null(strstr(error.text, "2403::/48"));
	assert_non_null(strstr(error.text, "maps.prefixes"));
	done(blocks_try(&blocks, &there, &error));
	done(blocks_try(&blocks, &source, &error));
	assert_int_equal(info_of("2403::/64"), -1);
}

static void within_an_allowed_prefix_no_room_is_needed(void **state)
{
	struct store_block row = wanted("2400:0:0:8000::/49", 0);

	native_maps.meta->prefixes = 1;
	allow("2400::/48");
	done(blocks_try(&blocks, &row, &error));
}

static void a_rate_has_to_have_a_number(void **state)
{
	struct store_block row = wanted("2400::/64", 1000);

	for (unsigned int i = 1; i <= S64_THROTTLE_MAX; i++)
		assert_true(throttles_number(&blocks.throttles, i, i, &error) >= 0);
	assert_int_equal(blocks_try(&blocks, &row, &error), -EDQUOT);
	row.rate = row.burst = 5;
	done(blocks_try(&blocks, &row, &error));
}

static void a_list_leaves_the_reserve_to_changes_by_hand(void **state)
{
	struct blocks_rehearsal rehearsal = {};
	struct store_block row = wanted("2400::/48", 0);
	int taken = 0;

	native_maps.meta->prefixes = 128; /* two of them are reserved */
	for (int i = 0; i < 200; i++) {
		row.prefix = prefix_of_bits(0x2400000000000000 + ((uint64_t)i << 16), 0, 48);
		if (blocks_try_next(&blocks, &rehearsal, &row))
			break;
		taken++;
		/* another origin: the same slot */
		done(blocks_try_next(&blocks, &rehearsal, &row));
	}
	assert_int_equal(taken, 126);
	assert_int_equal(blocks_try_next(&blocks, &rehearsal, &row), 0);
	row.prefix = prefix_of("2500::/48");
	assert_int_equal(blocks_try_next(&blocks, &rehearsal, &row), -ENOSPC);
	/* there is room for a change by hand */
	done(blocks_try(&blocks, &row, &error));
	/* sources are in another map */
	row.prefix = prefix_of("2500::/64");
	done(blocks_try_next(&blocks, &rehearsal, &row));
}

static void the_rates_of_a_list_are_counted_once_each(void **state)
{
	struct blocks_rehearsal rehearsal = {};
	struct store_block row;

	for (unsigned int i = 0; i < S64_THROTTLE_MAX; i++) {
		row = wanted("2400::/64", i + 1);
		row.prefix = prefix_of_bits(0x2400000000000000 + i, 0, 64);
		done(blocks_try_next(&blocks, &rehearsal, &row));
	}
	row = wanted("2500::/64", 1);
	done(blocks_try_next(&blocks, &rehearsal, &row));
	row = wanted("2501::/64", 1000);
	assert_int_equal(blocks_try_next(&blocks, &rehearsal, &row), -EDQUOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_full_map_refuses_what_is_not_in_it, blocks_set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(within_an_allowed_prefix_no_room_is_needed,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(a_rate_has_to_have_a_number, blocks_set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(a_list_leaves_the_reserve_to_changes_by_hand,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(the_rates_of_a_list_are_counted_once_each,
						blocks_set_up, blocks_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
