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
#include "daemon/store/store_internal.h"

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

static int stop(void *data)
{
	(void)data;
	return 1;
}

/* sqlite rolls all of it back when a write fails so; so do SQLITE_FULL, SQLITE_IOERR and SQLITE_NOMEM. */
static void fail_to_write(const char *prefix)
{
	struct store_block row = row_of(prefix, "a");

	sqlite3_progress_handler(store->db, 1, stop, NULL);
	assert_int_not_equal(store_block_put(store, &row, &error), 0);
	sqlite3_progress_handler(store->db, 0, NULL, NULL);
	assert_true(sqlite3_get_autocommit(store->db));
}

static void refuse(const char *prefix)
{
	struct store_block row = row_of(prefix, "a");

	error.text[0] = '\0';
	assert_int_equal(store_block_put(store, &row, &error), -EIO);
	assert_non_null(strstr(error.text, "interrupted"));
}

/* issue 13, find 12: each would be a commit of its own, also if the first failure is only logged */
static void after_sqlite_rolled_back_nothing_more_is_written(void **state)
{
	done(store_begin(store, &error));
	add("2400::/64");
	fail_to_write("2401::/64");
	refuse("2402::/64");
	done(store_begin(store, &error));
	refuse("2403::/64");
	assert_int_equal(store_commit(store, &error), -EIO);
	refuse("2404::/64");
	assert_int_equal(store_commit(store, &error), -EIO);
	assert_non_null(strstr(error.text, "interrupted"));
	assert_string_equal(all(), "");
	/* the next change is whole again */
	done(store_begin(store, &error));
	add("2405::/64");
	done(store_commit(store, &error));
	store_again();
	assert_string_equal(all(), "2405::/64@a ");
}

static void after_an_inner_rollback_nothing_more_is_written(void **state)
{
	struct store_block row = row_of("2402::/64", "a");

	done(store_begin(store, &error));
	add("2400::/64");
	done(store_begin(store, &error));
	add("2401::/64");
	store_rollback(store);
	assert_int_equal(store_block_put(store, &row, &error), -EIO);
	assert_int_equal(store_flush(store, &error), 0);
	assert_int_equal(store_commit(store, &error), -EIO);
	assert_string_equal(all(), "");
	done(store_begin(store, &error));
	add("2403::/64");
	done(store_commit(store, &error));
	assert_string_equal(all(), "2403::/64@a ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(changes_are_all_there_or_none, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(after_sqlite_rolled_back_nothing_more_is_written,
						store_set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(after_an_inner_rollback_nothing_more_is_written,
						store_set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(while_another_process_writes_nothing_is_waited_for,
						store_set_up, store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
