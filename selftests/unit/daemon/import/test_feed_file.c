// SPDX-License-Identifier: GPL-2.0-only
/* A feed's file is read when it is complete: not while it is being written, and at once after a
 * rename.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/import/feed_file.h"

static char path[64];
static struct feed_file file;
static int64_t wait_ms;

static void write_file(const char *text)
{
	FILE *out = fopen(path, "w");

	fputs(text, out);
	fclose(out);
}

/* Makes it look as if it had been written that long ago. */
static void age(int seconds)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};

	clock_gettime(CLOCK_REALTIME, &times[1]);
	times[1].tv_sec -= seconds;
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int set_up(void **state)
{
	int fd;

	strcpy(path, "/tmp/slash64-test-feed-XXXXXX");
	fd = mkstemp(path);
	close(fd);
	file = (struct feed_file){.path = path, .debounce_ms = 2000};
	return 0;
}

static int tear_down(void **state)
{
	unlink(path);
	return 0;
}

static int look(void)
{
	wait_ms = -1;
	return feed_file_look(&file, &wait_ms);
}

static void a_file_unchanged_for_long_enough_is_ready(void **state)
{
	write_file("2400::/32\n");
	assert_int_equal(look(), FEED_FILE_WAIT);
	assert_in_range(wait_ms, 1, 1000);
	age(3);
	assert_int_equal(look(), FEED_FILE_READY);
}

static void what_was_read_is_the_same_until_it_changes(void **state)
{
	write_file("2400::/32\n");
	age(3);
	assert_int_equal(stat(path, &file.seen), 0);
	assert_int_equal(look(), FEED_FILE_SAME);
	write_file("2400::/32\n2401::/32\n");
	assert_int_equal(look(), FEED_FILE_WAIT);
}

static void a_last_line_without_an_end_is_waited_for_longer(void **state)
{
	write_file("2400::/32\n2401::/3");
	age(3);
	assert_int_equal(look(), FEED_FILE_WAIT);
	age(31);
	assert_int_equal(look(), FEED_FILE_READY);
	/* JSON marks its own end */
	write_file("{\"a\":1}");
	age(3);
	assert_int_equal(look(), FEED_FILE_READY);
	write_file("[1]");
	age(3);
	assert_int_equal(look(), FEED_FILE_READY);
	write_file("");
	age(3);
	assert_int_equal(look(), FEED_FILE_READY);
}

static void a_file_open_for_writing_is_waited_for_but_not_for_ever(void **state)
{
	int fd;

	write_file("2400::/32\n");
	age(60);
	fd = open(path, O_WRONLY);
	assert_int_equal(look(), FEED_FILE_WAIT);
	age(301);
	assert_int_equal(look(), FEED_FILE_READY);
	close(fd);
	age(60);
	assert_int_equal(look(), FEED_FILE_READY);
}

static void one_that_was_moved_to_its_name_is_whole_at_once(void **state)
{
	write_file("2400::/32");
	feed_file_renamed(&file, "another");
	assert_int_equal(look(), FEED_FILE_WAIT);
	feed_file_renamed(&file, strrchr(path, '/') + 1);
	assert_int_equal(look(), FEED_FILE_READY);
	/* only once */
	write_file("2400::/32\n2401::/");
	assert_int_equal(look(), FEED_FILE_WAIT);
}

static void the_target_of_a_link_counts_as_its_name(void **state)
{
	char link[80];

	write_file("2400::/32\n");
	snprintf(link, sizeof(link), "%s.link", path);
	assert_int_equal(symlink(path, link), 0);
	file.path = link;
	feed_file_renamed(&file, strrchr(path, '/') + 1);
	assert_true(file.renamed);
	unlink(link);
}

static void a_file_that_grows_without_end_is_read_as_it_is(void **state)
{
	file.grows = true;
	write_file("2400::/32");
	assert_int_equal(look(), FEED_FILE_READY);
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
	unlink(path);
	assert_int_equal(look(), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_unchanged_for_long_enough_is_ready, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_was_read_is_the_same_until_it_changes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_last_line_without_an_end_is_waited_for_longer,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_file_open_for_writing_is_waited_for_but_not_for_ever, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_was_moved_to_its_name_is_whole_at_once,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_target_of_a_link_counts_as_its_name, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_grows_without_end_is_read_as_it_is,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_an_error, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
