// SPDX-License-Identifier: GPL-2.0-only
/* Entries of the prefixes around a given one, the nearest first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "blocks_test.h"
#include "daemon/store/block_copy.h"

static struct block_copy copy;

static int tear_down(void **state)
{
	block_copy_free(&copy);
	return blocks_tear_down(state);
}

static void around(const char *text, const char *expected)
{
	struct prefix prefix = prefix_of(text);
	char buf[PREFIX_TEXT_MAX];

	block_copy_free(&copy);
	done(blocks_around(&blocks, &prefix, &copy, &error));
	if (!expected) {
		assert_false(copy.found);
		return;
	}
	assert_true(copy.found);
	assert_string_equal(prefix_format(&copy.row.prefix, buf), expected);
}

static void the_nearest_around_counts_and_not_the_prefix_itself(void **state)
{
	say("2400::/16", "a", 0, 0);
	say("2400::/32", "a", 0, 0);
	say("2400::/64", "a", 0, 0);
	around("2400::/64", "2400::/32");
	around("2400::7/128", "2400::/64");
	around("2400:1::/64", "2400::/16");
	around("2400::/16", NULL);
	around("2401::/64", NULL);
}

static void the_strictest_entry_of_it_is_told_and_none_that_has_ended(void **state)
{
	say("2400::/32", "a", 100, 0);
	say("2400::/32", "b", 5, 0);
	around("2400::/64", "2400::/32");
	assert_string_equal(copy.row.origin, "b");
	say("2400::/32", "c", 0, clock_wall_ms() - 1);
	around("2400::/64", "2400::/32");
	assert_string_equal(copy.row.origin, "b");
	say("2400::/32", "c", 0, 0);
	around("2400::/64", "2400::/32");
	assert_string_equal(copy.row.origin, "c");
}

static void ipv4_ends_with_ipv4(void **state)
{
	say("198.0.0.0/8", "a", 0, 0);
	around("198.51.100.7/32", "198.0.0.0/8");
	around("198.0.0.0/8", NULL);
	say("198.0.0.0/1", "a", 0, 0);
	around("198.0.0.0/8", "128.0.0.0/1");
}

static void all_around_are_gone_through(void **state)
{
	struct prefix prefix = prefix_of("2400::/64");

	say("2400::/16", "a", 0, 0);
	say("2400::/32", "a", 0, 0);
	say("2400::/32", "b", 0, 0);
	say("2400::/64", "a", 0, 0);
	rows[0] = '\0';
	done(blocks_around_each(&blocks, &prefix, add_row, NULL, &error));
	assert_string_equal(rows, "2400::/32@a 2400::/32@b 2400::/16@a ");
}

static void what_others_say_leaves_out_ones_own_row(void **state)
{
	struct prefix prefix = prefix_of("2400::/64"), itself = {};

	say("2400::/64", "a", 0, 0);
	say("2400::/64", "b", 100, 0);
	done(blocks_said_by_others(&blocks, &prefix, "a", &itself, &copy, &error));
	assert_string_equal(copy.row.origin, "b");
	block_copy_free(&copy);
	done(blocks_said_by_others(&blocks, &prefix, "b", &itself, &copy, &error));
	assert_string_equal(copy.row.origin, "a");
	block_copy_free(&copy);
	done(store_block_remove(store, &prefix, "b", &error));
	done(blocks_said_by_others(&blocks, &prefix, "a", &itself, &copy, &error));
	assert_false(copy.found);
}

static void a_row_in_words_is_whole_and_not_too_long(void **state)
{
	char text[BLOCK_SAYS_MAX], much[1000];
	struct store_block row = row_of("2400::/32", "feed");

	assert_string_equal(block_says(&row, text), "2400::/32 is blocked by feed");
	row.kind = STORE_THROTTLE;
	row.until_ms = 1000;
	row.reason = "echo flood";
	row.ticket = "T-1";
	assert_string_equal(
		block_says(&row, text),
		"2400::/32 is throttled by feed until 1970-01-01T00:00:01Z (echo flood) [T-1]");
	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	row.origin = row.reason = row.ticket = much;
	assert_in_range(strlen(block_says(&row, text)), 200, BLOCK_SAYS_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_nearest_around_counts_and_not_the_prefix_itself,
						blocks_set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_strictest_entry_of_it_is_told_and_none_that_has_ended, blocks_set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(ipv4_ends_with_ipv4, blocks_set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_around_are_gone_through, blocks_set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_others_say_leaves_out_ones_own_row,
						blocks_set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_row_in_words_is_whole_and_not_too_long,
						blocks_set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
