// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/text/escape.c */
/* Names chosen by others become UTF-8 without control characters, whatever their bytes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text/escape.h"

static void becomes(const char *text, size_t room, const char *expected, bool escaped)
{
	char out[64];

	memset(out, 'Z', sizeof(out));
	assert_int_equal(escape_text(text, out, room), escaped);
	assert_string_equal(out, expected);
	assert_int_equal(out[room], 'Z');
}

static void valid_text_stays_as_it_is(void **state)
{
	(void)state;
	becomes("eth0", 32, "eth0", false);
	becomes("h\xc3\xa4user\xf0\x9f\x8f\xa0", 32, "h\xc3\xa4user\xf0\x9f\x8f\xa0", false);
	becomes("", 32, "", false);
}

static void what_is_no_utf_8_and_control_characters_are_escaped(void **state)
{
	(void)state;
	becomes("a\xff"
		"b",
		32, "a\\xffb", true);
	becomes("\x1b[2J", 32, "\\x1b[2J", true);
	becomes("\xc3", 32, "\\xc3", true);
	becomes("\xc0\xaf", 32, "\\xc0\\xaf", true);	      /* an overlong slash */
	becomes("\xed\xa0\x80", 32, "\\xed\\xa0\\x80", true); /* a surrogate */
	becomes("a\x7f\n", 32, "a\\x7f\\x0a", true);
}

static void text_is_cut_between_characters(void **state)
{
	(void)state;
	becomes("eth0", 4, "eth", false);
	becomes("h\xc3\xa4", 3, "h", false);
	becomes("h\xc3\xa4", 4, "h\xc3\xa4", false);
	becomes("a\xff", 5, "a", false);
	becomes("a\xff", 6, "a\\xff", true);
	becomes("abc", 1, "", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_text_stays_as_it_is),
		cmocka_unit_test(what_is_no_utf_8_and_control_characters_are_escaped),
		cmocka_unit_test(text_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
