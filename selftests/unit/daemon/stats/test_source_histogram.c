// SPDX-License-Identifier: GPL-2.0-only
/* How fast sources send, over made up samples and a temporary store. */
#include "../store_test.h"

#include <time.h>

#include "daemon/stats/source_histogram.h"

#define DAY_SECONDS 86400
#define START_S	    1790000000
#define SOURCE	    0x20010db800000000ULL
#define MANY	    2000
#define ALL	    S64_CLASS_COUNT

static struct source_histogram *histogram;
static struct source_histogram_count count[HISTOGRAM_RATES];
static uint64_t now_ms;
static int64_t wall_s;

static void open_it(void)
{
	done(source_histogram_open(&histogram, store, &error));
	source_histogram_tick(histogram, now_ms, wall_s);
}

static int set_up(void **state)
{
	if (store_set_up(state))
		return -1;
	now_ms = 1000;
	wall_s = START_S;
	open_it();
	return 0;
}

static int tear_down(void **state)
{
	source_histogram_close(histogram);
	return store_tear_down(state);
}

static void feed(uint64_t source, uint8_t class, uint32_t samples, uint32_t weight, uint8_t reason)
{
	const struct s64_sample sample = {.src_key = SOURCE + source,
					  .src_hi = SOURCE + source,
					  .weight = weight,
					  .class = class,
					  .reason = reason};

	for (uint32_t i = 0; i < samples; i++)
		source_histogram_feed(histogram, &sample);
}

static void second(void)
{
	now_ms += 1000;
	wall_s++;
	source_histogram_tick(histogram, now_ms, wall_s);
}

/* Sources that sent at that rate or more. */
static double sources_at(unsigned int class, uint32_t packets_per_second)
{
	source_histogram_counts(histogram, class, count);
	for (int i = 0; i < HISTOGRAM_RATES; i++)
		if (source_histogram_bound(i) >= packets_per_second)
			return count[i].sources;
	return -1;
}

static void write_it(void)
{
	int more, turns = 0;

	while ((more = source_histogram_write(histogram, HISTOGRAM_PIECE, &error)) > 0)
		assert_true(++turns < 1000);
	done(more);
}

static void bounds_grow_by_half_and_a_third(void **state)
{
	static const uint32_t first[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32};

	for (int i = 0; i < 10; i++)
		assert_int_equal(source_histogram_bound(i), first[i]);
	for (int i = 1; i < HISTOGRAM_RATES; i++)
		assert_true(source_histogram_bound(i) > source_histogram_bound(i - 1));
	assert_true(source_histogram_bound(HISTOGRAM_RATES - 1) > 1000000);
}

static void a_source_counts_at_its_rate_and_once(void **state)
{
	for (int i = 0; i < 5; i++) {
		feed(1, S64_CLASS_ECHO_REQUEST, 100, 1, S64_REASON_POLICY);
		feed(2, S64_CLASS_ECHO_REQUEST, 2, 1, S64_REASON_POLICY);
		second();
	}
	assert_true(sources_at(S64_CLASS_ECHO_REQUEST, 1) > 0.9);
	assert_true(sources_at(S64_CLASS_ECHO_REQUEST, 1) < 2.2);
	assert_true(sources_at(S64_CLASS_ECHO_REQUEST, 3) < 1.1);
	assert_true(sources_at(S64_CLASS_ECHO_REQUEST, 96) > 0.9);
	assert_true(sources_at(S64_CLASS_ECHO_REQUEST, 128) == 0);
	assert_int_equal(count[0].seconds, 10);
	assert_true(sources_at(ALL, 96) > 0.9);
	assert_true(sources_at(S64_CLASS_UDP, 1) == 0);
}

/* Whoever was seen once in a sample of one in a thousand did not send a thousand. */
static void a_single_sample_is_a_single_packet(void **state)
{
	feed(1, S64_CLASS_UDP, 1, 1000, S64_REASON_POLICY);
	feed(2, S64_CLASS_UDP, 10, 1000, S64_REASON_POLICY);
	second();
	assert_true(sources_at(S64_CLASS_UDP, 1) > 0.9);
	assert_true(sources_at(S64_CLASS_UDP, 2) < 1.1);
	assert_true(sources_at(S64_CLASS_UDP, 8192) > 0.9);
}

static void blocked_sources_and_what_has_no_limit_do_not_count(void **state)
{
	feed(1, S64_CLASS_UDP, 100, 1, S64_REASON_BLOCKED);
	feed(2, S64_CLASS_UDP, 100, 1, S64_REASON_THROTTLED | S64_SAMPLE_MONITORED);
	feed(3, S64_CLASS_MALFORMED, 100, 1, S64_REASON_POLICY);
	feed(4, S64_CLASS_COUNT, 100, 1, S64_REASON_POLICY);
	second();
	assert_true(sources_at(ALL, 1) == 0);
}

/* More sources in a second than it has room for: none is lost, and a loud one is not split. The seed
 * is another one each time: bounds are at some four standard deviations.
 */
static void many_sources_are_counted(void **state)
{
	for (int i = 0; i < 5; i++) {
		for (uint64_t s = 0; s < 5 * MANY; s++)
			feed(s, S64_CLASS_UDP, 1, 1, S64_REASON_POLICY);
		feed(1, S64_CLASS_UDP, 500, 1, S64_REASON_POLICY);
		second();
	}
	assert_true(sources_at(S64_CLASS_UDP, 1) > 5 * MANY * 0.5);
	assert_true(sources_at(S64_CLASS_UDP, 1) < 5 * MANY * 1.9);
	assert_true(sources_at(S64_CLASS_UDP, 384) < 1.1);
	assert_true(sources_at(S64_CLASS_UDP, 384) > 0.9);
}

