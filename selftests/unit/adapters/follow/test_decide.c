// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/follow/decide.h"

#define NOW_MS	  1790000000000LL
#define STEADY_MS 5000000LL
#define MINUTE_MS 60000LL

static struct rule rules[] = {
	{.signature = "ET INFO*", .action = RULE_IGNORE},
	{.id = 7, .action = RULE_PROPOSE, .for_ms = 60 * MINUTE_MS},
	{.signature = "ET SCAN*", .severity = 2, .action = RULE_BLOCK, .for_ms = 60 * MINUTE_MS},
	{.category = "DoS", .action = RULE_THROTTLE, .rate = 10, .burst = 20, .for_ms = MINUTE_MS},
};
static struct follow_settings settings = {.per_minute = 10, .rule = rules, .rules = 4};
static struct decide *decide;
static struct set_entry entry;
static int64_t late_ms; /* after NOW_MS */

static int make(void **state)
{
	late_ms = 0;
	decide = decide_new(&settings);
	return decide ? 0 : -1;
}

static int drop(void **state)
{
	decide_free(decide);
	return 0;
}

static enum decision decides(const char *source, const char *signature, int64_t severity,
			     int64_t age_ms)
{
	struct event event = {.severity = severity};

	set_key_parse(source, &event.source);
	snprintf(event.signature, sizeof(event.signature), "%s", signature);
	event.time_ms = NOW_MS + late_ms - age_ms;
	return decide_event(decide, &event, NOW_MS + late_ms, STEADY_MS + late_ms, &entry);
}

static void the_first_rule_that_matches_counts(void **state)
{
	struct event event = {.id = 7, .severity = 3};

	assert_int_equal(decides("2001:db8::1", "ET SCAN x", 2, 0), DECIDED_PUT);
	assert_int_equal(entry.kind, SET_BLOCK);
	assert_int_equal(entry.until_ms, NOW_MS + 60 * MINUTE_MS);
	assert_string_equal(entry.reason, "ET SCAN x");
	assert_int_equal(decides("2001:db8:2::1", "ET SCAN x", 3, 0), DECIDED_NOTHING);
	assert_int_equal(decides("2001:db8:2::1", "ET SCAN x", 0, 0), DECIDED_NOTHING);
	assert_int_equal(decides("2001:db8:2::1", "ET INFO", 1, 0), DECIDED_NOTHING);
	set_key_parse("2001:db8:7::1", &event.source);
	assert_int_equal(decide_event(decide, &event, NOW_MS, STEADY_MS, &entry), DECIDED_PROPOSE);
	event = (struct event){.category = "DoS"};
	set_key_parse("198.51.100.7", &event.source);
	assert_int_equal(decide_event(decide, &event, NOW_MS, STEADY_MS, &entry), DECIDED_PUT);
	assert_true(entry.kind == SET_THROTTLE && entry.rate == 10 && entry.burst == 20);
}

static void a_source_is_decided_once_until_half_of_it_is_over(void **state)
{
	assert_int_equal(decides("2001:db8::1", "ET SCAN", 1, 0), DECIDED_PUT);
	/* its /64 is one source */
	assert_int_equal(decides("2001:db8::2", "ET SCAN", 1, 0), DECIDED_KNOWN);
	assert_int_equal(decides("198.51.100.7", "ET SCAN", 1, 0), DECIDED_PUT);
	assert_int_equal(decides("198.51.100.8", "ET SCAN", 1, 0), DECIDED_PUT);
	late_ms = 29 * MINUTE_MS;
	assert_int_equal(decides("2001:db8::1", "ET SCAN", 1, 0), DECIDED_KNOWN);
	late_ms = 31 * MINUTE_MS;
	assert_int_equal(decides("2001:db8::1", "ET SCAN", 1, 0), DECIDED_PUT);
	assert_int_equal(entry.until_ms, NOW_MS + 91 * MINUTE_MS);
}

static void an_event_that_would_be_over_is_left_out(void **state)
{
	assert_int_equal(decides("2001:db8::1", "ET SCAN", 1, 60 * MINUTE_MS), DECIDED_OVER);
	assert_int_equal(decides("2001:db8::1", "ET SCAN", 1, 59 * MINUTE_MS), DECIDED_PUT);
	assert_int_equal(entry.until_ms, NOW_MS + MINUTE_MS);
	/* a clock that is ahead */
	assert_int_equal(decides("2001:db8:9::1", "ET SCAN", 1, -99 * MINUTE_MS), DECIDED_PUT);
	assert_int_equal(entry.until_ms, NOW_MS + 60 * MINUTE_MS);
}

static void more_than_so_many_sources_in_a_minute_are_left_out(void **state)
{
	int put = 0;
	char text[64];

	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::1", i);
		put += decides(text, "ET SCAN", 1, 0) == DECIDED_PUT;
	}
	assert_int_equal(put, 10);
	late_ms = MINUTE_MS / 10;
	assert_int_equal(decides("2001:db8:ffff::1", "ET SCAN", 1, 0), DECIDED_PUT);
	assert_int_equal(decides("2001:db8:fffe::1", "ET SCAN", 1, 0), DECIDED_LIMITED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
	const struct CMUnitTest tests[] = {
		TEST(the_first_rule_that_matches_counts),
		TEST(a_source_is_decided_once_until_half_of_it_is_over),
		TEST(an_event_that_would_be_over_is_left_out),
		TEST(more_than_so_many_sources_in_a_minute_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
