// SPDX-License-Identifier: GPL-2.0-only
/* The store is created completely or not at all, and what is no store is refused. */
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

static void a_new_store_is_none_until_it_is_complete(void **state)
{
	char path[128];

	store_close(store);
	snprintf(path, sizeof(path), "%s/slash64.db", store_directory);
	assert_int_equal(unlink(path), 0);
	done(store_open(&store, store_directory, &error));
	assert_true(store_is_new(store));
	add("2400::/64");
	/* as after a kill */
	store_again();
	assert_true(store_is_new(store));
	assert_string_equal(all(), "");
	add("2400::/64");
	done(store_complete(store, &error));
	assert_false(store_is_new(store));
	done(store_complete(store, &error));
	store_again();
	assert_false(store_is_new(store));
	assert_string_equal(all(), "2400::/64@a ");
}

static void its_directory_is_made_and_others_cannot_read_it(void **state)
{
	char directory[96];
	struct store *other;
	struct stat status;

	snprintf(directory, sizeof(directory), "%s/state", store_directory);
	done(store_open(&other, directory, &error));
	store_close(other);
	assert_int_equal(stat(directory, &status), 0);
	assert_int_equal(status.st_mode & 07, 0);
	assert_int_equal(store_open(&other, "/nonexistent/state", &error), -ENOENT);
	assert_non_null(strstr(error.text, "/nonexistent/state"));
	assert_int_not_equal(store_open(&other, "/proc/self", &error), 0);
}

static void what_is_no_store_is_refused(void **state)
{
	struct store *other = NULL;
	char path[128];
	FILE *file;

	store_close(store);
	snprintf(path, sizeof(path), "%s/slash64.db", store_directory);
	file = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is no store ", file);
	fclose(file);
	assert_true(store_open(&other, store_directory, &error) < 0);
	assert_non_null(strstr(error.text, path));
	assert_null(other);
	unlink(path);
	done(store_open(&store, store_directory, &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_new_store_is_none_until_it_is_complete,
						store_set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(its_directory_is_made_and_others_cannot_read_it,
						store_set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_store_is_refused, store_set_up,
						store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
