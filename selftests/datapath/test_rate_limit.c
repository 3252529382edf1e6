// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/limiter_sweep.c */
/* The promises of GCRA: the rate, the burst, the fallback limit, and the clocks. */

#include "rate_limit_test.h"

static void the_burst_passes_at_once_and_no_more(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	assert_int_equal(offer(SOURCE(1), 1000, 0), 200);
}

static void the_rate_is_kept_exactly(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	offer(SOURCE(1), 1000, 0);
	/* 20,000 per second for 10 seconds: 1000 pass, give or take one at the edges */
	assert_in_range(offer(SOURCE(1), 200000, 10 * SECOND), 998, 1002);
}

static void who_is_within_the_rate_loses_nothing(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	assert_int_equal(offer(SOURCE(1), 99 * 60, 60 * SECOND), 99 * 60);
}

static void no_tolerance_lets_through_twice_the_rate(void **state)
{
	(void)state;
	set_limit(100, 100, 1000, 2000);
	offer(SOURCE(1), 1000, 0);
	/* any second from here on */
	for (int i = 0; i < 20; i++)
		assert_in_range(offer(SOURCE(1), 1000, SECOND), 99, 101);
}

static void sources_do_not_charge_each_other(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	offer(SOURCE(1), 100000, SECOND);
	assert_int_equal(offer(SOURCE(2), 200, 0), 200);
}

static void a_48_is_held_to_its_own_limit(void **state)
{
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	/* an attacker who rotates through a /48: each /64 is fresh */
	for (uint64_t i = 0; i < 65536; i++)
		passed += charge(0x2a01000000010000ULL + i);
	assert_int_equal(passed, 2000);
	assert_int_equal(limit_charge(0x2a01000000010000ULL + 65000,
				      s64_src_key_aggregate(0x2a01000000010000ULL + 65000, 0),
				      LIMIT_ID),
			 S64_REASON_OVER_48_LIMIT);
}

static void over_the_48_costs_the_source_nothing(void **state)
{
	(void)state;
	set_limit(100, 200, 200, 200);
	/* one neighbour uses up the /48 */
	assert_int_equal(offer(0x2a01000000010001ULL, 500, 0), 200);
	assert_int_equal(offer(0x2a01000000010002ULL, 500, 0), 0);
	/* a second later the /48 has 200 again, and this source its whole burst */
	s64_native->now += SECOND;
	assert_int_equal(offer(0x2a01000000010002ULL, 500, 0), 200);
}

static void an_idle_source_has_its_burst_back_hours_later(void **state)
{
	unsigned int held = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	/* The entry's time wraps after 4.9 hours. If slash64d has not cleared it by then, it reads
	 * as live for five minutes, and is out of the way a tolerance later, the /48's after the
	 * source's.
	 */
	for (int minutes = 1; minutes < 720; minutes += 7) {
		assert_int_equal(offer(SOURCE(minutes), 300, 0), 200);
		s64_native->now += 60 * minutes * SECOND;
		if (offer(SOURCE(minutes), 300, 0) >= 199)
			continue;
		held++;
		s64_native->now += 2 * SECOND; /* of the source */
		offer(SOURCE(minutes), 300, 0);
		s64_native->now += 2 * SECOND; /* of its /48 */
		assert_true(offer(SOURCE(minutes), 300, 0) >= 199);
	}
	assert_true(held <= 2);
}

/* A lowered limit applies at once, and an entry beyond it is out of the way within the new
 * tolerance.
 */
static void a_lowered_limit_holds_at_once(void **state)
{
	(void)state;
	set_limit(10, 1000, 0, 0);
	assert_int_equal(offer(SOURCE(1), 2000, 0), 1000); /* its time is 100 s ahead */
	set_limit(10, 20, 0, 0);
	assert_int_equal(offer(SOURCE(1), 1000, 0), 0);
	s64_native->now += SECOND;
	assert_int_equal(offer(SOURCE(1), 1000, 0), 10);
}

/* A CPU that has read the time later than others leaves an entry that seems to them beyond the
 * tolerance: they take nothing back.
 */
