// SPDX-License-Identifier: GPL-2.0-only
/* Splits a command's arguments into options, by its table, and the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../cli_test.h"

static struct made_text *made;
static struct context context;
static const char *span, *rate, *burst;
static bool force;
static const struct option_spec specs[] = {
	{"for", &span, NULL},	 {"rate", &rate, NULL}, {"burst", &burst, NULL},
	{"force", NULL, &force}, {NULL, NULL, NULL},
};

#define TAKE(...)                                                                \
	({                                                                       \
		static char *argv[] = {__VA_ARGS__};                             \
		span = rate = burst = NULL;                                      \
		force = false;                                                   \
		context = (struct context){.made = &made,                        \
					   .argc = sizeof(argv) / sizeof(*argv), \
					   .argv = argv,                         \
					   .command = command_find("throttle")}; \
		take_options(&context, specs, 1, 2);                             \
	})

static int tear_down(void)
{
	context_free(&context);
	assert_null(made);
	return 0;
}

static void options_stand_anywhere_and_the_rest_keeps_its_order(void **state)
{
	assert_int_equal(TAKE("--for", "1h", "2400::/32", "--force", "2401::/32", "--rate=100"),
			 -1);
	assert_int_equal(context.argc, 2);
	assert_string_equal(context.argv[0], "2400::/32");
	assert_string_equal(context.argv[1], "2401::/32");
	assert_string_equal(span, "1h");
	assert_string_equal(rate, "100");
	assert_true(force);
	tear_down();
}

static void two_dashes_end_the_options(void **state)
{
	assert_int_equal(TAKE("2400::/32", "--", "--force"), -1);
	assert_false(force);
	assert_string_equal(context.argv[1], "--force");
	/* a single dash means standard input and is no option */
	assert_int_equal(TAKE("-", "2400::/32"), -1);
	assert_int_equal(context.argc, 2);
	tear_down();
}

static void a_value_is_required_or_forbidden(void **state)
{
	is_usage_error(TAKE("2400::/32", "--for"), "--for needs a value");
	is_usage_error(TAKE("2400::/32", "--force=yes"), "--force takes no value");
	assert_int_equal(TAKE("2400::/32", "--for="), -1);
	assert_string_equal(span, "");
	tear_down();
}

static void an_unknown_option_names_the_nearest(void **state)
{
	is_usage_error(TAKE("2400::/32", "--forse"), "did you mean '--force'");
	is_usage_error(TAKE("2400::/32", "--rat=5"), "did you mean '--rate'");
	is_usage_error(TAKE("2400::/32", "--jsn"), "did you mean '--json'");
	/* an option of another command, or one that this caller has no variable for */
	is_usage_error(TAKE("2400::/32", "--dry-run"), "--dry-run");
	is_usage_error(TAKE("2400::/32", "--quiet"), "--quiet");
}

static void words_are_at_least_and_at_most_so_many(void **state)
{
	is_usage_error(TAKE("--force"), "throttle PREFIX");
	is_usage_error(TAKE("2400::/32", "2401::/32", "2402::/32"), "2402::/32");
}

static void rates_and_numbers_as_people_write_them_become_digits(void **state)
{
	assert_int_equal(TAKE("2400::/32", "--rate", "6k/min", "--burst", "1k"), -1);
	assert_string_equal(rate, "100");
	assert_string_equal(burst, "1000");
	is_usage_error(TAKE("2400::/32", "--rate", "1/min"), "--rate '1/min'");
	/* not a number: left to the command */
	assert_int_equal(TAKE("2400::/32", "--burst", "many"), -1);
	assert_string_equal(burst, "many");
	tear_down();
}

static void a_pasted_prefix_becomes_the_form_that_slash64d_reads(void **state)
{
	assert_int_equal(TAKE("[2400::7]:443,", "198.51.100.7/255.255.255.0"), -1);
	assert_string_equal(context.argv[0], "2400::7");
	assert_string_equal(context.argv[1], "198.51.100.0/24");
	/* a range that is a single prefix */
	assert_int_equal(TAKE("192.0.2.0-192.0.2.255"), -1);
	assert_string_equal(context.argv[0], "192.0.2.0/24");
	/* not a prefix: left for the command to refuse */
	assert_int_equal(TAKE("rubbish"), -1);
	assert_string_equal(context.argv[0], "rubbish");
	tear_down();
}

static void help_is_printed_instead(void **state)
{
	const char *text = PRINTED(assert_int_equal(TAKE("--help"), EXIT_DONE));

	assert_non_null(strstr(text, "--rate"));
}

static void an_option_is_found_by_its_whole_name(void **state)
{
	const struct command *command = command_find("throttle");

	assert_string_equal(option_find(command, "--for")->word, "--for");
	assert_string_equal(option_find(command, "--for=1h")->word, "--for");
	assert_null(option_find(command, "--fo"));
	assert_null(option_find(command, "--force1"));
	assert_null(option_find(command, "PREFIX"));
	assert_null(option_find(command_find("confirm"), "--for"));
}

static void out_of_memory_is_a_failure(void **state)
{
	assert_int_equal(out_of_memory(), EXIT_REFUSED);
	assert_non_null(strstr(said, "out of memory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere_and_the_rest_keeps_its_order),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(a_value_is_required_or_forbidden),
		cmocka_unit_test(an_unknown_option_names_the_nearest),
		cmocka_unit_test(words_are_at_least_and_at_most_so_many),
		cmocka_unit_test(rates_and_numbers_as_people_write_them_become_digits),
		cmocka_unit_test(a_pasted_prefix_becomes_the_form_that_slash64d_reads),
		cmocka_unit_test(help_is_printed_instead),
		cmocka_unit_test(an_option_is_found_by_its_whole_name),
		cmocka_unit_test(out_of_memory_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
