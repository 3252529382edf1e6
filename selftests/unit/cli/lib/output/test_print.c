// SPDX-License-Identifier: GPL-2.0-only
/* Text and numbers of the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "cli/lib/output/print.h"

static char buf[PRINT_MAX];

static void counts_have_commas_at_thousands(void **state)
{
	(void)state;
	assert_string_equal(print_count(0, buf), "0");
	assert_string_equal(print_count(999, buf), "999");
	assert_string_equal(print_count(1000, buf), "1,000");
	assert_string_equal(print_count(1234567, buf), "1,234,567");
	assert_string_equal(print_count(UINT64_MAX, buf), "18,446,744,073,709,551,615");
}

static void small_rates_keep_a_decimal_and_large_ones_do_not(void **state)
{
	(void)state;
	assert_string_equal(print_rate(0, buf), "0");
	assert_string_equal(print_rate(3, buf), "3");
	assert_string_equal(print_rate(3.24, buf), "3.2");
	assert_string_equal(print_rate(99.94, buf), "99.9");
	assert_string_equal(print_rate(99.96, buf), "100");
	assert_string_equal(print_rate(20011.4, buf), "20,011");
	assert_string_equal(print_rate(999.6, buf), "1,000");
}

static void a_rate_that_cannot_be_is_still_printed(void **state)
{
	(void)state;
	assert_string_equal(print_rate(-1, buf), "-1");
	assert_true(strlen(print_rate(1e300, buf)) < PRINT_MAX);
}

static void bytes_and_bits_change_unit_before_they_have_four_digits(void **state)
{
	(void)state;
	assert_string_equal(print_bytes(0, buf), "0 B");
	assert_string_equal(print_bytes(1023, buf), "1023 B");
	assert_string_equal(print_bytes(1024, buf), "1.0 KiB");
	assert_string_equal(print_bytes(45088768, buf), "43.0 MiB");
	assert_string_equal(print_bytes(1024 * 1024 - 1, buf), "1.0 MiB");
	assert_string_equal(print_bits(0, buf), "0");
	assert_string_equal(print_bits(999, buf), "999");
	assert_string_equal(print_bits(1000, buf), "1.0 k");
	assert_string_equal(print_bits(999999, buf), "1.0 M");
	assert_string_equal(print_bits(15688936, buf), "15.7 M");
	assert_string_equal(print_bit_rate(1961117, buf), "15.7 Mbit/s");
	assert_string_equal(print_bit_rate(0, buf), "0 bit/s"); /* walk: "0bit/s" */
}

static void times_are_told_from_now(void **state)
{
	(void)state;
	assert_string_equal(print_distance(58 * 60, buf), "in 58m");
	assert_string_equal(print_distance(-12, buf), "12s ago");
	assert_string_equal(print_distance(0, buf), "now");
	assert_string_equal(print_when(0, buf), "-");
	assert_string_equal(print_when(time(NULL) + 3630, buf), "in 1h");
}

static void times_are_written_in_utc(void **state)
{
	(void)state;
	assert_string_equal(print_time(0, buf), "1970-01-01 00:00:00 UTC");
	assert_string_equal(print_time(1795438800, buf), "2026-11-23 13:00:00 UTC");
}

static void a_time_beyond_the_calendar_is_printed_as_a_number(void **state)
{
	(void)state;
	assert_string_equal(print_time(INT64_MAX, buf), "9223372036854775807");
}

static void times_in_a_text_are_those_of_the_reader(void **state)
{
	static const char digits[] =
		"12026-11-26T20:00:00Z, 2026-11-26T20:00:00, 2026-11-26 20:00:00Z, 2026-13-26T20:00:00Z, Z";
	char local[PRINT_TEXT_MAX], same[PRINT_TEXT_MAX + 64];

	(void)state;
	setenv("TZ", "JST-9", 1);
	tzset();
	assert_string_equal(print_local("until 2026-11-26T20:00:00Z (a), 2026-11-26T20:00:00.5Z",
					local),
			    "until 2026-11-27 05:00:00 JST (a), 2026-11-27 05:00:00 JST");
	assert_string_equal(print_local("", local), "");
	assert_string_equal(print_local(digits, local), digits); /* none of these is a time */
	memset(same, 'Z', sizeof(same) - 1);
	same[sizeof(same) - 1] = '\0';
	assert_ptr_equal(print_local(same, local), same); /* no room: unchanged */
	setenv("TZ", "UTC", 1);
	tzset();
}

static void missing_members_are_a_dash_or_0(void **state)
{
	json_t *object = json_pack("{s:n, s:s, s:i, s:f, s:f}", "null", "text", "a", "number", 7,
				   "real", 2.5, "huge", 1e300);

	(void)state;
	assert_string_equal(member_text(object, "text"), "a");
	assert_string_equal(member_text(object, "null"), "-");
	assert_string_equal(member_text(object, "none"), "-");
	assert_string_equal(member_text(object, "number"), "-");
	assert_true(member_number(object, "number") == 7);
	assert_true(member_number(object, "none") == 0);
	assert_true(member_integer(object, "number") == 7 && member_integer(object, "text") == 0);
	assert_true(member_integer(object, "real") == 2 && member_integer(object, "huge") == 0);
	assert_true(member_is_null(object, "null") && member_is_null(object, "none"));
	assert_false(member_is_null(object, "text"));
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_have_commas_at_thousands),
		cmocka_unit_test(small_rates_keep_a_decimal_and_large_ones_do_not),
		cmocka_unit_test(a_rate_that_cannot_be_is_still_printed),
		cmocka_unit_test(bytes_and_bits_change_unit_before_they_have_four_digits),
		cmocka_unit_test(times_are_told_from_now),
		cmocka_unit_test(times_are_written_in_utc),
		cmocka_unit_test(a_time_beyond_the_calendar_is_printed_as_a_number),
		cmocka_unit_test(times_in_a_text_are_those_of_the_reader),
		cmocka_unit_test(missing_members_are_a_dash_or_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
