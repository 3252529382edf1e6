// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/text/quantity.c */
/* Numbers and rates as people write them: field H4, issue 14 line 4. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text/quantity.h"

static void counts(const char *text, int64_t expected)
{
	int64_t value = -1;

	if (count_parse(text, &value))
		fail_msg("'%s' is not taken", text);
	assert_int_equal(value, expected);
}

static void rates(const char *text, int64_t expected)
{
	char hint[QUANTITY_HINT_MAX];
	int64_t value = -1;

	if (rate_parse(text, &value, hint))
		fail_msg("'%s' is not taken: %s", text, hint);
	assert_int_equal(value, expected);
}

static void rate_is_refused(const char *text, int err, const char *word)
{
	char hint[QUANTITY_HINT_MAX];
	int64_t value = 42;

	if (rate_parse(text, &value, hint) != err)
		fail_msg("'%s' is not refused with %d", text, err);
	assert_int_equal(value, 42);
	if (!strstr(hint, word))
		fail_msg("'%s': the hint is '%s'", text, hint);
}

static void a_count_is_read_as_it_is_written(void **state)
{
	(void)state;
	counts("0", 0);
	counts("500", 500);
	counts("10k", 10000);
	counts("10K", 10000);
	counts("1.5k", 1500);
	counts("0.001k", 1);
	counts("1M", 1000000);
	counts("2G", 2000000000);
	counts("10,000", 10000);
	counts("1,234,567", 1234567);
	counts("1000000000000", QUANTITY_MAX);
	counts("007", 7);
	counts("5.0", 5);
}

static void what_is_no_count_is_refused_and_changes_nothing(void **state)
{
	static const char *const bad[] = {"",	      "k",	"-1",	   "+1",      "1 ",
					  " 1",	      "1e3",	"0x10",	   "1.5",     "1.",
					  ".5k",      "1.2.3",	"1,5",	   "1,2345",  "1,23",
					  "1234,567", "10m",	"10kk",	   "1.0005k", "nan",
					  "1k5",      "1,000,", "1,000.5", "10 k",    "1&limit=9"};
	int64_t value = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (count_parse(bad[i], &value) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
	assert_int_equal(count_parse("1001G", &value), -ERANGE);
	assert_int_equal(count_parse("1000000000001", &value), -ERANGE);
	assert_int_equal(count_parse("99999999999999999999999999", &value), -ERANGE);
	assert_int_equal(count_parse("18446744073709551617k", &value), -ERANGE);
	assert_int_equal(value, 42);
}

static void a_rate_is_of_a_second_however_it_is_written(void **state)
{
	(void)state;
	rates("100", 100);
	rates("100/s", 100);
	rates("100/sec", 100);
	rates("100pps", 100);
	rates("10k", 10000);
	rates("10k/s", 10000);
	rates("10kpps", 10000);
	rates("1M", 1000000);
	rates("6000/min", 100);
	rates("6k/min", 100);
	rates("3600/h", 1);
	rates("1,000/s", 1000);
}

static void a_rate_that_is_not_exact_is_refused_with_the_nearest(void **state)
{
	(void)state;
	rate_is_refused("100/min", -EDOM, "write 1/s or 2/s");
	rate_is_refused("6001/min", -EDOM, "write 100/s or 101/s");
	rate_is_refused("30/min", -EDOM, "the minimum is 1/s");
	rate_is_refused("10Mbit", -EINVAL, "not bits or bytes");
	rate_is_refused("10Mbit/s", -EINVAL, "not bits or bytes");
	rate_is_refused("10kB", -EINVAL, "not bits or bytes");
	rate_is_refused("10m", -EINVAL, "a million as 1M");
	rate_is_refused("fast", -EINVAL, "like 100");
	rate_is_refused("", -EINVAL, "like 100");
	rate_is_refused("100/day", -EINVAL, "like 100");
	rate_is_refused("-5", -EINVAL, "like 100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_count_is_read_as_it_is_written),
		cmocka_unit_test(what_is_no_count_is_refused_and_changes_nothing),
		cmocka_unit_test(a_rate_is_of_a_second_however_it_is_written),
		cmocka_unit_test(a_rate_that_is_not_exact_is_refused_with_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
