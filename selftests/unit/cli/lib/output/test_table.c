// SPDX-License-Identifier: GPL-2.0-only
/* Tables fit the terminal and nothing is cut; in a pipe, each row is one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../cli_test.h"
#include "cli/lib/output/table.h"
#include "cli/lib/output/terminal.h"

static const struct table_column columns[] = {
	{"PREFIX", false, 0, false},
	{"HITS", true, 2, false},
	{"ORIGIN", false, 1, false},
	{"REASON", false, 1, true},
	{},
};

#define CELLS(...) ((const char *const[]){__VA_ARGS__})

static void width(const char *columns_of_terminal)
{
	setenv("COLUMNS", columns_of_terminal, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_true(terminal_init("never"));
}

static void two_rows(void)
{
	struct table *table = table_new(columns);

	table_row(table, CELLS("2400::/32", "5", "feed", "a long reason of some words"));
	table_row(table, CELLS("2400:1:2:3::/64", "12", NULL, ""));
	table_end(table);
}

static void columns_are_as_wide_as_their_contents(void **state)
{
	width("200");
	assert_string_equal(PRINTED(two_rows()),
			    "PREFIX           HITS  ORIGIN  REASON\n"
			    "2400::/32           5  feed    a long reason of some words\n"
			    "2400:1:2:3::/64    12  -       -\n");
}

static void prose_is_broken_at_blanks_in_its_column(void **state)
{
	width("60");
	assert_string_equal(PRINTED(two_rows()),
			    "PREFIX           HITS  ORIGIN  REASON\n"
			    "2400::/32           5  feed    a long reason of some words\n"
			    "2400:1:2:3::/64    12  -       -\n");
	width("57");
	assert_string_equal(PRINTED(two_rows()),
			    "PREFIX           HITS  ORIGIN  REASON\n"
			    "2400::/32           5  feed    a long reason of some\n"
			    "                               words\n"
			    "2400:1:2:3::/64    12  -       -\n");
}

static void a_column_without_room_moves_below_with_its_title_the_highest_rank_first(void **state)
{
	width("50");
	assert_string_equal(PRINTED(two_rows()), "PREFIX           ORIGIN  REASON\n"
						 "2400::/32        feed    a long reason of some\n"
						 "                         words\n"
						 "    hits 5\n"
						 "2400:1:2:3::/64  -       -\n"
						 "    hits 12\n");
}

static void a_table_without_rows_prints_nothing(void **state)
{
	assert_string_equal(PRINTED(table_end(table_new(columns))), "");
	table_end(NULL);
}

static void many(int count)
{
	struct table *table = table_new(columns);

	for (int i = 0; i < count; i++)
		table_row(table, CELLS("2400::/32", "5", "feed", "x"));
	/* wider than all before it: the widths stay */
	table_row(table, CELLS("2400:1:2:3::/64", "5", "feed", "x"));
	table_end(table);
}

static int lines(const char *text)
{
	int count = 0;

	for (; (text = strchr(text, '\n')); text++)
		count++;
	return count;
}

static void rows_behind_the_lookahead_are_printed_as_they_come(void **state)
{
	width("200");
	PRINTED(many(TABLE_LOOKAHEAD));
	assert_int_equal(lines(printed), TABLE_LOOKAHEAD + 2);
	assert_memory_equal(printed, "PREFIX     HITS  ORIGIN  REASON\n", 32);
	PRINTED(many(TABLE_LOOKAHEAD - 1));
	assert_memory_equal(printed, "PREFIX           HITS", 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_contents),
		cmocka_unit_test(prose_is_broken_at_blanks_in_its_column),
		cmocka_unit_test(
			a_column_without_room_moves_below_with_its_title_the_highest_rank_first),
		cmocka_unit_test(a_table_without_rows_prints_nothing),
		cmocka_unit_test(rows_behind_the_lookahead_are_printed_as_they_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
