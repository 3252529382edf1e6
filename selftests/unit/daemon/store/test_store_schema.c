// SPDX-License-Identifier: GPL-2.0-only
/* The tables are made or upgraded as one change; those of a later version are not touched. */
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

static void a_store_of_a_later_version_is_refused(void **state)
{
	struct store *other = NULL;

	sql("PRAGMA user_version = 999");
	assert_int_equal(store_open(&other, store_directory, &error), -EINVAL);
	assert_non_null(strstr(error.text, "999"));
	assert_null(other);
}

/* The tables of schema 3, which 0.1.0 wrote. */
#define TABLES_OF_0_1_0                                                                              \
	"CREATE TABLE block (address BLOB NOT NULL, length INTEGER NOT NULL, origin TEXT NOT NULL, " \
	"reason TEXT, ticket TEXT, start_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, "           \
	"kind INTEGER NOT NULL DEFAULT 0, rate INTEGER NOT NULL DEFAULT 0, "                         \
	"burst INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (address, length, origin)) WITHOUT ROWID;"    \
	"CREATE INDEX block_until ON block (until_ms) WHERE until_ms > 0;"                           \
	"CREATE INDEX block_throttled ON block (rate, burst) WHERE kind = 1;"                        \
	"CREATE TABLE allow (address BLOB NOT NULL, length INTEGER NOT NULL, origin TEXT NOT NULL, " \
	"reason TEXT, start_ms INTEGER NOT NULL, PRIMARY KEY (address, length, origin)) "            \
	"WITHOUT ROWID;"                                                                             \
	"CREATE TABLE interface (name TEXT PRIMARY KEY, mode INTEGER NOT NULL, "                     \
	"filter INTEGER NOT NULL) WITHOUT ROWID;"                                                    \
	"CREATE TABLE rate (number INTEGER PRIMARY KEY, rate INTEGER NOT NULL, "                     \
	"burst INTEGER NOT NULL);"                                                                   \
	"CREATE TABLE change (number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, "    \
	"action TEXT NOT NULL, uid INTEGER, pid INTEGER, who TEXT NOT NULL, source TEXT NOT NULL, "  \
	"address BLOB, length INTEGER, origin TEXT, reason TEXT, ticket TEXT, until_ms INTEGER, "    \
	"detail TEXT);"                                                                              \
	"CREATE INDEX change_at ON change (at_ms);"                                                  \
	"CREATE INDEX change_prefix ON change (address, length) WHERE address IS NOT NULL;"          \
	"PRAGMA user_version = 3;"

static void a_store_of_0_1_0_keeps_its_rows(void **state)
{
	char path[128];

	store_close(store);
	snprintf(path, sizeof(path), "%s/slash64.db", store_directory);
	assert_int_equal(unlink(path), 0);
	sql(TABLES_OF_0_1_0
	    "INSERT INTO block VALUES (x'20010db8000000010000000000000000', 64, 'cli', 'scans', 'T1', "
	    "1, 0, 0, 0, 0);");
	done(store_open(&store, store_directory, &error));
	assert_false(store_is_new(store));
	rows[0] = '\0';
	done(store_blocks(store, add_row, NULL, &error));
	assert_string_equal(rows, "2001:db8:0:1::/64@cli ");
	/* opened again, there is nothing to upgrade */
	store_again();
	rows[0] = '\0';
	done(store_blocks(store, add_row, NULL, &error));
	assert_string_equal(rows, "2001:db8:0:1::/64@cli ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_store_of_a_later_version_is_refused, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(a_store_of_0_1_0_keeps_its_rows, store_set_up,
						store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
