// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/text/when.c user/base/text/when_format.c user/base/text/duration.c */
/* Times, parsed and formatted: hostile O8, issue 14 line 4. Zones are given as rules, which need no
 * tzdata.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/text/when.h"

#define SECONDS_OF_230_YEARS (230LL * 31556952)

#define TOKYO	  "JST-9"
#define BERLIN	  "CET-1CEST,M3.5.0,M10.5.0/3"
#define LORD_HOWE "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
#define KATHMANDU "<+0545>-5:45"
#define ROUNDS	  20000

static void in_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static int64_t at(const char *text)
{
	int64_t us;

	if (when_parse_exact(text, &us))
		fail_msg("'%s' is no instant", text);
	return us;
}

/* The meaning of a text at a given instant. */
static void means(const char *text, const char *now, enum when_side side, const char *expected)
{
	char hint[WHEN_HINT_MAX], buf[WHEN_TEXT_MAX];
	int64_t us;

	if (when_parse(text, at(now), side, &us, hint))
		fail_msg("'%s' is not taken: %s", text, hint);
	assert_string_equal(when_format_exact(us, 0, buf), expected);
}

static void refuses(const char *text, enum when_side side, const char *now, int err,
		    const char *word)
{
	char hint[WHEN_HINT_MAX];
	int64_t us = 42;

	if (when_parse(text, at(now), side, &us, hint) != err)
		fail_msg("'%s' is not refused with %d", text, err);
	assert_int_equal(us, 42);
	if (!strstr(hint, word))
		fail_msg("'%s': the hint is '%s'", text, hint);
}

#define NOW "2026-11-26T12:00:00Z" /* 21:00 in Tokyo, 13:00 in Berlin */

static void an_instant_is_read_as_it_stands(void **state)
{
	(void)state;
	in_zone(TOKYO);
	assert_int_equal(at("1970-01-01T00:00:00Z"), 0);
	assert_int_equal(at("2026-11-26T20:00:00Z"), 1795723200 * WHEN_SECOND);
	assert_int_equal(at("2026-11-26T20:00Z"), 1795723200 * WHEN_SECOND);
	assert_int_equal(at("2026-11-26 20:00:00z"), 1795723200 * WHEN_SECOND);
	assert_int_equal(at("2026-11-26t20:00:00.25Z"), 1795723200 * WHEN_SECOND + 250000);
	assert_int_equal(at("2026-11-26T20:00:00,123456789Z"), 1795723200 * WHEN_SECOND + 123456);
	assert_int_equal(at("2026-11-27T05:00:00+09:00"), 1795723200 * WHEN_SECOND);
	assert_int_equal(at("2026-11-26T16:30:00-0330"), 1795723200 * WHEN_SECOND);
	assert_int_equal(at("2024-02-29T00:00:00Z"), 1709164800 * WHEN_SECOND);
	assert_int_equal(at("2026-11-26T24:00:00Z"), at("2026-11-27T00:00:00Z"));
	assert_int_equal(at("2016-12-31T23:59:60Z"), at("2017-01-01T00:00:00Z"));
}