static void a_restart_forgets_nothing_that_was_written(void **state)
{
	int64_t since_s;

	for (uint64_t s = 0; s < MANY; s++)
		feed(s, S64_CLASS_UDP, 1, 1, S64_REASON_POLICY);
	second();
	write_it();
	source_histogram_close(histogram);
	store_again();
	open_it();
	assert_int_equal(source_histogram_seconds(histogram, &since_s), 1);
	assert_int_equal(since_s, START_S);
	assert_true(sources_at(S64_CLASS_UDP, 1) > MANY * 0.5);
	/* the same sources are the same after a restart */
	for (uint64_t s = 0; s < MANY; s++)
		feed(s, S64_CLASS_UDP, 1, 1, S64_REASON_POLICY);
	second();
	assert_true(sources_at(S64_CLASS_UDP, 1) < MANY * 1.9);
	assert_int_equal(count[0].seconds, 2 * MANY);
	assert_int_equal(source_histogram_seconds(histogram, &since_s), 2);
}

static void old_days_fade(void **state)
{
	int64_t since_s;

	feed(1, S64_CLASS_UDP, 100, 1, S64_REASON_POLICY);
	second();
	write_it();
	wall_s += 6 * DAY_SECONDS;
	second();
	feed(2, S64_CLASS_UDP, 10, 1, S64_REASON_POLICY);
	second();
	assert_true(sources_at(S64_CLASS_UDP, 64) > 0.9);
	wall_s += 2 * DAY_SECONDS;
	second();
	second();
	assert_true(sources_at(S64_CLASS_UDP, 64) == 0);
	assert_true(sources_at(S64_CLASS_UDP, 8) > 0.9);
	write_it();
	source_histogram_close(histogram);
	open_it();
	assert_true(sources_at(S64_CLASS_UDP, 64) == 0);
	assert_true(sources_at(S64_CLASS_UDP, 8) > 0.9);
	/* everything is gone after a month without a packet */
	wall_s += 30 * DAY_SECONDS;
	second();
	second();
	assert_true(sources_at(ALL, 1) == 0);
	assert_int_equal(source_histogram_seconds(histogram, &since_s), 1);
}

static void expect_source_1(void)
{
	assert_true(sources_at(S64_CLASS_UDP, 64) > 0.9);
	source_histogram_close(histogram);
	store_again();
	open_it();
	assert_true(sources_at(S64_CLASS_UDP, 64) > 0.9);
}

/* Whichever way, for a while or before a start. */
static void a_wrong_clock_forgets_nothing(void **state)
{
	static const int64_t wrong[] = {30 * 365, -3 * 365, 9, 8, -9, 365};

	feed(1, S64_CLASS_UDP, 100, 1, S64_REASON_POLICY);
	second();
	write_it();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		wall_s += wrong[i] * DAY_SECONDS;
		if (i % 2) {
			source_histogram_close(histogram);
			store_again();
			open_it();
		}
		for (int s = 0; s < 3; s++) {
			feed(2, S64_CLASS_UDP, 10, 1, S64_REASON_POLICY);
			second();
		}
		write_it();
		wall_s -= wrong[i] * DAY_SECONDS;
		second();
		second();
		write_it();
		expect_source_1();
	}
}

/* Otherwise each would take the place of a real one for ever. */
static void days_of_a_wrong_clock_fade_when_it_has_been_right(void **state)
{
	wall_s += 365 * DAY_SECONDS;
	second();
	feed(1, S64_CLASS_UDP, 100, 1, S64_REASON_POLICY);
	second();
	write_it();
	wall_s -= 365 * DAY_SECONDS;
	second();
	for (int i = 0; i < 2; i++) {
		now_ms += DAY_SECONDS * 1000LL;
		wall_s += DAY_SECONDS;
		source_histogram_tick(histogram, now_ms, wall_s);
	}
	write_it();
	source_histogram_close(histogram);
	store_again();
	wall_s += 363 * DAY_SECONDS;
	open_it();
	assert_true(sources_at(S64_CLASS_UDP, 64) == 0);
}

/* Asserts nothing: by CPU time, as others may run. */
static void what_a_sample_costs_is_printed(void **state)
{
	enum { SAMPLES = 1000000, SOURCES = 5000 };
	clock_t before = clock();

	for (uint64_t i = 0; i < SAMPLES; i++) {
		feed(i * 2654435761 % SOURCES, S64_CLASS_UDP, 1, 1, S64_REASON_POLICY);
		if (i % 4000 == 3999)
			second();
	}
	print_message("# %.2f us of CPU a sample, ends of windows included\n",
		      (double)(clock() - before) / CLOCKS_PER_SEC * 1e6 / SAMPLES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bounds_grow_by_half_and_a_third),
		TEST(a_source_counts_at_its_rate_and_once),
		TEST(a_single_sample_is_a_single_packet),
		TEST(blocked_sources_and_what_has_no_limit_do_not_count),
		TEST(many_sources_are_counted),
		TEST(a_restart_forgets_nothing_that_was_written),
		TEST(old_days_fade),
		TEST(a_wrong_clock_forgets_nothing),
		TEST(days_of_a_wrong_clock_fade_when_it_has_been_right),
		TEST(what_a_sample_costs_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
