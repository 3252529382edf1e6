// SPDX-License-Identifier: GPL-2.0-only
/* A change is on disk completely or not at all, and nobody is waited for. */
#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../store_test.h"

static void add(const char *prefix)
{
	struct store_block row = row_of(prefix, "a");

	done(store_block_put(store, &row, &error));
}

static const char *all(void)
{
	rows[0] = '\0';
	done(store_blocks(store, add_row, NULL, &error));
	return rows;
}

static void changes_are_all_there_or_none(void **state)
{
	done(store_begin(store, &error));
	add("2400::/64");
	done(store_begin(store, &error));
	add("2401::/64");
	done(store_commit(store, &error));
	store_rollback(store);
	assert_string_equal(all(), "");
	done(store_begin(store, &error));
	add("2400::/64");
	done(store_begin_idle(store, &error));
	done(store_commit(store, &error));
	done(store_flush(store, &error));
	done(store_commit(store, &error));
	store_rollback(store);
	assert_string_equal(all(), "2400::/64@a ");
	store_again();
	assert_string_equal(all(), "2400::/64@a ");
}

static void while_another_process_writes_nothing_is_waited_for(void **state)
{
	char path[128];
	sqlite3 *db;

	store_set_patience(store, STORE_PATIENCE_MS);
	done(store_try(store, &error));
	assert_false(store_is_held(store));
	snprintf(path, sizeof(path), "%s/slash64.db", store_directory);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_true(store_is_held(store));
	assert_int_equal(store_try(store, &error), -EBUSY);
	assert_int_equal(store_begin(store, &error), -EBUSY);
	assert_non_null(strstr(error.text, "another process"));
	/* matters only once something is written */
	done(store_begin_idle(store, &error));
	done(store_commit(store, &error));
	sqlite3_close(db);
	assert_false(store_is_held(store));
	/* we hold it ourselves */
	done(store_begin(store, &error));
	assert_false(store_is_held(store));
	done(store_try(store, &error));
	store_rollback(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(changes_are_all_there_or_none, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(while_another_process_writes_nothing_is_waited_for,
						store_set_up, store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
