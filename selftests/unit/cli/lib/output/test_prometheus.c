// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/cli/lib/output/prometheus.c */
/* Exposition text, a line at a time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/lib/output/prometheus.h"

static void becomes(const char *line, const char *expected)
{
	json_t *sample = NULL;
	char *text;

	if (exposition_parse(line, &sample) || !sample)
		fail_msg("'%s' is not taken", line);
	text = json_dumps(sample, JSON_COMPACT);
	assert_string_equal(text, expected);
	free(text);
	json_decref(sample);
}

static void samples_become_objects(void **state)
{
	(void)state;
	becomes("up 1", "{\"name\":\"up\",\"labels\":{},\"value\":1}");
	becomes("s64_packets_total{interface=\"eth0\",verdict=\"drop\"} 412345",
		"{\"name\":\"s64_packets_total\",\"labels\":{\"interface\":\"eth0\",\"verdict\":\"drop\"},"
		"\"value\":412345}");
	becomes("a{} 0.5", "{\"name\":\"a\",\"labels\":{},\"value\":0.5}");
	becomes("a:b -2.5e3", "{\"name\":\"a:b\",\"labels\":{},\"value\":-2500.0}");
}

static void blanks_a_last_comma_and_a_time_are_allowed(void **state)
{
	(void)state;
	becomes("  a { x = \"1\" , y=\"2\" , }\t3 1395066363000",
		"{\"name\":\"a\",\"labels\":{\"x\":\"1\",\"y\":\"2\"},\"value\":3}");
	becomes("a 3 -5", "{\"name\":\"a\",\"labels\":{},\"value\":3}");
	becomes("a{x=\"1\"}3", "{\"name\":\"a\",\"labels\":{\"x\":\"1\"},\"value\":3}");
}

static void label_values_may_hold_anything(void **state)
{
	(void)state;
	becomes("a{x=\"}, {\\\"\\\\\\n=\"} 1",
		"{\"name\":\"a\",\"labels\":{\"x\":\"}, {\\\"\\\\\\n=\"},\"value\":1}");
}

static void large_counters_are_exact(void **state)
{
	(void)state;
	becomes("a 9007199254740993", "{\"name\":\"a\",\"labels\":{},\"value\":9007199254740993}");
	becomes("a 999999999999999999",
		"{\"name\":\"a\",\"labels\":{},\"value\":999999999999999999}");
}

static void what_json_cannot_say_is_null(void **state)
{
	(void)state;
	becomes("a NaN", "{\"name\":\"a\",\"labels\":{},\"value\":null}");
	becomes("a +Inf", "{\"name\":\"a\",\"labels\":{},\"value\":null}");
	becomes("b_bucket{le=\"+Inf\"} 3",
		"{\"name\":\"b_bucket\",\"labels\":{\"le\":\"+Inf\"},\"value\":3}");
}

static void comments_and_empty_lines_are_no_samples(void **state)
{
	static const char *const lines[] = {"", "  ", "# HELP a b", "# TYPE a counter", "#"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		json_t *sample = (json_t *)1;

		assert_int_equal(exposition_parse(lines[i], &sample), 0);
		assert_null(sample);
	}
}

static void what_is_neither_is_refused(void **state)
{
	static const char *const lines[] = {
		"a",	       "a ",
		"{x=\"1\"} 1", "1a 1",
		"a{x} 1",      "a{x=1} 1",
		"a{x=\"1} 1",  "a{x=\"1\" 1",
		"a{x=\"1\"",   "a{x=\"1\"y=\"2\"} 1",
		"a{,} 1",      "a b",
		"a 1x",	       "a 1 2 3",
		"a{x=\"1\\",   "<html>",
		"a{=\"1\"} 1", "a{x=\"\xff\"} 1",
		"{\"a\":1}",   "a1",
		"a-1",	       "a+Inf",
		"a 1 x",       "a{x=\"1\"}",
		"a{",	       "a{x",
		"a{x=",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		json_t *sample = NULL;

		if (exposition_parse(lines[i], &sample) != -EINVAL)
			fail_msg("'%s' is taken", lines[i]);
		assert_null(sample);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_become_objects),
		cmocka_unit_test(blanks_a_last_comma_and_a_time_are_allowed),
		cmocka_unit_test(label_values_may_hold_anything),
		cmocka_unit_test(large_counters_are_exact),
		cmocka_unit_test(what_json_cannot_say_is_null),
		cmocka_unit_test(comments_and_empty_lines_are_no_samples),
		cmocka_unit_test(what_is_neither_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
