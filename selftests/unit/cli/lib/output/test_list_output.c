// SPDX-License-Identifier: GPL-2.0-only
/* The number of rows requested, and a failure in the middle of a list. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../cli_test.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/terminal.h"

static void a_pipe_gets_all_rows(void **state)
{
	struct context context = {.json = false};

	/* standard output of a test is not a terminal */
	terminal_init("auto");
	assert_int_equal(list_rows_max(&context, false), terminal_is_read() ? LIST_ROWS_SHOWN : 0);
	assert_int_equal(list_rows_max(&context, true), 0);
	context.json = true;
	assert_int_equal(list_rows_max(&context, false), 0);
}

static void hidden_rows_are_asked_for_so_that_they_can_be_counted(void **state)
{
	struct list_table how = {.rows_max = 0};
	char buf[LIST_NUMBER_MAX];

	assert_string_equal(list_limit(&how, "7", buf), "7");
	assert_null(list_limit(&how, NULL, buf));
	how.rows_max = 50;
	assert_string_equal(list_limit(&how, NULL, buf), "10051");
}

static void a_line_with_an_error_ends_the_list(void **state)
{
	json_t *row = json_pack("{s:s}", "prefix", "2400::/64");
	json_t *failure = json_pack("{s:s, s:s}", "error", "the store is gone", "hint", "look");
	struct error error;

	assert_int_equal(list_failure(row, &error), 0);
	assert_int_equal(list_failure(failure, &error), -EREMOTEIO);
	assert_string_equal(error.text, "the store is gone; look");
	assert_string_equal(error_hint(&error), "look");
	json_decref(row);
	json_decref(failure);
}

static void nothing(const json_t *object, struct table *table)
{
}

static void a_socket_without_a_listener_is_one_message(void **state)
{
	struct context context = {.socket = "/nonexistent/control.sock"};
	struct list_table how = {.row = nothing, .empty = "none"};

	assert_string_equal(PRINTED(assert_int_equal(list_print(&context, strdup("/v1/x"), &how),
						     EXIT_REFUSED)),
			    "");
	assert_non_null(strstr(said, "/nonexistent/control.sock"));
	/* out of memory while building the path */
	assert_int_equal(list_print(&context, NULL, &how), EXIT_REFUSED);
	assert_non_null(strstr(said, "out of memory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_gets_all_rows),
		cmocka_unit_test(hidden_rows_are_asked_for_so_that_they_can_be_counted),
		cmocka_unit_test(a_line_with_an_error_ends_the_list),
		cmocka_unit_test(a_socket_without_a_listener_is_one_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
