// SPDX-License-Identifier: GPL-2.0-only
/* Width and colour of standard output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../cli_test.h"
#include "cli/lib/output/terminal.h"

static void the_width_is_that_of_columns_within_reason(void **state)
{
	unsetenv("COLUMNS");
	print_begin(STDOUT_FILENO);
	terminal_init("auto");
	print_end(STDOUT_FILENO);
	/* a file has no limit */
	assert_int_equal(terminal_width(), 0);
	setenv("COLUMNS", "19", 1);
	terminal_init("auto");
	assert_int_equal(terminal_width(), 0);
	setenv("COLUMNS", "20", 1);
	terminal_init("auto");
	assert_int_equal(terminal_width(), 20);
	setenv("COLUMNS", "5000", 1);
	terminal_init("auto");
	assert_int_equal(terminal_width(), 1000);
}

static void colour_is_auto_always_or_never(void **state)
{
	assert_false(terminal_init("yes"));
	assert_false(terminal_init(""));
	assert_true(terminal_init("always"));
	assert_string_equal(tone_begin(TONE_BAD), "\033[1;31m");
	assert_string_equal(tone_end(TONE_BAD), "\033[0m");
	assert_string_equal(tone_end(TONE_PLAIN), "");
	assert_true(terminal_init("never"));
	assert_string_equal(tone_begin(TONE_BAD), "");
	assert_string_equal(tone_end(TONE_BAD), "");
}

static void a_file_is_nobody_who_reads_and_has_no_colour(void **state)
{
	print_begin(STDOUT_FILENO);
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	terminal_init("auto");
	print_end(STDOUT_FILENO);
	assert_false(terminal_is_read());
	assert_int_equal(terminal_height(), 0);
	assert_string_equal(tone_begin(TONE_GOOD), "");
}

static void progress_needs_a_terminal_on_standard_error(void **state)
{
	bool shows;

	COMPLAINED(shows = terminal_shows_progress());
	assert_false(shows);
}

static void no_pager_was_left_where_none_was_started(void **state)
{
	struct context context = {.no_pager = true};

	terminal_page(&context);
	assert_false(terminal_pager_left());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_width_is_that_of_columns_within_reason),
		cmocka_unit_test(colour_is_auto_always_or_never),
		cmocka_unit_test(a_file_is_nobody_who_reads_and_has_no_colour),
		cmocka_unit_test(progress_needs_a_terminal_on_standard_error),
		cmocka_unit_test(no_pager_was_left_where_none_was_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
