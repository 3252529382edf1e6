// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/text/duration.c */
/* Durations as people write them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text/duration.h"

#define SECOND	  1000LL
#define MINUTE	  (60 * SECOND)
#define HOUR	  (60 * MINUTE)
#define DAY	  (24 * HOUR)
#define TEN_YEARS (3660 * DAY)
#define ROUNDS	  200000

static int64_t parsed(const char *text)
{
	int64_t ms;

	if (duration_parse(text, &ms))
		fail_msg("'%s' is not taken", text);
	return ms;
}

static void each_unit_is_what_it_says(void **state)
{
	(void)state;
	assert_int_equal(parsed("500ms"), 500);
	assert_int_equal(parsed("90s"), 90 * SECOND);
	assert_int_equal(parsed("15m"), 15 * MINUTE);
	assert_int_equal(parsed("1h"), HOUR);
	assert_int_equal(parsed("7d"), 7 * DAY);
	assert_int_equal(parsed("2w"), 14 * DAY);
}

static void units_add_up_from_large_to_small(void **state)
{
	(void)state;
	assert_int_equal(parsed("1h30m"), 90 * MINUTE);
	assert_int_equal(parsed("1w2d3h4m5s6ms"), 9 * DAY + 3 * HOUR + 4 * MINUTE + 5 * SECOND + 6);
	assert_int_equal(parsed("5m30s"), 330 * SECOND);
	assert_int_equal(parsed("1m5ms"), MINUTE + 5);
	assert_int_equal(parsed("0h90s"), 90 * SECOND);
}

/* field H4, issue 14 line 4 */
static void what_people_write_is_taken(void **state)
{
	(void)state;
	assert_int_equal(parsed("600"), 600 * SECOND);
	assert_int_equal(parsed("1.5"), 1500);
	assert_int_equal(parsed("1d12h"), 36 * HOUR);
	assert_int_equal(parsed("1d 12h"), 36 * HOUR);
	assert_int_equal(parsed("1.5h"), 90 * MINUTE);
	assert_int_equal(parsed("0.125s"), 125);
	assert_int_equal(parsed("2 weeks"), 14 * DAY);
	assert_int_equal(parsed("1 day"), DAY);
	assert_int_equal(parsed("90min"), 90 * MINUTE);
	assert_int_equal(parsed("1hour 30 minutes"), 90 * MINUTE);
	assert_int_equal(parsed("1H"), HOUR);
	assert_int_equal(parsed("30sec"), 30 * SECOND);
}

static void the_hint_knows_what_was_meant(void **state)
{
	(void)state;
	assert_non_null(strstr(duration_hint("1M"), "a month as 30d"));
	assert_non_null(strstr(duration_hint("2 months"), "a month as 30d"));
	assert_non_null(strstr(duration_hint("1y"), "365d"));
	assert_non_null(strstr(duration_hint("soon"), "90s, 15m"));
}

static void fails_with(const char *text, int err)
{
	int64_t ms = 42;

	if (duration_parse(text, &ms) != err)
		fail_msg("'%s' gives %d", text, duration_parse(text, &ms));
	assert_int_equal(ms, 42);
}

static void what_is_no_duration_is_refused_and_changes_nothing(void **state)
{
	static const char *const bad[] = {"",	     "0",    "1h90",  "s",	 "h1",	   "1.",
					  ".5h",     " 1h",  "1h ",   "90 ",	 "-1h",	   "+1h",
					  "1M",	     "1mo",  "1y",    "30m1h",	 "1h1h",   "1hm",
					  "0s",	     "0h0m", "1h30",  "1s5m",	 "0x1s",   "1ss",
					  "forever", "1,5h", "1.5ms", "0.0001h", "1h,30m", "h",
					  " "};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		fails_with(bad[i], -EINVAL);
}

static void ten_years_is_the_end_and_nothing_overflows(void **state)
{
	(void)state;
	assert_int_equal(parsed("3660d"), TEN_YEARS);
	fails_with("3660d1ms", -ERANGE);
	fails_with("3661d", -ERANGE);
	fails_with("522w7d", -ERANGE);
	fails_with("9223372036854775807w", -ERANGE);
	fails_with("99999999999999999999999999999999s", -ERANGE);
	fails_with("18446744073709551617s", -ERANGE);
	fails_with("30500568905w", -ERANGE); /* 2^64 ms and some hours */
}

static void formats(int64_t ms, const char *expected)
{
	char buf[DURATION_TEXT_MAX];

	assert_string_equal(duration_format(ms, buf), expected);
}

static void the_two_largest_units_are_shown_rounded_down(void **state)
{
	(void)state;
	formats(350, "350ms");
	formats(1, "1ms");
	formats(2 * SECOND, "2s");
	formats(2999, "2s");
	formats(90 * SECOND, "1m30s");
	formats(HOUR, "1h");
	formats(90 * MINUTE, "1h30m");
	formats(HOUR + 59 * SECOND, "1h"); /* not 1h59s: the second unit is the next one */
	formats(2 * DAY - 1, "1d23h");
	formats(7 * DAY, "7d");
	formats(TEN_YEARS, "3660d");
}

static void no_time_and_less_are_0s(void **state)
{
	(void)state;
	formats(0, "0s");
	formats(-1, "0s");
	formats(INT64_MIN, "0s");
}

static void the_longest_time_fits(void **state)
{
	char buf[DURATION_TEXT_MAX];

	(void)state;
	assert_true(strlen(duration_format(INT64_MAX, buf)) < sizeof(buf));
	assert_string_equal(buf, "106751991167d7h");
}

static void what_is_written_is_read_as_no_more_than_it_was(void **state)
{
	(void)state;
	srand(64);
	for (int i = 0; i < ROUNDS; i++) {
		int64_t ms = 1 + ((int64_t)rand() << 20 ^ rand()) % TEN_YEARS, again;
		char buf[DURATION_TEXT_MAX];

		ms >>= rand() % 36;
		ms += !ms;
		again = parsed(duration_format(ms, buf));
		assert_true(again <= ms);
		/* the omitted part is smaller than the second unit: 1h of 1d1h.., 1m, 1s, 1s */
		assert_true(ms - again < (ms >= DAY ? HOUR : ms >= HOUR ? MINUTE : SECOND));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_unit_is_what_it_says),
		cmocka_unit_test(units_add_up_from_large_to_small),
		cmocka_unit_test(what_people_write_is_taken),
		cmocka_unit_test(the_hint_knows_what_was_meant),
		cmocka_unit_test(what_is_no_duration_is_refused_and_changes_nothing),
		cmocka_unit_test(ten_years_is_the_end_and_nothing_overflows),
		cmocka_unit_test(the_two_largest_units_are_shown_rounded_down),
		cmocka_unit_test(no_time_and_less_are_0s),
		cmocka_unit_test(the_longest_time_fits),
		cmocka_unit_test(what_is_written_is_read_as_no_more_than_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
