// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/error.c */
/* Messages to people: one line, from which the hint can be split off. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"

static void what_to_do_is_the_part_behind_the_last_semicolon_of_the_format(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(error_set(&error, -EPERM, "%s is refused; nothing was changed; use %s",
				   "a; b", "c; d"),
			 -EPERM);
	assert_string_equal(error.text, "a; b is refused; nothing was changed; use c; d");
	assert_string_equal(error_hint(&error), "use c; d");
	assert_int_equal(error.said, strlen("a; b is refused; nothing was changed"));
}

static void what_is_quoted_is_no_hint(void **state)
{
	struct error error;

	(void)state;
	error_set(&error, 0, "'%s' is no prefix", "2001:db8::; --force");
	assert_null(error_hint(&error));
	error_set(&error, 0, "%s", "one; two");
	assert_null(error_hint(&error));
}

static void a_message_of_its_own_text_keeps_its_hint(void **state)
{
	struct error error, more;

	(void)state;
	error_set(&error, 0, "%d is %s; try %d", 7, "odd", 8);
	error_set(&more, 0, "line %d: %s; or leave it", 3, error.text);
	assert_string_equal(more.text, "line 3: 7 is odd; try 8; or leave it");
	assert_string_equal(error_hint(&more), "or leave it");
}

static void a_hint_that_was_cut_off_is_none(void **state)
{
	char text[ERROR_TEXT_MAX * 2];
	struct error error;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	error_set(&error, 0, "%s; do that", text);
	assert_int_equal(strlen(error.text), ERROR_TEXT_MAX - 1);
	assert_null(error_hint(&error));
}

static void a_message_is_one_line_that_moves_no_cursor(void **state)
{
	struct error error;

	(void)state;
	error_set(&error, 0, "%s; look", "a\nb\x1b[2Jc\xff");
	assert_string_equal(error.text, "a b?[2Jc?; look");
	assert_string_equal(error_hint(&error), "look");
}

static void a_code_and_members_are_those_of_the_last_message(void **state)
{
	char text[ERROR_VALUE_MAX * 2];
	struct error error;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	error_set(&error, -EPERM, "one");
	assert_int_equal(error.code, ERROR_CODE_NONE);
	assert_null(error.member[0].key);
	assert_int_equal(error_code(&error, -EPERM, ERROR_WEAKEN), -EPERM);
	assert_int_equal(error_member(&error, -EPERM, "prefix", "a\nb"), -EPERM);
	error_member(&error, -EPERM, "around", text);
	error_member(&error, -EPERM, "one-too-many", "c");
	assert_int_equal(error.code, ERROR_WEAKEN);
	assert_string_equal(error.member[0].key, "prefix");
	assert_string_equal(error.member[0].value, "a b");
	assert_string_equal(error.member[1].key, "around");
	assert_int_equal(strlen(error.member[1].value), ERROR_VALUE_MAX - 1);
	error_set(&error, -EPERM, "two");
	assert_int_equal(error.code, ERROR_CODE_NONE);
	assert_null(error.member[0].key);
	assert_null(error.member[1].key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_to_do_is_the_part_behind_the_last_semicolon_of_the_format),
		cmocka_unit_test(what_is_quoted_is_no_hint),
		cmocka_unit_test(a_message_of_its_own_text_keeps_its_hint),
		cmocka_unit_test(a_hint_that_was_cut_off_is_none),
		cmocka_unit_test(a_message_is_one_line_that_moves_no_cursor),
		cmocka_unit_test(a_code_and_members_are_those_of_the_last_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
