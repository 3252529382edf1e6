// SPDX-License-Identifier: GPL-2.0-only
/* Expired rows are found in the order in which they ended, and deleted piece by piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../store_test.h"

static int64_t now;

static void add(const char *prefix, const char *origin, int64_t until_ms)
{
	struct store_block row = row_of(prefix, origin);

	row.until_ms = until_ms;
	done(store_block_put(store, &row, &error));
}

static int set_up(void **state)
{
	now = clock_wall_ms();
	return store_set_up(state);
}

static bool add_end(const struct store_end *end, void *data)
{
	char prefix[PREFIX_TEXT_MAX];
	size_t n = strlen(rows);

	snprintf(rows + n, sizeof(rows) - n, "%s%s ", prefix_format(&end->prefix, prefix),
		 end->others ? "+" : "");
	return !data || --*(int *)data;
}

static const char *ends(struct store_end *behind)
{
	rows[0] = '\0';
	done(store_ends_after(store, behind, now, add_end, NULL, &error));
	return rows;
}

static void what_has_ended_comes_by_its_end_and_once(void **state)
{
	struct store_end behind = {};

	add("2403::/64", "a", now - 1);
	add("2402::/64", "a", now);
	add("2401::/64", "a", now + HOUR_MS);
	add("2400::/64", "a", 0);
	assert_string_equal(ends(&behind), "2403::/64 2402::/64 ");
	assert_int_equal(behind.until_ms, now);
	assert_string_equal(ends(&behind), "");
	assert_int_equal(store_blocks_next_end(store), now - 1);
}

static void a_prefix_of_which_others_say_something_is_told(void **state)
{
	struct store_end behind = {};

	add("2400::/64", "a", now - 5);
	add("2400::/64", "b", 0);
	add("2401::/64", "a", now - 4);
	add("2402::/64", "a", now - 3);
	add("2402::/64", "b", now + HOUR_MS);
	/* both have expired, and are reported as one */
	add("2403::/64", "a", now - 2);
	add("2403::/64", "b", now - 2);
	assert_string_equal(ends(&behind), "2400::/64+ 2401::/64 2402::/64+ 2403::/64+ ");
}

static void a_search_that_was_stopped_goes_on_behind(void **state)
{
	struct store_end behind = {};
	int count = 1;

	add("2400::/64", "a", now - 5);
	add("2401::/64", "a", now - 5);
	rows[0] = '\0';
	done(store_ends_after(store, &behind, now, add_end, &count, &error));
	assert_string_equal(rows, "2400::/64 ");
	assert_string_equal(ends(&behind), "2401::/64 ");
}

static void expired_rows_are_deleted_the_oldest_first(void **state)
{
	add("2402::/64", "a", now - 3);
	add("2401::/64", "a", now - 2);
	add("2400::/64", "a", now - 1);
	add("2403::/64", "a", now + HOUR_MS);
	add("2404::/64", "a", 0);
	assert_int_equal(store_ends_remove(store, now, 2, &error), 2);
	rows[0] = '\0';
	done(store_blocks(store, add_row, NULL, &error));
	assert_string_equal(rows, "2400::/64@a 2403::/64@a 2404::/64@a ");
	assert_int_equal(store_ends_remove(store, now, 2, &error), 1);
	assert_int_equal(store_ends_remove(store, now, 2, &error), 0);
	assert_int_equal(store_blocks_next_end(store), now + HOUR_MS);
}

static void nothing_ends_where_nothing_has_an_end(void **state)
{
	assert_int_equal(store_blocks_next_end(store), 0);
	add("2404::/64", "a", 0);
	assert_int_equal(store_blocks_next_end(store), 0);
	assert_int_equal(store_ends_remove(store, now, 100, &error), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_has_ended_comes_by_its_end_and_once, set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(a_prefix_of_which_others_say_something_is_told,
						set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(a_search_that_was_stopped_goes_on_behind, set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(expired_rows_are_deleted_the_oldest_first, set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(nothing_ends_where_nothing_has_an_end, set_up,
						store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
