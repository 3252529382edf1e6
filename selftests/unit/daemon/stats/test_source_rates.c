// SPDX-License-Identifier: GPL-2.0-only
/* First seen and peak rate of sources, in a table that strangers cannot flush. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/stats/source_rates.h"

static struct source_rates rates;

static int set_up(void **state)
{
	static const struct s64_seed seed = {0x0123456789abcdef,
					     {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9}};

	return source_rates_init(&rates, &seed);
}

static int tear_down(void **state)
{
	source_rates_free(&rates);
	return 0;
}

#define NOW 1000000

/* Adds that many packets in each fifth of a second, from that time on. */
static uint64_t flood(uint64_t src_key, uint64_t from_ms, int fifths, double packets)
{
	for (; fifths; fifths--, from_ms += 200)
		source_rates_add(&rates, src_key, from_ms, from_ms + 200, packets);
	return from_ms;
}

static void a_source_is_unknown_until_it_is_counted(void **state)
{
	assert_null(source_rates_find(&rates, 5));
	source_rates_add(&rates, 5, NOW, NOW + 200, 10);
	assert_non_null(source_rates_find(&rates, 5));
	assert_int_equal(source_rates_find(&rates, 5)->since_ms, NOW + 200);
	/* 0 marks a free entry and is not a source */
	source_rates_add(&rates, 0, NOW, NOW + 200, 10);
	assert_null(source_rates_find(&rates, 0));
}

static void the_peak_is_that_of_the_fastest_whole_second(void **state)
{
	uint64_t at = flood(5, NOW, 5, 100);

	at = flood(5, at, 5, 300);
	at = flood(5, at, 6, 10);
	assert_true(source_rates_find(&rates, 5)->peak == 1500);
	assert_int_equal(source_rates_find(&rates, 5)->last_ms, at);
	assert_int_equal(source_rates_find(&rates, 5)->since_ms, NOW + 200);
}

static void a_second_that_is_not_over_is_no_peak(void **state)
{
	flood(5, NOW, 4, 1000);
	assert_true(source_rates_find(&rates, 5)->peak == 0);
}

static void a_source_that_returns_after_a_while_is_new(void **state)
{
	uint64_t at = flood(5, NOW, 10, 1000);

	source_rates_add(&rates, 5, at + SOURCE_RATES_GAP_MS - 400, at + SOURCE_RATES_GAP_MS - 200,
			 1);
	assert_int_equal(source_rates_find(&rates, 5)->since_ms, NOW + 200);
	at += 2 * SOURCE_RATES_GAP_MS;
	source_rates_add(&rates, 5, at, at + 200, 1);
	assert_int_equal(source_rates_find(&rates, 5)->since_ms, at + 200);
	assert_true(source_rates_find(&rates, 5)->peak == 0);
}

static void a_loud_source_stays_whatever_comes_once(void **state)
{
	uint64_t at = flood(5, NOW, 10, 1000);

	for (uint64_t other = 10; other < 10 + 4ULL * SOURCE_RATES_SETS * SOURCE_RATES_SET; other++)
		source_rates_add(&rates, other, at, at + 200, 1);
	assert_non_null(source_rates_find(&rates, 5));
	assert_true(source_rates_find(&rates, 5)->peak == 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_source_is_unknown_until_it_is_counted, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_peak_is_that_of_the_fastest_whole_second,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_second_that_is_not_over_is_no_peak, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_source_that_returns_after_a_while_is_new, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_loud_source_stays_whatever_comes_once, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