static void an_entry_of_a_later_clock_is_let_alone(void **state)
{
	uint64_t now;

	(void)state;
	set_limit(100, 200, 0, 0);
	assert_int_equal(offer(SOURCE(1), 300, 0), 200);
	now = s64_native->now;
	s64_native->now -= NS(10000000);
	assert_int_equal(offer(SOURCE(1), 300, 0), 0);
	s64_native->now = now;
	assert_int_equal(offer(SOURCE(1), 300, 0), 0);
}

/* The same with the longest tolerance. */
static void a_full_entry_of_a_later_clock_is_not_taken_for_over(void **state)
{
	(void)state;
	set_limit(1, S64_TOLERANCE_SECONDS, 0, 0);
	assert_int_equal(offer(SOURCE(1), 400, 0), S64_TOLERANCE_SECONDS);
	s64_native->now -= NS(10000000);
	assert_int_equal(offer(SOURCE(1), 400, 0), 0);
	assert_int_equal(offer_quickly(SOURCE(1), 400), 0);
}

/* HZ=300, where a jiffy is 3333333 ns in the kernel: after a year, both clocks agree. */
static void the_clock_of_ticks_does_not_drift(void **state)
{
	const uint64_t jiffies = 300ULL * 86400 * 365, tick_ns = 3333333,
		       ahead_ns = 300 * 1000000000ULL;

	(void)state;
	assert_true(s64_time_of_jiffies(jiffies + 300 * 300, tick_ns, 300 * 300 * tick_ns) ==
		    NS(jiffies * tick_ns));
	assert_true(s64_time_of_jiffies(0, tick_ns, -(int64_t)ahead_ns) == NS(ahead_ns));
}

static void a_fast_limit_asks_for_the_exact_clock(void **state)
{
	struct policy_limit limit = {10000, 10, 100000, 100};
	struct s64_limit compiled;

	(void)state;
	assert_int_equal(policy_compile_limit(&limit, 1, 4000000, &compiled), 0);
	assert_int_equal(compiled.exact_clock, 1);
	limit.burst = limit.aggregate_burst = 20000;
	assert_int_equal(policy_compile_limit(&limit, 1, 4000000, &compiled), 0);
	assert_int_equal(compiled.exact_clock, 0);
}

static void a_burst_beyond_the_tolerance_is_refused(void **state)
{
	struct policy_limit limit = {1, S64_TOLERANCE_SECONDS + 1, 10, 20};
	struct s64_limit compiled;

	(void)state;
	assert_int_equal(policy_compile_limit(&limit, 1, 1000000, &compiled), -ERANGE);
	limit.burst = S64_TOLERANCE_SECONDS;
	assert_int_equal(policy_compile_limit(&limit, 1, 1000000, &compiled), 0);
}

/* Despite rounding to 16 ns. */
static void a_burst_as_long_as_the_tolerance_is_taken_at_any_rate(void **state)
{
	struct s64_limit compiled;

	(void)state;
	for (uint32_t rate = 1; rate < 100000; rate++) {
		struct policy_limit limit = {rate, rate * S64_TOLERANCE_SECONDS, rate,
					     rate * S64_TOLERANCE_SECONDS};

		assert_int_equal(policy_compile_limit(&limit, 1, 1000000, &compiled), 0);
		assert_true(compiled.source.tolerance <= S64_TOLERANCE_MAX);
		assert_true(compiled.source.tolerance >
			    S64_TOLERANCE_MAX - S64_TOLERANCE_MAX / 500);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, native_setup, native_teardown)
		TEST(the_burst_passes_at_once_and_no_more),
		TEST(the_rate_is_kept_exactly),
		TEST(who_is_within_the_rate_loses_nothing),
		TEST(no_tolerance_lets_through_twice_the_rate),
		TEST(sources_do_not_charge_each_other),
		TEST(a_48_is_held_to_its_own_limit),
		TEST(over_the_48_costs_the_source_nothing),
		TEST(an_idle_source_has_its_burst_back_hours_later),
		TEST(a_lowered_limit_holds_at_once),
		TEST(an_entry_of_a_later_clock_is_let_alone),
		TEST(a_full_entry_of_a_later_clock_is_not_taken_for_over),
		TEST(the_clock_of_ticks_does_not_drift),
		TEST(a_fast_limit_asks_for_the_exact_clock),
		TEST(a_burst_beyond_the_tolerance_is_refused),
		TEST(a_burst_as_long_as_the_tolerance_is_taken_at_any_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
