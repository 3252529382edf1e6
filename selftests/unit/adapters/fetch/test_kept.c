// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/fetch/kept.h"

#define NOW_S  1790000000LL
#define DAY_S  86400LL
#define HOUR_S 3600LL

static char directory[64];
static struct error error;

static int make(void **state)
{
	strcpy(directory, "/tmp/slash64-kept-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int drop(void **state)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

static void what_is_written_is_read_again(void **state)
{
	struct kept kept = {1, 2, 3, 4, "W/\"a b\"", "Wed, 21 Oct 2015 07:28:00 GMT"}, again;

	assert_int_equal(kept_write(&kept, directory, "drop", &error), 0);
	kept_read(&again, directory, "drop");
	assert_true(again.next_s == 1 && again.success_s == 2 && again.failures == 3 &&
		    again.entries == 4);
	assert_string_equal(again.etag, kept.etag);
	assert_string_equal(again.modified, kept.modified);
	kept_read(&again, directory, "other");
	assert_true(!again.next_s && !again.etag[0]);
}

/* issue 18: once a day; after a failure not sooner than the publisher asks for */
static void the_pace_is_that_of_the_publisher(void **state)
{
	struct kept kept = {};

	kept_succeed(&kept, NOW_S, DAY_S);
	assert_int_equal(kept.next_s, NOW_S + DAY_S);
	kept_fail(&kept, NOW_S, DAY_S, 0);
	assert_int_equal(kept.next_s, NOW_S + HOUR_S);
	kept_fail(&kept, NOW_S, DAY_S, 60);
	assert_int_equal(kept.next_s, NOW_S + HOUR_S);
	kept_fail(&kept, NOW_S, DAY_S, 5 * HOUR_S);
	assert_int_equal(kept.next_s, NOW_S + 5 * HOUR_S);
	kept_fail(&kept, NOW_S, DAY_S, 1000 * DAY_S);
	assert_int_equal(kept.next_s, NOW_S + DAY_S);
	assert_int_equal(kept.failures, 4);
	kept_fail(&kept, NOW_S, HOUR_S / 2, 0);
	assert_int_equal(kept.next_s, NOW_S + HOUR_S / 2);
	kept_succeed(&kept, NOW_S, DAY_S);
	assert_int_equal(kept.failures, 0);
}

static void a_file_is_replaced_whole_and_others_may_read_it(void **state)
{
	char path[96], text[8] = "";
	struct stat status;
	FILE *file;

	snprintf(path, sizeof(path), "%s/list", directory);
	umask(077);
	assert_int_equal(kept_replace(path, "one\n", 4, &error), 0);
	assert_int_equal(kept_replace(path, "two\n", 4, &error), 0);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, "two\n");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0644);
	snprintf(path, sizeof(path), "%s/none/list", directory);
	assert_true(kept_replace(path, "x", 1, &error) < 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_read_again),
		TEST(the_pace_is_that_of_the_publisher),
		TEST(a_file_is_replaced_whole_and_others_may_read_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
