// SPDX-License-Identifier: GPL-2.0-only
/* Writing many rows in one statement has the same result as writing them one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../store_test.h"

struct list {
	struct store_block *row;
	int count, at;
};

static const struct store_block *next(void *data)
{
	struct list *list = data;

	return list->at < list->count ? &list->row[list->at++] : NULL;
}

static void every_row_is_written_with_all_its_columns(void **state)
{
	struct store_block row[3] = {row_of("2400::/64", "a"), row_of("2400:1::/48", "a"),
				     row_of("198.51.100.7", "b")};
	struct list list = {row, 3, 0};

	row[0].said = prefix_of("2400::7/128");
	row[1].kind = STORE_THROTTLE;
	row[1].rate = row[1].burst = 5;
	done(store_blocks_put(store, next, &list, &error));
	rows[0] = '\0';
	done(store_blocks(store, add_row, NULL, &error));
	assert_string_equal(rows, "198.51.100.7/32@b 2400::/64=2400::7/128@a 2400:1::/48@a ");
}

static bool is_new_reason(const struct store_block *row, void *data)
{
	assert_string_equal(row->reason, "new");
	return true;
}

static void a_row_that_is_there_is_replaced(void **state)
{
	struct store_block row = row_of("2400::/64", "a");
	struct list list = {&row, 1, 0};

	row.reason = "old";
	done(store_block_put(store, &row, &error));
	row.reason = "new";
	done(store_blocks_put(store, next, &list, &error));
	done(store_blocks(store, is_new_reason, NULL, &error));
}

static void no_row_is_nothing_and_a_second_list_starts_anew(void **state)
{
	struct store_block row[2] = {row_of("2400::/64", "a"), row_of("2401::/64", "a")};
	struct list none = {row, 0, 0}, first = {row, 1, 0}, second = {row + 1, 1, 0};

	done(store_blocks_put(store, next, &none, &error));
	done(store_blocks_put(store, next, &first, &error));
	done(store_blocks_put(store, next, &second, &error));
	rows[0] = '\0';
	done(store_blocks(store, add_row, NULL, &error));
	assert_string_equal(rows, "2400::/64@a 2401::/64@a ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_row_is_written_with_all_its_columns,
						store_set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(a_row_that_is_there_is_replaced, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(no_row_is_nothing_and_a_second_list_starts_anew,
						store_set_up, store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
