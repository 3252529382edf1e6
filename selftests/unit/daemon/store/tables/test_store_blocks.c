// SPDX-License-Identifier: GPL-2.0-only
/* Rows of blocks: one for each combination of prefix, origin and written address. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../store_test.h"

static void add(const char *prefix, const char *origin, const char *said)
{
	struct store_block row = row_of(prefix, origin);

	if (said)
		row.said = prefix_of(said);
	done(store_block_put(store, &row, &error));
}

static const char *all(void)
{
	rows[0] = '\0';
	done(store_blocks(store, add_row, NULL, &error));
	return rows;
}

static void a_row_replaces_that_of_the_same_prefix_origin_and_address(void **state)
{
	add("2400::/64", "b", NULL);
	add("2400::/64", "a", NULL);
	add("2400::/64", "a", "2400::7/128");
	add("2400::/64", "a", "2400::7/128");
	add("2300::/64", "a", NULL);
	assert_string_equal(all(), "2300::/64@a 2400::/64@a 2400::/64=2400::7/128@a 2400::/64@b ");
	store_again();
	assert_int_equal(strlen(all()),
			 strlen("2300::/64@a 2400::/64@a 2400::/64=2400::7/128@a 2400::/64@b "));
}

static bool keep(const struct store_block *row, void *data)
{
	struct store_block *copy = data;

	*copy = *row;
	assert_string_equal(row->reason, "echo flood");
	assert_null(row->ticket);
	return false;
}

static void every_column_comes_back_as_it_was(void **state)
{
	struct store_block row = row_of("198.51.100.7", "a"), read;

	row.kind = STORE_THROTTLE;
	row.rate = UINT32_MAX;
	row.burst = 7;
	row.reason = "echo flood";
	row.until_ms = 4102444800123;
	done(store_block_put(store, &row, &error));
	done(store_blocks(store, keep, &read, &error));
	assert_int_equal(prefix_compare(&read.prefix, &row.prefix), 0);
	assert_int_equal(read.kind, STORE_THROTTLE);
	assert_int_equal(read.rate, UINT32_MAX);
	assert_int_equal(read.burst, 7);
	assert_int_equal(read.until_ms, row.until_ms);
	assert_int_equal(read.start_ms, row.start_ms);
}

static void removing_takes_what_one_origin_or_all_listed(void **state)
{
	struct prefix prefix = prefix_of("2400::/64"), said = prefix_of("2400::7/128"), itself = {};

	add("2400::/64", "a", NULL);
	add("2400::/64", "a", "2400::7/128");
	add("2400::/64", "b", NULL);
	add("2400::/64", "c", NULL);
	assert_int_equal(store_block_remove_said(store, &prefix, "b", &said, &error), -ENOENT);
	done(store_block_remove_said(store, &prefix, "a", &itself, &error));
	assert_string_equal(all(), "2400::/64=2400::7/128@a 2400::/64@b 2400::/64@c ");
	done(store_block_remove(store, &prefix, "a", &error));
	assert_string_equal(all(), "2400::/64@b 2400::/64@c ");
	assert_int_equal(store_block_remove(store, &prefix, "a", &error), -ENOENT);
	done(store_block_remove(store, &prefix, NULL, &error));
	assert_string_equal(all(), "");
}

static void those_at_and_within_a_prefix_are_found(void **state)
{
	struct prefix at = prefix_of("2400::/48");

	add("2400::/47", "a", NULL);
	add("2400::/48", "a", NULL);
	add("2400::/48", "b", NULL);
	add("2400:0:0:ffff::/64", "a", NULL);
	add("2400:0:1::/64", "a", NULL);
	rows[0] = '\0';
	done(store_block_at(store, &at, add_row, NULL, &error));
	assert_string_equal(rows, "2400::/48@a 2400::/48@b ");
	rows[0] = '\0';
	done(store_blocks_within(store, &at, add_row, NULL, &error));
	assert_string_equal(rows, "2400::/48@a 2400::/48@b 2400:0:0:ffff::/64@a ");
}

static bool add_and_note(const struct store_block *row, void *data)
{
	store_place_take(data, row);
	return add_row(row, NULL);
}

static void a_place_goes_on_behind_its_row_whatever_its_origin_and_address(void **state)
{
	struct store_place_of_row place = {};
	char expected[sizeof(rows)];
	int n, count = 0;

	add("2400::/64", "a", NULL);
	add("2400::/64", "a", "2400::7/128");
	add("2400::/64", "b", NULL);
	add("2400::/64", "b", "2400::6/128");
	add("2400:1::/48", "a", NULL);
	strcpy(expected, all());
	rows[0] = '\0';
	while ((n = store_blocks_behind(store, &place, 2, add_and_note, &place, &error)) > 0)
		count += n;
	assert_int_equal(n, 0);
	assert_int_equal(count, 5);
	assert_string_equal(rows, expected);
}

static void only_those_of_the_configuration_are_told_apart(void **state)
{
	add("2400::/64", STORE_ORIGIN_CONFIG, NULL);
	add("2400::/64", STORE_ORIGIN_OPERATOR, NULL);
	rows[0] = '\0';
	done(store_blocks_of_config(store, add_row, NULL, &error));
	assert_string_equal(rows, "2400::/64@config ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_row_replaces_that_of_the_same_prefix_origin_and_address, store_set_up,
			store_tear_down),
		cmocka_unit_test_setup_teardown(every_column_comes_back_as_it_was, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(removing_takes_what_one_origin_or_all_listed,
						store_set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(those_at_and_within_a_prefix_are_found,
						store_set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(
			a_place_goes_on_behind_its_row_whatever_its_origin_and_address,
			store_set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(only_those_of_the_configuration_are_told_apart,
						store_set_up, store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
