// SPDX-License-Identifier: GPL-2.0-only
/* Rows that slash64 cannot have written are left out, however they got into the store. */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../store_test.h"

static void sql(const char *text)
{
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/slash64.db", store_directory);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL))
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void change(const char *assignment)
{
	struct store_block row = row_of("2400::/64", "a");
	char text[256];

	done(store_block_put(store, &row, &error));
	row = row_of("2401::/64", "a");
	done(store_block_put(store, &row, &error));
	snprintf(text, sizeof(text),
		 "PRAGMA ignore_check_constraints = 1; "
		 "UPDATE block SET %s WHERE address = x'24000000000000000000000000000000'",
		 assignment);
	sql(text);
}

static void a_row_that_makes_no_sense_is_left_out_and_the_others_stay(void **state)
{
	static const char *const assignments[] = {
		"length = 129",
		"length = -1",
		"length = 15",
		"length = 4",
		"address = x'24000000000000000000000000000001'",
		"address = x'2400'",
		"kind = 2",
		"kind = -1",
		"until_ms = -5",
		"kind = 1, rate = 0, burst = 5",
		"kind = 1, rate = 5, burst = 0",
		"kind = 1, rate = 4294967296, burst = 5",
		"said = x'00'",
		"said = x'2400000000000000000000000000000181'",
		"said = x'2400000000000000000000000000000140'",
	};
	struct prefix prefix = prefix_of("2400::/64");

	for (size_t i = 0; i < sizeof(assignments) / sizeof(*assignments); i++) {
		store_block_remove(store, &prefix, NULL, &error);
		change(assignments[i]);
		rows[0] = '\0';
		done(store_blocks(store, add_row, NULL, &error));
		if (strcmp(rows, "2401::/64@a "))
			fail_msg("%s: %s", assignments[i], rows);
		sql("DELETE FROM block");
	}
}

static void a_throttle_with_a_rate_makes_sense(void **state)
{
	change("kind = 1, rate = 5, burst = 6");
	rows[0] = '\0';
	done(store_blocks(store, add_row, NULL, &error));
	assert_string_equal(rows, "2400::/64@a 2401::/64@a ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_row_that_makes_no_sense_is_left_out_and_the_others_stay, store_set_up,
			store_tear_down),
		cmocka_unit_test_setup_teardown(a_throttle_with_a_rate_makes_sense, store_set_up,
						store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
