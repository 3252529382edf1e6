// SPDX-License-Identifier: GPL-2.0-only
/* Prefixes that could not be synced to the maps stay in force as they are, and are synced later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "blocks_test.h"

static void nothing_is_late_by_default(void **state)
{
	assert_false(blocks_sync_late(&blocks));
}

static void what_was_noted_is_brought_after_a_moment(void **state)
{
	struct store_block row = say("2400::/64", "a", 0, 0);

	unsynced_add(&blocks, &row.prefix, "the disk is gone");
	/* not at once: the store could not be read a moment ago */
	assert_false(blocks_sync_late(&blocks));
	assert_int_equal(info_of("2400::/64"), -1);
	assert_true(blocks.unsynced.told);
	blocks.unsynced.retry_at_ns = 0;
	assert_false(blocks_sync_late(&blocks));
	assert_int_equal(info_of("2400::/64"), 0);
	assert_int_equal(blocks.unsynced.blocks.count, 0);
	assert_false(blocks.unsynced.told);
}

static void a_prefix_is_noted_once(void **state)
{
	struct store_block row = say("2400::/64", "a", 0, 0);

	unsynced_add(&blocks, &row.prefix, "x");
	unsynced_add(&blocks, &row.prefix, "x");
	assert_int_equal(blocks.unsynced.blocks.count, 1);
}

static void an_allowed_prefix_comes_before_the_blocks_in_it(void **state)
{
	struct store_block row = say("2400:0:0:5::/64", "a", 0, 0),
			   allowed = row_of("2400::/48", "a");

	done(store_allow_put(store, &allowed, &error));
	unsynced_add(&blocks, &row.prefix, "x");
	unsynced_add_allow(&blocks, &allowed.prefix, "x");
	blocks.unsynced.retry_at_ns = 0;
	assert_false(blocks_sync_late(&blocks));
	assert_int_equal(blocks.unsynced.allowlist.count + blocks.unsynced.blocks.count, 0);
	assert_int_equal(info_of("2400:0:0:5::/64"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_late_by_default, blocks_set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(what_was_noted_is_brought_after_a_moment,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(a_prefix_is_noted_once, blocks_set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(an_allowed_prefix_comes_before_the_blocks_in_it,
						blocks_set_up, blocks_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
