// SPDX-License-Identifier: GPL-2.0-only
/* The options of a filter are checked before anything is sent, and go into the query. */
#include "../cli_test.h"
#include "client/client.h"
#include "cli/lib/filter_options.h"

static struct context context = {.argc = 0};

static int check_filter(struct filter_options filter)
{
	context.command = command_find("watch");
	return filter_options_check(&context, &filter);
}

static void what_makes_sense_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(check_filter((struct filter_options){}), -1);
	assert_int_equal(check_filter((struct filter_options){.source = "2001:db8::/32",
							      .destination = "198.51.100.7",
							      .class = "echo-request",
							      .reason = "blocked",
							      .verdict = "would_drop",
							      .interface = "wan0"}),
			 -1);
}

static void anything_else_is_refused_with_a_guess(void **state)
{
	(void)state;
	is_usage_error(check_filter((struct filter_options){.source = "x"}), "'x'");
	is_usage_error(check_filter((struct filter_options){.destination = "y"}), "'y'");
	is_usage_error(check_filter((struct filter_options){.class = "ecko-request"}),
		       "--class: there is no class 'ecko-request' (did you mean 'echo-request'?)");
	is_usage_error(check_filter((struct filter_options){.reason = "bloked"}),
		       "(did you mean 'blocked'?)");
	is_usage_error(check_filter((struct filter_options){.verdict = "would-drop"}),
		       "(did you mean 'would_drop'?)");
	is_usage_error(check_filter((struct filter_options){.verdict = ""}), "--verdict");
}

static void only_what_is_given_is_in_the_query(void **state)
{
	const struct filter_options some = {.source = "2001:db8::/32", .interface = "a&b"},
				    none = {};
	char *path = filter_options_add(client_path("/v1/events"), &some);

	(void)state;
	assert_string_equal(path, "/v1/events?source=2001%3Adb8%3A%3A%2F32&interface=a%26b");
	free(path);
	path = filter_options_add(client_path("/v1/events"), &none);
	assert_string_equal(path, "/v1/events");
	free(path);
	assert_null(filter_options_add(NULL, &some));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_makes_sense_is_accepted),
		cmocka_unit_test(anything_else_is_refused_with_a_guess),
		cmocka_unit_test(only_what_is_given_is_in_the_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