static void what_is_no_instant_is_refused(void **state)
{
	static const char *const bad[] = {"",
					  "2026-11-26",
					  "2026-11-26T20:00:00",
					  "20:00Z",
					  "2026-11-26T20:00:00ZZ",
					  "2026-11-26T20:00:00 Z",
					  "2026-02-29T00:00:00Z",
					  "2026-13-01T00:00:00Z",
					  "2026-00-01T00:00:00Z",
					  "2026-11-31T00:00:00Z",
					  "2026-11-26T25:00:00Z",
					  "2026-11-26T24:00:01Z",
					  "2026-11-26T20:60:00Z",
					  "2026-11-26T20:00:61Z",
					  "2026-11-26T20:00:00.Z",
					  "2026-11-26T20:00:00+25:00",
					  "2026-11-26T20:00:00+9",
					  "2026-11-26T20:00:00+09:",
					  "26-11-26T20:00:00Z",
					  "+2026-11-26T20:00:00Z",
					  "1790000000",
					  "tomorrow"};
	int64_t us = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (when_parse_exact(bad[i], &us) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
	assert_int_equal(when_parse_exact("1969-12-31T23:59:59Z", &us), -ERANGE);
	assert_int_equal(when_parse_exact("1970-01-01T00:00:00+09:00", &us), -ERANGE);
	assert_int_equal(us, 42);
}

static void the_readers_own_zone_is_meant_where_none_is_written(void **state)
{
	(void)state;
	in_zone(TOKYO);
	means("2026-11-26 20:00", NOW, WHEN_BEFORE, "2026-11-26T11:00:00Z");
	means("2026-11-26T20:00:30", NOW, WHEN_BEFORE, "2026-11-26T11:00:30Z");
	means("2026-11-26", NOW, WHEN_BEFORE, "2026-11-25T15:00:00Z");
	means("2026-11-26 20:00 JST", NOW, WHEN_BEFORE, "2026-11-26T11:00:00Z");
	in_zone(BERLIN);
	means("2026-11-26 20:00", NOW, WHEN_BEFORE, "2026-11-26T19:00:00Z");
	means("2026-07-01 20:00", NOW, WHEN_BEFORE, "2026-07-01T18:00:00Z");
	in_zone(LORD_HOWE);
	means("2026-11-26 20:00", NOW, WHEN_BEFORE, "2026-11-26T09:00:00Z");
	means("2026-07-01 20:00", NOW, WHEN_BEFORE, "2026-07-01T09:30:00Z");
	in_zone("");
	means("2026-11-26 20:00", NOW, WHEN_BEFORE, "2026-11-26T20:00:00Z");
}

static void a_zone_that_is_written_counts(void **state)
{
	(void)state;
	in_zone(TOKYO);
	means("2026-11-26T20:00Z", NOW, WHEN_BEFORE, "2026-11-26T20:00:00Z");
	means("2026-11-26 20:00 UTC", NOW, WHEN_BEFORE, "2026-11-26T20:00:00Z");
	means("2026-11-26 20:00+05:30", NOW, WHEN_BEFORE, "2026-11-26T14:30:00Z");
	means("2026-11-26 20:00 -0800", NOW, WHEN_BEFORE, "2026-11-27T04:00:00Z");
	means("2026-11-26T20:00:00.999999+09", NOW, WHEN_BEFORE, "2026-11-26T11:00:00Z");
	means("11:00+01:00", NOW, WHEN_BEFORE, "2026-11-26T10:00:00Z");
	means("13:30+01:00", NOW, WHEN_BEFORE, "2026-11-25T12:30:00Z");
	refuses("2026-11-26 20:00 PST", WHEN_BEFORE, NOW, -EINVAL, "Z or as an offset");
}

static void a_time_of_day_is_the_last_for_since_and_the_next_for_until(void **state)
{
	(void)state;
	in_zone(TOKYO); /* now is 21:00 */
	means("11:00", NOW, WHEN_BEFORE, "2026-11-26T02:00:00Z");
	means("11:00", NOW, WHEN_AFTER, "2026-11-27T02:00:00Z");
	means("23:00", NOW, WHEN_BEFORE, "2026-11-25T14:00:00Z");
	means("23:00", NOW, WHEN_AFTER, "2026-11-26T14:00:00Z");
	means("21:00", NOW, WHEN_BEFORE, "2026-11-26T12:00:00Z");
	means("21:00", NOW, WHEN_AFTER, "2026-11-27T12:00:00Z");
	means("9:05:30", NOW, WHEN_BEFORE, "2026-11-26T00:05:30Z");
	means("24:00", NOW, WHEN_AFTER, "2026-11-26T15:00:00Z");
	means("24:00", NOW, WHEN_BEFORE, "2026-11-25T15:00:00Z");
	/* over the end of a month */
	means("11:00", "2026-11-30T16:00:00Z", WHEN_AFTER, "2026-12-01T02:00:00Z");
}

static void words_for_days_and_spans_are_taken(void **state)
{
	char hint[WHEN_HINT_MAX], buf[WHEN_TEXT_MAX];
	int64_t today, yesterday, tomorrow, eleven, us;

	(void)state;
	in_zone(TOKYO);
	assert_int_equal(when_parse("today", 0, WHEN_BEFORE, &today, hint), 0);
	assert_int_equal(when_parse("yesterday", 0, WHEN_BEFORE, &yesterday, hint), 0);
	assert_int_equal(when_parse("Tomorrow", 0, WHEN_AFTER, &tomorrow, hint), 0);
	assert_int_equal(when_parse("yesterday 11:00", 0, WHEN_BEFORE, &eleven, hint), 0);
	assert_int_equal(today - yesterday, 86400 * WHEN_SECOND);
	assert_int_equal(tomorrow - today, 86400 * WHEN_SECOND);
	assert_int_equal(eleven - yesterday, 11 * 3600 * WHEN_SECOND);
	assert_non_null(strstr(when_format_dated(today, true, buf), " 00:00:00 JST"));
	assert_int_equal(when_parse("now", 0, WHEN_BEFORE, &us, hint), 0);
	assert_true(when_now() - us < 60 * WHEN_SECOND && us >= today &&
		    us < tomorrow + 86400 * WHEN_SECOND);
	means("90m", NOW, WHEN_BEFORE, "2026-11-26T10:30:00Z");
	means("90m", NOW, WHEN_AFTER, "2026-11-26T13:30:00Z");
	means("90m ago", NOW, WHEN_AFTER, "2026-11-26T10:30:00Z");
	means("in 90m", NOW, WHEN_BEFORE, "2026-11-26T13:30:00Z");
	means("600", NOW, WHEN_BEFORE, "2026-11-26T11:50:00Z");
	means("@1790000000", NOW, WHEN_BEFORE, "2026-09-21T14:13:20Z");
	means("@1790000000.5", NOW, WHEN_BEFORE, "2026-09-21T14:13:20Z");
}

static void what_is_no_time_is_refused_with_a_hint(void **state)
{
	(void)state;
	in_zone(TOKYO);
	refuses("1790000000", WHEN_BEFORE, NOW, -ERANGE, "@1790000000");
	refuses("", WHEN_BEFORE, NOW, -EINVAL, "11:00");
	refuses("soon", WHEN_BEFORE, NOW, -EINVAL, "yesterday");
	refuses("26.11.2026", WHEN_BEFORE, NOW, -EINVAL, "2026-11-26 20:00");
	refuses("11/26/2026", WHEN_BEFORE, NOW, -EINVAL, "2026-11-26 20:00");
	refuses("25:00", WHEN_BEFORE, NOW, -EINVAL, "11:00");
	refuses("11:00 pm", WHEN_BEFORE, NOW, -EINVAL, "offset");
	refuses("2026-02-30", WHEN_BEFORE, NOW, -EINVAL, "2026-11-26");
	refuses("2026-11-26x20:00", WHEN_BEFORE, NOW, -EINVAL, "2026-11-26");
	refuses("todayx", WHEN_BEFORE, NOW, -EINVAL, "yesterday");
	refuses("@", WHEN_BEFORE, NOW, -EINVAL, "");
	refuses("@99999999999999999999", WHEN_BEFORE, NOW, -ERANGE, "");
	refuses("1969-12-31 12:00Z", WHEN_BEFORE, NOW, -ERANGE, "");
	refuses("9d", WHEN_BEFORE, "1970-01-02T00:00:00Z", -ERANGE, "");
}

static void a_time_that_clocks_skip_or_show_twice_is_refused(void **state)
{
	(void)state;
	in_zone(BERLIN);
	refuses("2026-03-29 02:30", WHEN_BEFORE, NOW, -EINVAL, "they go forward");
	means("2026-03-29 03:00", NOW, WHEN_BEFORE, "2026-03-29T01:00:00Z");
	means("2026-03-29 01:59", NOW, WHEN_BEFORE, "2026-03-29T00:59:00Z");
	refuses("2026-10-25 02:30", WHEN_BEFORE, NOW, -EINVAL,
		"write '2026-10-25 02:30 CEST' or '2026-10-25 02:30 CET'");
	means("2026-10-25 02:30 CEST", NOW, WHEN_BEFORE, "2026-10-25T00:30:00Z");
	means("2026-10-25 02:30 cet", NOW, WHEN_BEFORE, "2026-10-25T01:30:00Z");
	means("2026-10-25 03:00", NOW, WHEN_BEFORE, "2026-10-25T02:00:00Z");
	refuses("02:30", WHEN_BEFORE, "2026-10-25T12:00:00Z", -EINVAL, "twice");
	refuses("2026-07-01 12:00 CET", WHEN_BEFORE, NOW, -EINVAL, "");
	in_zone(LORD_HOWE); /* half an hour, at 2:00 */
	refuses("2026-10-04 02:15", WHEN_BEFORE, NOW, -EINVAL, "they go forward");
	refuses("2026-04-05 01:45", WHEN_BEFORE, NOW, -EINVAL,
		"write '2026-04-05 01:45 +11:00' or '2026-04-05 01:45 +10:30'");
	means("2026-04-05 01:45 +10:30", NOW, WHEN_BEFORE, "2026-04-04T15:15:00Z");
}

static void yesterday_is_a_day_of_the_calendar_also_where_it_had_25_hours(void **state)
{
	(void)state;
	in_zone(BERLIN);
	means("11:00", "2026-10-25T09:00:00Z", WHEN_BEFORE, "2026-10-24T09:00:00Z");
	means("00:30", "2026-10-26T12:00:00Z", WHEN_BEFORE, "2026-10-25T23:30:00Z");
}

static void shows(const char *instant, const char *now, const char *expected)
{
	char buf[WHEN_TEXT_MAX];

	assert_string_equal(when_format(at(instant), at(now), false, buf), expected);
}

static void a_person_sees_local_time_with_its_zone_and_the_date_when_not_today(void **state)
{
	char buf[WHEN_TEXT_MAX];

	(void)state;
	in_zone(TOKYO);
	shows("2026-11-26T11:00:00Z", NOW, "20:00 JST");
	shows("2026-11-25T11:00:00Z", NOW, "2026-11-25 20:00 JST");
	shows("2026-11-26T15:00:00Z", NOW, "2026-11-27 00:00 JST");
	in_zone(BERLIN);
	shows("2026-07-01T11:00:00Z", NOW, "2026-07-01 13:00 CEST");
	in_zone(KATHMANDU);
	shows("2026-11-26T11:00:00Z", NOW, "16:45 +05:45");
	in_zone("<-0330>3:30");
	shows("2026-11-26T11:00:00Z", NOW, "07:30 -03:30");
	assert_string_equal(when_format_dated(at("2026-11-26T11:00:05Z"), true, buf),
			    "2026-11-26 07:30:05 -03:30");
	in_zone("");
	shows("2026-11-26T11:00:00Z", NOW, "11:00 UTC");
}

static void a_program_sees_rfc_3339_in_utc(void **state)
{
	char buf[WHEN_TEXT_MAX];

	(void)state;
	in_zone(TOKYO);
	assert_string_equal(when_format_exact(0, 0, buf), "1970-01-01T00:00:00Z");
	assert_string_equal(when_format_exact(1795723200 * WHEN_SECOND + 1999, 3, buf),
			    "2026-11-26T20:00:00.001Z");
	assert_string_equal(when_format_exact(1795723200 * WHEN_SECOND + 1999, 6, buf),
			    "2026-11-26T20:00:00.001999Z");
	assert_string_equal(when_format_exact(WHEN_MAX, 0, buf), "9999-12-31T23:59:59Z");
	assert_string_equal(when_format_exact(INT64_MAX, 0, buf), "9999-12-31T23:59:59Z");
	assert_string_equal(when_format_exact(INT64_MIN, 0, buf), "1970-01-01T00:00:00Z");
	for (time_t at = 0; at * WHEN_SECOND <= WHEN_MAX;
	     at += at < SECONDS_OF_230_YEARS ? 86399 : 5 * 86400 + 3607) {
		char wanted[WHEN_TEXT_MAX];
		struct tm tm;

		strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
		if (strcmp(when_format_exact(at * WHEN_SECOND, 0, buf), wanted))
			fail_msg("%s, not %s", buf, wanted);
	}
}

static void a_zone_that_is_not_known_is_told_and_shown_as_what_it_is(void **state)
{
	char buf[WHEN_TEXT_MAX];

	(void)state;
	in_zone("Mars/Olympus_Mons");
	assert_false(when_zone_is_known());
	assert_string_equal(when_format_dated(at(NOW), false, buf), "2026-11-26 12:00 UTC");
	in_zone("Tokio");
	assert_false(when_zone_is_known());
	in_zone("X-9");
	assert_false(when_zone_is_known());
	in_zone(TOKYO);
	assert_true(when_zone_is_known());
	in_zone(LORD_HOWE);
	assert_true(when_zone_is_known());
	in_zone("");
	assert_true(when_zone_is_known());
	unsetenv("TZ");
	assert_true(when_zone_is_known());
}

/* With the rules of the zone files, if they are installed. */
static void places_are_what_they_are(void **state)
{
	char buf[WHEN_TEXT_MAX];

	(void)state;
	if (access("/usr/share/zoneinfo/Australia/Lord_Howe", R_OK))
		skip();
	in_zone("Asia/Tokyo");
	means("2026-11-26 20:00 JST", NOW, WHEN_BEFORE, "2026-11-26T11:00:00Z");
	means("2026-11-26 20:00", NOW, WHEN_BEFORE, "2026-11-26T11:00:00Z");
	in_zone("Europe/Berlin");
	refuses("2026-10-25 02:30", WHEN_BEFORE, NOW, -EINVAL, "'2026-10-25 02:30 CEST'");
	means("2026-10-25 02:30 CET", NOW, WHEN_BEFORE, "2026-10-25T01:30:00Z");
	in_zone("Australia/Lord_Howe");
	assert_string_equal(when_format_dated(at(NOW), false, buf), "2026-11-26 23:00 +11:00");
	refuses("2026-04-05 01:45", WHEN_BEFORE, NOW, -EINVAL, "twice");
	in_zone(":Asia/Kolkata");
	assert_true(when_zone_is_known());
	assert_string_equal(when_format_dated(at(NOW), false, buf), "2026-11-26 17:30 IST");
}

/* Every hour of several decades, in zones with and without rules: a formatted time is parsed back
 * to the same instant.
 */
static void what_is_written_is_read_again(void **state)
{
	static const char *const zones[] = {TOKYO,     BERLIN, LORD_HOWE,
					    KATHMANDU, "",     "EST5EDT,M3.2.0,M11.1.0"};
	char buf[WHEN_TEXT_MAX], hint[WHEN_HINT_MAX];
	int64_t us, again;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		in_zone(zones[i % (sizeof(zones) / sizeof(zones[0]))]);
		/* 18 hours and a second apart */
		us = (86400 + (int64_t)i * 64800 + i) * WHEN_SECOND;
		when_format_dated(us, true, buf);
		if (when_parse(buf, 0, WHEN_BEFORE, &again, hint) || again != us)
			fail_msg("%s in %s: %s", buf, getenv("TZ"), hint);
		when_format_exact(us + i, 6, buf);
		assert_int_equal(when_parse_exact(buf, &again), 0);
		assert_int_equal(again, us + i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instant_is_read_as_it_stands),
		cmocka_unit_test(what_is_no_instant_is_refused),
		cmocka_unit_test(the_readers_own_zone_is_meant_where_none_is_written),
		cmocka_unit_test(a_zone_that_is_written_counts),
		cmocka_unit_test(a_time_of_day_is_the_last_for_since_and_the_next_for_until),
		cmocka_unit_test(words_for_days_and_spans_are_taken),
		cmocka_unit_test(what_is_no_time_is_refused_with_a_hint),
		cmocka_unit_test(a_time_that_clocks_skip_or_show_twice_is_refused),
		cmocka_unit_test(yesterday_is_a_day_of_the_calendar_also_where_it_had_25_hours),
		cmocka_unit_test(
			a_person_sees_local_time_with_its_zone_and_the_date_when_not_today),
		cmocka_unit_test(a_program_sees_rfc_3339_in_utc),
		cmocka_unit_test(a_zone_that_is_not_known_is_told_and_shown_as_what_it_is),
		cmocka_unit_test(places_are_what_they_are),
		cmocka_unit_test(what_is_written_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
