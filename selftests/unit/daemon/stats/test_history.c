// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/stats/history.h"

#define START_MS 5000000

static struct history *history;
static size_t blocked, monitored;

static int begin(void **state)
{
	(void)state;
	history = history_new();
	blocked = history_series(S64_DROP, S64_REASON_BLOCKED);
	monitored = history_series(S64_WOULD_DROP, S64_REASON_BLOCKED);
	return history ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	history_free(history);
	return 0;
}

static uint64_t sum(size_t series)
{
	uint64_t packets = 0;

	for (uint64_t n = history_first(history); n <= history_last(history); n++)
		packets += history_at(history, n, series);
	return packets;
}

static void what_came_before_the_first_tick_is_of_no_second(void **state)
{
	(void)state;
	history_add(history, blocked, 77);
	history_tick(history, START_MS);
	assert_int_equal(history_last(history), 0);
	assert_int_equal(history_first(history), 1);
	history_tick(history, START_MS + 1000);
	assert_int_equal(history_last(history), 1);
	assert_int_equal(sum(blocked), 0);
}

static void each_second_has_its_packets_by_verdict_and_reason(void **state)
{
	(void)state;
	history_tick(history, START_MS);
	for (uint64_t n = 1; n <= 3; n++) {
		history_add(history, blocked, 10 * n);
		history_add(history, monitored, n);
		history_tick(history, START_MS + 1000 * n);
	}
	for (uint64_t n = 1; n <= 3; n++) {
		assert_int_equal(history_at(history, n, blocked), 10 * n);
		assert_int_equal(history_at(history, n, monitored), n);
	}
	assert_int_equal(history_end_ms(history), START_MS + 3000);
	assert_int_not_equal(blocked, monitored);
	/* what passes is not monitored */
	assert_int_equal(history_series(S64_PASS, S64_REASON_POLICY), S64_REASON_POLICY);
}

/* A steady rate is a straight line, however the timer jitters. */
static void a_timer_that_is_late_or_early_makes_no_peak(void **state)
{
	static const int64_t off_ms[] = {7, 300, 20, -40, -90, 650, 1, 499, 0, 30};
	uint64_t at_ms = START_MS;

	(void)state;
	history_tick(history, at_ms);
	for (size_t i = 0; i < sizeof(off_ms) / sizeof(off_ms[0]); i++) {
		uint64_t next_ms = START_MS + 1000 * (i + 1) + off_ms[i];

		history_add(history, blocked, next_ms - at_ms); /* 1000 a second */
		at_ms = next_ms;
		history_tick(history, at_ms);
	}
	assert_int_equal(history_last(history), 10);
	for (uint64_t n = 1; n <= 10; n++)
		assert_in_range(history_at(history, n, blocked), 900, 1100);
}

static void a_second_is_missing_none_if_slash64d_was_busy(void **state)
{
	(void)state;
	history_tick(history, START_MS);
	history_add(history, blocked, 50);
	history_tick(history, START_MS + 5000);
	assert_int_equal(history_last(history), 5);
	for (uint64_t n = 1; n <= 5; n++)
		assert_int_equal(history_at(history, n, blocked), 10);
}

static void no_packet_is_lost_or_counted_twice(void **state)
{
	uint64_t at_ms = START_MS, added = 0;

	(void)state;
	history_tick(history, at_ms);
	for (int i = 0; i < 500; i++) {
		history_add(history, blocked, i * 7 % 13);
		added += i * 7 % 13;
		at_ms += 900 + i * 37 % 400;
		history_tick(history, at_ms);
	}
	/* the second that is not over is missing yet, and nothing comes any more */
	history_tick(history, at_ms + 2000);
	assert_int_equal(sum(blocked), added);
}

static void it_keeps_15_minutes_and_no_more(void **state)
{
	(void)state;
	history_tick(history, START_MS);
	for (uint64_t n = 1; n <= HISTORY_POINTS + 100; n++) {
		history_add(history, blocked, n);
		history_tick(history, START_MS + 1000 * n);
	}
	assert_int_equal(history_last(history), HISTORY_POINTS + 100);
	assert_int_equal(history_first(history), 101);
	for (uint64_t n = 101; n <= HISTORY_POINTS + 100; n++)
		assert_int_equal(history_at(history, n, blocked), n);
}

/* A machine that was suspended for a month. */
static void a_gap_longer_than_it_keeps_is_bounded(void **state)
{
	const uint64_t seconds = 30 * 86400;

	(void)state;
	history_tick(history, START_MS);
	history_add(history, blocked, seconds * 3);
	history_tick(history, START_MS + seconds * 1000);
	assert_int_equal(history_last(history), seconds);
	for (uint64_t n = history_first(history); n <= seconds; n++)
		assert_in_range(history_at(history, n, blocked), 0, seconds * 3);
	assert_int_equal(history_at(history, seconds, blocked), 3);
}

static void a_count_that_cannot_be_is_the_largest_one(void **state)
{
	(void)state;
	history_tick(history, START_MS);
	history_add(history, blocked, UINT64_MAX / 2);
	history_tick(history, START_MS + 1000);
	assert_int_equal(history_at(history, 1, blocked), UINT32_MAX);
}

/* Counters that were set to 0 meanwhile. */
static void an_interface_whose_counters_begin_anew_makes_no_peak(void **state)
{
	struct counters_rate rate;

	(void)state;
	assert_int_equal(counters_rate_init(&rate), 0);
	history_tick(history, START_MS);
	rate.before->of_class[S64_OUTCOME_ENFORCED][S64_CLASS_TCP][S64_REASON_POLICY].packets =
		1000;
	rate.after->of_class[S64_OUTCOME_ENFORCED][S64_CLASS_TCP][S64_REASON_POLICY].packets = 5;
	rate.after_ns = 3000000000;
	history_add_rate(history, &rate); /* there is no sum before */
	rate.before_ns = 2000000000;
	history_add_rate(history, &rate);
	rate.after->of_class[S64_OUTCOME_MONITORED][S64_CLASS_TCP][S64_REASON_BLOCKED].packets = 40;
	history_add_rate(history, &rate);
	history_tick(history, START_MS + 1000);
	assert_int_equal(sum(history_series(S64_PASS, S64_REASON_POLICY)), 0);
	assert_int_equal(sum(monitored), 40);
	assert_int_equal(sum(blocked), 0);
	counters_rate_free(&rate);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_came_before_the_first_tick_is_of_no_second),
		TEST(each_second_has_its_packets_by_verdict_and_reason),
		TEST(a_timer_that_is_late_or_early_makes_no_peak),
		TEST(a_second_is_missing_none_if_slash64d_was_busy),
		TEST(no_packet_is_lost_or_counted_twice),
		TEST(it_keeps_15_minutes_and_no_more),
		TEST(a_gap_longer_than_it_keeps_is_bounded),
		TEST(a_count_that_cannot_be_is_the_largest_one),
		TEST(an_interface_whose_counters_begin_anew_makes_no_peak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
