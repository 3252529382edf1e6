// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "service/program.h"

static const struct option more[] = {{"format", required_argument, NULL, 0}, {}};
static const struct program program = {"slash64-test", "usage: slash64-test\n", more, true};
static const struct program plain = {.name = "slash64-plain", .usage = ""};

static struct program_line line;

static int reads(const struct program *of, const char *text)
{
	char buf[256], *argv[16] = {"program"};
	int argc = 1;

	snprintf(buf, sizeof(buf), "%s", text);
	for (char *word = strtok(buf, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	line = (struct program_line){.config = "default"};
	optind = 0;
	return program_read_line(of, argc, argv, &line);
}

static void options_and_the_argument_are_read_in_any_order(void **state)
{
	char *argv[] = {"program", "FILE", "--format", "eve", "-c", "x", NULL};

	assert_int_equal(reads(&program, ""), -1);
	assert_string_equal(line.config, "default");
	assert_null(line.argument);
	assert_int_equal(reads(&program, "--check"), -1);
	assert_true(line.check);
	assert_int_equal(reads(&plain, "--check"), -1);
	optind = 0;
	assert_int_equal(program_read_line(&program, 6, argv, &line), -1);
	assert_string_equal(line.argument, "FILE");
	assert_string_equal(line.value[0], "eve");
	assert_string_equal(line.config, "x");
}

static void what_is_unknown_is_a_usage_error(void **state)
{
	assert_int_equal(reads(&program, "--nonsense"), PROGRAM_EXIT_USAGE);
	assert_int_equal(reads(&program, "--format"), PROGRAM_EXIT_USAGE);
	assert_int_equal(reads(&program, "--config"), PROGRAM_EXIT_USAGE);
	assert_int_equal(reads(&program, "one two"), PROGRAM_EXIT_USAGE);
	assert_int_equal(reads(&plain, "one"), PROGRAM_EXIT_USAGE);
	assert_int_equal(reads(&plain, "--format eve"), PROGRAM_EXIT_USAGE);
	assert_int_equal(reads(&plain, "--config="), PROGRAM_EXIT_USAGE); /* "cannot read : ..." */
}

static void version_and_help_are_printed(void **state)
{
	assert_int_equal(reads(&program, "--version"), 0);
	assert_int_equal(reads(&program, "--help"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_the_argument_are_read_in_any_order),
		cmocka_unit_test(what_is_unknown_is_a_usage_error),
		cmocka_unit_test(version_and_help_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
