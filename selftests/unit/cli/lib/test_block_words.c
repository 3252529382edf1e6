// SPDX-License-Identifier: GPL-2.0-only
/* How the end of a block is given, and how a block is described. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "../cli_test.h"
#include "cli/lib/block_words.h"

static struct context context;

static int end(const char *span, const char *until, bool none, json_t **body)
{
	struct end_words words = {span, until, none};

	*body = json_object();
	return end_add(&context, &words, *body);
}

static void a_span_is_in_seconds(void **state)
{
	json_t *body;

	assert_int_equal(end("90m", NULL, false, &body), -1);
	assert_true(json_is_integer(json_object_get(body, "for_seconds")));
	assert_int_equal(json_integer_value(json_object_get(body, "for_seconds")), 5400);
	json_decref(body);
	assert_int_equal(end("1500ms", NULL, false, &body), -1);
	assert_true(json_real_value(json_object_get(body, "for_seconds")) == 1.5);
	json_decref(body);
	is_usage_error(end("soon", NULL, false, &body), "--for 'soon'");
	assert_int_equal(json_object_size(body), 0);
	json_decref(body);
}

static void an_end_is_a_time_in_utc_to_come(void **state)
{
	json_t *body;

	assert_int_equal(end(NULL, "2199-01-01 00:00:00+01:00", false, &body), -1);
	assert_string_equal(json_string_value(json_object_get(body, "until")),
			    "2198-12-31T23:00:00Z");
	json_decref(body);
	is_usage_error(end(NULL, "2001-01-01T00:00:00Z", false, &body), "is in the past");
	assert_int_equal(json_object_size(body), 0);
	json_decref(body);
}

static void no_end_is_null_and_nothing_given_adds_nothing(void **state)
{
	json_t *body;

	assert_int_equal(end(NULL, NULL, true, &body), -1);
	assert_true(json_is_null(json_object_get(body, "until")));
	json_decref(body);
	assert_int_equal(end(NULL, NULL, false, &body), -1);
	assert_int_equal(json_object_size(body), 0);
	json_decref(body);
}

static void only_one_end_is_taken(void **state)
{
	json_t *body;

	is_usage_error(end("1h", "21:00", false, &body), "exclude");
	json_decref(body);
	is_usage_error(end("1h", NULL, true, &body), "exclude");
	json_decref(body);
	is_usage_error(end(NULL, "21:00", true, &body), "exclude");
	json_decref(body);
}

static const char *words(void (*print)(const json_t *), const char *text)
{
	json_t *block = json_loads(text, 0, NULL);

	assert_non_null(block);
	PRINTED(print(block));
	json_decref(block);
	return printed;
}

static void a_prefix_has_its_check_characters(void **state)
{
	assert_string_equal(words(block_print_prefix,
				  "{\"prefix\":\"2400::/64\",\"check_chars\":\"ND\"}"),
			    "2400::/64 (check ND)");
	assert_string_equal(words(block_print_prefix,
				  "{\"prefix\":\"2400::/65\",\"check_chars\":null}"),
			    "2400::/65");
}

static void only_a_throttle_has_a_rate(void **state)
{
	assert_string_equal(words(block_print_rate,
				  "{\"kind\":\"throttle\",\"rate\":1000,\"burst\":2000}"),
			    " to 1,000 packets per second, burst 2,000");
	assert_string_equal(words(block_print_rate, "{\"kind\":\"block\",\"rate\":1}"), "");
}

static const char *end_of(const char *a, const char *b)
{
	json_t *block = json_loads(a, 0, NULL), *before = b ? json_loads(b, 0, NULL) : NULL;

	PRINTED(block_print_end(block, before));
	json_decref(block);
	json_decref(before);
	return printed;
}

#define BLOCK "{\"kind\":\"block\",\"until\":null,\"reason\":\"scan\",\"ticket\":null}"

static void what_was_before_is_told_as_far_as_it_differs(void **state)
{
	assert_string_equal(end_of(BLOCK, NULL), " (without end)");
	assert_string_equal(end_of(BLOCK, BLOCK), " (without end)");
	assert_string_equal(end_of(BLOCK,
				   "{\"kind\":\"block\",\"reason\":\"flood\",\"ticket\":\"T-1\"}"),
			    " (without end; before: reason 'flood', ticket 'T-1')");
	assert_string_equal(
		end_of(BLOCK,
		       "{\"kind\":\"throttle\",\"rate\":5,\"burst\":10,\"until\":null,\"ticket\":null}"),
		" (without end; before: throttled to 5 packets per second, burst 10, no reason)");
}

static void an_end_is_in_local_time(void **state)
{
	setenv("TZ", "UTC", 1);
	tzset();
	assert_string_equal(end_of("{\"until\":\"2199-01-01T00:00:00Z\"}", NULL),
			    " (until 2199-01-01 00:00:00 UTC)");
	assert_string_equal(end_of("{\"until\":null}", "{\"until\":\"2199-01-01T00:00:00Z\"}"),
			    " (without end; before: until 2199-01-01 00:00:00 UTC)");
}

static void blocks_are_the_same_if_every_term_is(void **state)
{
	static const char *const other[] = {
		"{\"kind\":\"throttle\",\"until\":null,\"reason\":\"scan\"}",
		"{\"kind\":\"block\",\"until\":\"2199-01-01T00:00:00Z\",\"reason\":\"scan\"}",
		"{\"kind\":\"block\",\"reason\":\"flood\"}",
		"{\"kind\":\"block\",\"reason\":\"scan\",\"ticket\":\"T-1\"}",
		"{\"kind\":\"block\",\"reason\":\"scan\",\"rate\":5}",
		"{\"kind\":\"block\",\"reason\":\"scan\",\"burst\":5}"};
	json_t *block = json_loads(BLOCK, 0, NULL);
	/* absent is the same as null */
	json_t *same = json_loads("{\"kind\":\"block\",\"reason\":\"scan\",\"hits\":7}", 0, NULL);

	assert_true(block_says_same(block, same));
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		json_t *b = json_loads(other[i], 0, NULL);

		if (block_says_same(block, b))
			fail_msg("%s is the same", other[i]);
		json_decref(b);
	}
	json_decref(block);
	json_decref(same);
}

static void ssh_sources_are_added_only_if_there_are_any(void **state)
{
	json_t *body = json_object();

	setenv("SSH_CONNECTION", "2400::5 1 2400::6 22", 1);
	ssh_sources_add(body);
	assert_string_equal(json_string_value(
				    json_array_get(json_object_get(body, "ssh_sources"), 0)),
			    "2400::5");
	json_decref(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_is_in_seconds),
		cmocka_unit_test(an_end_is_a_time_in_utc_to_come),
		cmocka_unit_test(no_end_is_null_and_nothing_given_adds_nothing),
		cmocka_unit_test(only_one_end_is_taken),
		cmocka_unit_test(a_prefix_has_its_check_characters),
		cmocka_unit_test(only_a_throttle_has_a_rate),
		cmocka_unit_test(what_was_before_is_told_as_far_as_it_differs),
		cmocka_unit_test(an_end_is_in_local_time),
		cmocka_unit_test(blocks_are_the_same_if_every_term_is),
		cmocka_unit_test(ssh_sources_are_added_only_if_there_are_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
