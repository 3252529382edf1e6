// SPDX-License-Identifier: GPL-2.0-only
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/lib/output/wrap.h"

static void the_width_of_a_text_is_in_columns_not_bytes(void **state)
{
	assert_int_equal(text_columns(""), 0);
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("\xc3\xa4"), 1);
	assert_int_equal(text_columns("\xe6\x97\xa5"), 2);
	/* a combining character */
	assert_int_equal(text_columns("e\xcc\x81"), 1);
	assert_int_equal(text_columns("\xff"
				      "a"),
			 2);
}

static void a_text_is_cut_between_characters(void **state)
{
	assert_int_equal(text_bytes_of("日本", 4), 6);
	assert_int_equal(text_bytes_of("日本", 3), 3);
	assert_int_equal(text_bytes_of("日本", 1), 0);
	assert_int_equal(text_bytes_of("ab", 9), 2);
}

static void expect(const char *text, int bytes, int columns)
{
	int got;

	assert_int_equal(wrap_next(text, &got), bytes);
	assert_int_equal(got, columns);
}

static void a_line_is_broken_at_blanks_and_between_wide_characters(void **state)
{
	expect("abc def", 3, 3);
	expect("abc\ndef", 3, 3);
	expect("", 0, 0);
	expect(" abc", 0, 0);
	expect("日本", 3, 2);
	expect("abc日本", 3, 3);
	expect("\xff\xff", 2, 2);
}

static void a_line_does_not_begin_with_a_full_stop_nor_end_with_a_bracket(void **state)
{
	expect("日。本", 6, 4);
	expect("（日本", 6, 4);
	expect("日）。本", 9, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_width_of_a_text_is_in_columns_not_bytes),
		cmocka_unit_test(a_text_is_cut_between_characters),
		cmocka_unit_test(a_line_is_broken_at_blanks_and_between_wide_characters),
		cmocka_unit_test(a_line_does_not_begin_with_a_full_stop_nor_end_with_a_bracket),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
