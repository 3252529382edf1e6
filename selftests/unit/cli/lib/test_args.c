// SPDX-License-Identifier: GPL-2.0-only
/* Arguments are validated before anything is sent: which are accepted, and the errors for the
 * others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../cli_test.h"
#include "cli/lib/args.h"

static struct context context = {.argc = 0};

static void set_up(const char *command, int argc, char **argv)
{
	context.command = command_find(command);
	context.argc = argc;
	context.argv = argv;
}

static void a_prefix_is_any_that_can_be_parsed_and_an_option_without_dashes_is_guessed(void **state)
{
	set_up("block", 0, NULL);
	assert_int_equal(words_prefix(&context, NULL), -1);
	assert_int_equal(words_prefix(&context, "2400::/32"), -1);
	assert_int_equal(words_prefix(&context, "198.51.100.7"), -1);
	is_usage_error(words_prefix(&context, "force"), "did you mean '--force'");
	is_usage_error(words_prefix(&context, "2400::/129"), "'2400::/129' is not a prefix");
}

static void ranges_become_the_few_prefixes_that_make_them_up(void **state)
{
	char *argv[] = {"2400:1::/32", "192.0.2.0-192.0.2.2"};
	json_t *list = NULL;

	set_up("block", 2, argv);
	assert_int_equal(words_prefixes(&context, &list), -1);
	assert_int_equal(json_array_size(list), 3);
	assert_string_equal(json_string_value(json_array_get(list, 1)), "192.0.2.0/31");
	assert_string_equal(json_string_value(json_array_get(list, 2)), "192.0.2.2/32");
	json_decref(list);
}

static void more_prefixes_than_belong_into_one_request_are_refused(void **state)
{
	char *argv[PREFIXES_FEW + 1];
	json_t *list = NULL;

	for (int i = 0; i < PREFIXES_FEW + 1; i++)
		argv[i] = "2400::/32";
	set_up("block", PREFIXES_FEW + 1, argv);
	is_usage_error(words_prefixes(&context, &list), "slash64 import");
	assert_null(list);
	context.argc = PREFIXES_FEW;
	assert_int_equal(words_prefixes(&context, &list), -1);
	assert_int_equal(json_array_size(list), PREFIXES_FEW);
	json_decref(list);
	argv[1] = "rubbish";
	list = NULL;
	is_usage_error(words_prefixes(&context, &list), "rubbish");
	assert_null(list);
}

static void one_prefix_is_a_member_and_several_are_a_list(void **state)
{
	json_t *body = json_object();

	prefixes_add(body, json_pack("[s]", "2400::/32"));
	assert_string_equal(json_string_value(json_object_get(body, "prefix")), "2400::/32");
	assert_null(json_object_get(body, "prefixes"));
	json_object_clear(body);
	prefixes_add(body, json_pack("[s, s]", "2400::/32", "2401::/32"));
	assert_int_equal(json_array_size(json_object_get(body, "prefixes")), 2);
	assert_null(json_object_get(body, "prefix"));
	json_decref(body);
}

static void the_same_holds_for_a_query(void **state)
{
	char *path = prefixes_add_query(strdup("/x"), json_pack("[s]", "2400::/32"));

	assert_string_equal(path, "/x?prefix=2400%3A%3A%2F32");
	free(path);
	path = prefixes_add_query(strdup("/x?a=1"), json_pack("[s, s]", "a", "b"));
	assert_string_equal(path, "/x?a=1&prefixes=a%2Cb");
	free(path);
}

static void an_address_is_no_prefix(void **state)
{
	assert_int_equal(words_address(&context, NULL), -1);
	assert_int_equal(words_address(&context, "2400::1"), -1);
	assert_int_equal(words_address(&context, "198.51.100.7"), -1);
	is_usage_error(words_address(&context, "2400::/64"), "slash64 list 2400::/64");
	is_usage_error(words_address(&context, "hello"), "'hello' is not an address");
}

static void a_duration_is_in_milliseconds_and_unchanged_where_it_is_none(void **state)
{
	int64_t ms = 7;

	assert_int_equal(words_duration(&context, "for", NULL, &ms), -1);
	assert_int_equal(ms, 7);
	is_usage_error(words_duration(&context, "for", "soon", &ms), "--for 'soon'");
	is_usage_error(words_duration(&context, "for", "11y", &ms), "--for '11y'");
	is_usage_error(words_duration(&context, "for", "5000d", &ms), "ten years");
	assert_int_equal(ms, 7);
	assert_int_equal(words_duration(&context, "for", "90s", &ms), -1);
	assert_int_equal(ms, 90000);
}

static void a_time_is_relative_to_its_reference(void **state)
{
	int64_t us = 7;

	assert_int_equal(words_time(&context, "since", NULL, 0, WHEN_BEFORE, &us), -1);
	assert_int_equal(us, 7);
	is_usage_error(words_time(&context, "since", "yesterdy", 0, WHEN_BEFORE, &us),
		       "did you mean 'yesterday'");
	assert_int_equal(us, 7);
	assert_int_equal(words_time(&context, "since", "90m", 10000 * WHEN_SECOND, WHEN_BEFORE,
				    &us),
			 -1);
	assert_int_equal(us, (10000 - 5400) * WHEN_SECOND);
}

static void a_whole_number_has_digits_alone_and_at_least_its_least(void **state)
{
	int64_t n = 7;

	assert_int_equal(words_whole(&context, "limit", NULL, 1, &n), -1);
	is_usage_error(words_whole(&context, "limit", "0", 1, &n), "above 0");
	is_usage_error(words_whole(&context, "limit", "-1", 0, &n), "--limit '-1'");
	is_usage_error(words_whole(&context, "limit", "5x", 0, &n), "5x");
	is_usage_error(words_whole(&context, "limit", "", 0, &n), "whole number");
	is_usage_error(words_whole(&context, "limit", "1234567890123", 0, &n), "too large");
	assert_int_equal(n, 7);
	assert_int_equal(words_whole(&context, "limit", "0", 0, &n), -1);
	assert_int_equal(n, 0);
	assert_int_equal(words_whole(&context, "limit", "123456789012", 1, &n), -1);
	assert_int_equal(n, 123456789012);
}

static void the_largest_is_still_taken(void **state)
{
	assert_int_equal(words_at_most(&context, "limit", NULL, 100, 10), -1);
	assert_int_equal(words_at_most(&context, "limit", "10", 10, 10), -1);
	is_usage_error(words_at_most(&context, "limit", "11", 11, 10), "at most 10");
}

static void a_choice_lists_the_words_there_are(void **state)
{
	static const char *const two[] = {"block", "throttle", NULL};
	static const char *const three[] = {"a", "b", "c", NULL};

	assert_int_equal(words_choice(&context, "kind", NULL, two), -1);
	assert_int_equal(words_choice(&context, "kind", "throttle", two), -1);
	is_usage_error(words_choice(&context, "kind", "throtle", two),
		       "must be block or throttle (did you mean 'throttle'?)");
	is_usage_error(words_choice(&context, "kind", "xyz", three), "must be a, b or c");
}

static void a_text_is_utf8_without_control_characters_and_fits(void **state)
{
	char text[257];

	memset(text, 'x', sizeof(text));
	text[256] = '\0';
	is_usage_error(words_text(&context, "reason", text), "256 bytes: at most 255");
	text[255] = '\0';
	assert_int_equal(words_text(&context, "reason", text), -1);
	assert_int_equal(words_text(&context, "reason", NULL), -1);
	assert_int_equal(words_text(&context, "reason", "\xc3\xa4"), -1);
	is_usage_error(words_text(&context, "reason", "\xff"), "not UTF-8");
	is_usage_error(words_text(&context, "reason", "a\nb"), "control character");
	is_usage_error(words_text(&context, "reason", "a\x7f"), "control character");
}

static void an_origin_is_a_name(void **state)
{
	assert_int_equal(words_origin(&context, NULL), -1);
	assert_int_equal(words_origin(&context, "spamhaus-drop"), -1);
	is_usage_error(words_origin(&context, "a b"), "--origin 'a b'");
	is_usage_error(words_origin(&context, "\xff"), "not UTF-8");
}

static void each_text_of_a_command_is_checked(void **state)
{
	const char *reason = "fine", *ticket = "\n", *other = "\n";
	const struct option_spec specs[] = {{"reason", &reason, NULL},
					    {"output", &other, NULL},
					    {"ticket", &ticket, NULL},
					    {NULL, NULL, NULL}};

	is_usage_error(words_texts(&context, specs), "--ticket");
	ticket = NULL;
	assert_int_equal(words_texts(&context, specs), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_prefix_is_any_that_can_be_parsed_and_an_option_without_dashes_is_guessed),
		cmocka_unit_test(ranges_become_the_few_prefixes_that_make_them_up),
		cmocka_unit_test(more_prefixes_than_belong_into_one_request_are_refused),
		cmocka_unit_test(one_prefix_is_a_member_and_several_are_a_list),
		cmocka_unit_test(the_same_holds_for_a_query),
		cmocka_unit_test(an_address_is_no_prefix),
		cmocka_unit_test(a_duration_is_in_milliseconds_and_unchanged_where_it_is_none),
		cmocka_unit_test(a_time_is_relative_to_its_reference),
		cmocka_unit_test(a_whole_number_has_digits_alone_and_at_least_its_least),
		cmocka_unit_test(the_largest_is_still_taken),
		cmocka_unit_test(a_choice_lists_the_words_there_are),
		cmocka_unit_test(a_text_is_utf8_without_control_characters_and_fits),
		cmocka_unit_test(an_origin_is_a_name),
		cmocka_unit_test(each_text_of_a_command_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
