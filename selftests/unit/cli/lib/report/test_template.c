// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/cli/lib/report/template.c user/base/error.c */
/* Texts with places to fill in. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/lib/report/template.h"

static struct error error;

static const char *value(const char *name, size_t bytes, void *data)
{
	static const char *const values[][2] = {{"one", "1"},
						{"none", ""},
						{"lines", "a\nb\nc"},
						{"marks", "{{one}} {{#one}}"}};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strlen(values[i][0]) == bytes && !memcmp(values[i][0], name, bytes))
			return values[i][1];
	return NULL;
}

static void fills(const char *text, const char *wanted)
{
	char *out = NULL;

	assert_int_equal(template_fill("t", text, value, NULL, &out, &error), 0);
	assert_string_equal(out, wanted);
	free(out);
}

static void refuses(const char *text, const char *why)
{
	char *out = NULL;

	assert_int_equal(template_fill("t", text, value, NULL, &out, &error), -EINVAL);
	assert_null(out);
	assert_non_null(strstr(error.text, why));
}

static void names_are_filled_in(void **state)
{
	fills("", "");
	fills("plain\n", "plain\n");
	fills("a {{one}} b {{one}}{{none}}\n", "a 1 b 1\n");
	fills("last {{one}}", "last 1\n");
	fills("{ {one}} {{one }\n", "{ {one}} {{one }\n");
}

static void a_line_whose_values_are_all_empty_is_left_out(void **state)
{
	fills("x\nRate {{none}}\ny\n", "x\ny\n");
	fills("Rate {{none}} {{one}}\n", "Rate  1\n");
}

static void lines_continue_at_their_column(void **state)
{
	fills("- {{lines}}\n", "- a\n  b\n  c\n");
	fills("  {{lines}}.\n", "  a\n  b\n  c.\n");
}

static void a_section_without_value_is_left_out(void **state)
{
	fills("{{#none}}\nhead\n{{one}}\n{{/none}}\nend\n", "end\n");
	fills("{{#one}}\nhead\n{{none}}\n{{/one}}\nend\n", "head\nend\n");
}

static void a_value_is_no_template(void **state)
{
	fills("{{marks}}\n", "{{one}} {{#one}}\n");
}

static void mistakes_are_told_with_their_line(void **state)
{
	refuses("\n{{two}}\n", "t:2: no value is called 'two'");
	refuses("{{#two}}\n", "t:1: no value is called 'two'");
	refuses("{{#one}}\n", "a section without its end: 'one'");
	refuses("{{/one}}\n", "the end of a section that is not open: 'one'");
	refuses("{{#one}}\n{{/none}}\n", "the end of a section that is not open: 'none'");
	refuses("{{#one}}\n{{#none}}\n", "a section within another: 'none'");
	refuses("a {{#one}}\n", "no value is called '#one'");
	refuses("{{}}\n", "no value is called ''");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_filled_in),
		cmocka_unit_test(a_line_whose_values_are_all_empty_is_left_out),
		cmocka_unit_test(lines_continue_at_their_column),
		cmocka_unit_test(a_section_without_value_is_left_out),
		cmocka_unit_test(a_value_is_no_template),
		cmocka_unit_test(mistakes_are_told_with_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
