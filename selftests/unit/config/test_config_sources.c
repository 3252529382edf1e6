// SPDX-License-Identifier: GPL-2.0-only
/* The keys `sources` and `feeds`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "config_test.h"

static void a_rule_of_each_kind_joins_the_general_ones(void **state)
{
	struct source_rules usual;

	source_rules_init(&usual);
	take("sources:\n  nat64: ['2400:64::/96']\n  isatap: ['2400:1::/64']\n"
	     "  lengths: [{prefix: '2400:2::/32', length: 56}]\n");
	assert_int_equal(config.rules.count, usual.count + 3);
	/* addresses of a translator are not bogons, so its prefix is not checked */
	assert_int_equal(config.sources.count, 2);
	assert_int_equal(config.sources.entry[0].line, 3);
	assert_int_equal(config.sources.entry[1].line, 4);
	config_free(&config);
}

static void a_rule_that_makes_no_sense_is_refused_with_its_line(void **state)
{
	refuse("sources:\n  nat64:\n    - '2400:64::/97'\n", "test.yaml:3: ");
	refuse("sources:\n  lengths:\n    - {prefix: '2400::/32', length: 15}\n", "from 16 to 128");
	refuse("sources: {lengths: [{prefix: '2400::/32'}]}", "needs a prefix and a length");
	refuse("sources: {lengths: [{length: 56}]}", "needs a prefix and a length");
	refuse("sources: {isatap: ['2400:1::/64', '2400:1::/64']}", "2400:1::/64");
	refuse("sources: {isatap: 2400::/64}", "isatap must be a list");
	refuse("sources: {isatap: [rubbish]}", "is not a prefix");
}

static void a_feed_has_its_defaults_and_every_key(void **state)
{
	take("feeds:\n  - {file: /a, origin: x}\n"
	     "  - {file: /b, origin: y, format: plain, reason: why, for: 1h, settle: 5s, shrink: 0.25}\n");
	assert_int_equal(config.feed_count, 2);
	assert_int_equal(config.feed[0].for_ms, 0);
	assert_int_equal(config.feed[0].debounce_ms, 2000);
	assert_true(config.feed[0].shrink == 0.5);
	assert_string_equal(config.feed[0].format, "");
	assert_int_equal(config.feed[0].line, 2);
	assert_string_equal(config.feed[1].file, "/b");
	assert_string_equal(config.feed[1].origin, "y");
	assert_string_equal(config.feed[1].format, "plain");
	assert_string_equal(config.feed[1].reason, "why");
	assert_int_equal(config.feed[1].for_ms, 3600000);
	assert_int_equal(config.feed[1].debounce_ms, 5000);
	assert_true(config.feed[1].shrink == 0.25);
	config_free(&config);
}

static void a_feed_without_a_place_or_a_name_of_its_own_is_refused(void **state)
{
	refuse("feeds: [{file: /a}]", "needs a file and an origin");
	refuse("feeds: [{origin: a}]", "needs a file and an origin");
	refuse("feeds:\n  - {file: a, origin: b}\n", "test.yaml:2: 'a' must be an absolute path");
	refuse("feeds: [{file: /a, origin: 'a b'}]", "'a b'");
	refuse("feeds: [{file: /a, origin: operator}]", "operator");
	refuse("feeds: [{file: /a, origin: config}]", "config");
	refuse("feeds:\n  - {file: /a, origin: b}\n  - {file: /b, origin: b}\n", "test.yaml:3: ");
}

static void values_of_a_feed_out_of_range_are_refused(void **state)
{
	refuse("feeds: [{file: /a, origin: b, format: xml}]", "xml");
	refuse("feeds: [{file: /a, origin: b, for: never}]", "never");
	refuse("feeds: [{file: /a, origin: b, settle: 61m}]", "61m");
	take("feeds: [{file: /a, origin: b, settle: 60m, shrink: 1}, {file: /a, origin: c, shrink: 0}]");
	config_free(&config);
	refuse("feeds: [{file: /a, origin: b, shrink: 1.1}]", "1.1");
	refuse("feeds: [{file: /a, origin: b, shrink: -0.1}]", "-0.1");
	refuse("feeds: [{file: /a, origin: b, shrink: nan}]", "nan");
	refuse("feeds: [{file: /a, origin: b, shrink: '0.5x'}]", "0.5x");
	refuse("feeds: [{file: /a, origin: b, shrink: ''}]", "fraction");
}

static void there_are_64_feeds_at_most(void **state)
{
	char text[8192] = "feeds:\n";

	for (int i = 0; i < CONFIG_FEEDS_MAX; i++)
		sprintf(text + strlen(text), "  - {file: /a, origin: o%d}\n", i);
	take(text);
	assert_int_equal(config.feed_count, CONFIG_FEEDS_MAX);
	config_free(&config);
	strcat(text, "  - {file: /a, origin: more}\n");
	refuse(text, "test.yaml:66: more than 64 feeds");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_of_each_kind_joins_the_general_ones),
		cmocka_unit_test(a_rule_that_makes_no_sense_is_refused_with_its_line),
		cmocka_unit_test(a_feed_has_its_defaults_and_every_key),
		cmocka_unit_test(a_feed_without_a_place_or_a_name_of_its_own_is_refused),
		cmocka_unit_test(values_of_a_feed_out_of_range_are_refused),
		cmocka_unit_test(there_are_64_feeds_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
