// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/stats/samples.c user/daemon/events/events.c user/daemon/events/event_filter.c user/base/text/near.c user/net/prefix_typed.c user/daemon/stats/samples_top.c user/daemon/stats/source_rates.c user/daemon/api/fates.c user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/blocklist.c user/net/prefix_set.c user/base/array.c */
/* Figures of a source: one rate, of the last second; first seen; the peak; and the verdicts on its
 * packets, by class.
 */
#include <stdio.h>
#include <time.h>

#include "native.h"

#include "daemon/api/fates.h"
#include "daemon/stats/samples.h"

#define LOUD  0x20010db80bad0001ULL
#define OTHER 0x20010db80c000000ULL

static struct samples samples;
static struct source_rules rules;
static uint64_t now_ms;

/* The test sets the clock of the samples. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	now->tv_sec = now_ms / 1000;
	now->tv_nsec = now_ms % 1000 * 1000000;
	return 0;
}

void blocks_hit(struct blocks *blocks, uint64_t src_key, uint64_t hi, uint64_t lo, bool by_prefix,
		uint32_t packets, uint32_t now)
{
}

static void boot_at(uint64_t ms)
{
	struct error error;

	now_ms = ms;
	assert_int_equal(samples_init(&samples, &native_maps, &error), 0);
}

static int setup(void **state)
{
	native_setup(state);
	source_rules_init(&rules);
	boot_at(100000000);
	return 0;
}

static int teardown(void **state)
{
	samples_free(&samples);
	return native_teardown(state);
}

static void see(uint64_t src_key, int class, int reason, uint32_t weight)
{
	struct s64_sample sample = {.src_key = src_key,
				    .src_hi = src_key,
				    .src_lo = 1,
				    .weight = weight,
				    .length = 100,
				    .class = class,
				    .reason = reason};

	sample_put(0, &sample);
}

/* slash64d reads every 200 ms. `per_second` must be a multiple of 5. */
static void flood(uint64_t src_key, unsigned int per_second, unsigned int ms, int reason)
{
	for (unsigned int t = 0; t < ms; t += 200) {
		for (unsigned int i = 0; i < per_second / 5; i++)
			see(src_key, S64_CLASS_ECHO_REQUEST, reason, 1);
		now_ms += 200;
		samples_drain(&samples, NULL);
	}
}

static void rest(unsigned int ms)
{
	for (unsigned int t = 0; t < ms; t += 200) {
		now_ms += 200;
		samples_drain(&samples, NULL);
	}
}

/* The row of a source in `top`, over that many seconds; NULL if it has none. */
static const struct top_row *top(uint64_t src_key, double seconds)
{
	static struct top_row found;
	struct top_row *rows;
	int n = samples_top(&samples, seconds, SAMPLES_RECENT, &rows);
	bool there = false;

	assert_true(n >= 0);
	for (int i = 0; i < n && !there; i++)
		if (rows[i].src_key == src_key) {
			found = rows[i];
			there = true;
		}
	free(rows);
	return there ? &found : NULL;
}

static double seen_rate(double seconds)
{
	struct prefix prefix = prefix_of_bits(LOUD, 0, 48);
	struct seen seen;

	assert_int_equal(samples_seen(&samples, &rules, &prefix, seconds, &seen), 0);
	free(seen.row);
	return seen.packets_per_second;
}

static void near(double got, double wanted, const char *what)
{
	if (got < wanted * 0.99 || got > wanted * 1.01)
		fail_msg("%s: %.1f, not about %.1f", what, got, wanted);
}

/* hostile O2 */
static void every_command_tells_the_rate_of_the_last_second(void **state)
{
	(void)state;
	rest(5000);
	flood(LOUD, 295, 1000, S64_REASON_WITHIN_LIMIT);
	near(top(LOUD, 1)->packets_per_second, 295, "top of one second");
	near(top(LOUD, 10)->packets_per_second, 295, "top");
	near(seen_rate(60), 295, "who and a dry run");
	now_ms += 90; /* between two readings */
	near(top(LOUD, 10)->packets_per_second, 295, "top a moment later");
}

/* documents D10: a machine up for less than the requested time showed nothing. */
static void a_source_is_seen_in_the_first_minute_after_boot(void **state)
{
	(void)state;
	samples_free(&samples);
	boot_at(3000);
	flood(LOUD, 500, 2000, S64_REASON_WITHIN_LIMIT);
	assert_non_null(top(LOUD, 3600));
	near(top(LOUD, 3600)->packets_per_second, 500, "top --seconds 3600");
	near(seen_rate(60), 500, "who");
	rest(2000); /* seen within the minute, but not in the last second */
	assert_non_null(top(LOUD, 3600));
}

/* Right after its start, slash64d divides by the time it has actually observed. */
static void a_first_second_that_is_not_over_is_no_lower(void **state)
{
	(void)state;
	flood(LOUD, 1000, 400, S64_REASON_WITHIN_LIMIT);
	near(top(LOUD, 10)->packets_per_second, 1000, "after 400 ms");
}

static void it_is_told_since_when_and_how_fast_at_most(void **state)
{
	const struct top_row *row;
	time_t start;

	(void)state;
	start = time(NULL);
	flood(LOUD, 5000, 3000, S64_REASON_WITHIN_LIMIT);
	flood(LOUD, 100, 20000, S64_REASON_WITHIN_LIMIT);
	row = top(LOUD, 10);
	near(row->packets_per_second, 100, "the rate");
	near(row->peak, 5000, "the peak");
	assert_in_range(row->since, start - 22 - 2, start);
	rest(12000);
	row = top(LOUD, 60);
	assert_true(row->packets_per_second == 0);
	near(row->peak, 5000, "the peak of who is silent");
	flood(LOUD, 100, 2000, S64_REASON_WITHIN_LIMIT);
	near(top(LOUD, 60)->peak, 100, "who comes back is new");
}

/* A flood of sources that never repeat does not displace a loud one. */
static void what_never_repeats_takes_no_place_of_what_is_loud(void **state)
{
	(void)state;
	flood(LOUD, 1000, 2000, S64_REASON_WITHIN_LIMIT);
	for (uint64_t i = 0; i < 100000; i++) {
		see(0x2a00000000000000ULL + (i << 16), S64_CLASS_UDP, S64_REASON_POLICY, 1);
		if (i % 200 == 0) {
			now_ms += 10;
			samples_drain(&samples, NULL);
		}
	}
	assert_non_null(source_rates_find(&samples.rates, LOUD));
	flood(LOUD, 100, 1000, S64_REASON_WITHIN_LIMIT);
	near(source_rates_find(&samples.rates, LOUD)->peak, 1000, "the peak");
}

static void a_rate_of_few_samples_tells_how_uncertain_it_is(void **state)
{
	(void)state;
	see(LOUD, S64_CLASS_UDP, S64_REASON_POLICY, 1000);
	see(LOUD, S64_CLASS_UDP, S64_REASON_POLICY, 1000);
	for (int i = 0; i < 2000; i++)
		see(OTHER, S64_CLASS_UDP, S64_REASON_POLICY, 1);
	now_ms += 1000;
	samples_drain(&samples, NULL);
	near(top(LOUD, 10)->uncertainty, 1.413, "two samples");
	assert_true(top(OTHER, 10)->uncertainty == 0);
}

/* hostile O1 */
static void what_is_only_counted_is_not_told_as_dropped(void **state)
{
	struct fate fates[SAMPLES_FATES];
	const struct top_row *row;
	char text[256] = "";
	size_t count;

	(void)state;
	flood(LOUD, 500, 2000, S64_REASON_OVER_SOURCE_LIMIT | S64_SAMPLE_MONITORED);
	row = top(LOUD, 10);
	assert_true(row->dropped == 0 && row->dropped_per_second == 0);
	assert_true(row->would_drop == 1);
	near(row->would_drop_per_second, 500, "would be dropped");
	assert_int_equal(row->reason, S64_REASON_OVER_SOURCE_LIMIT);
	count = samples_fates(&samples, LOUD, 60, fates);
	assert_string_equal(fates_verdict(fates, count, text, sizeof(text)), "passes");
	assert_string_equal(text, "echo-request: all would be dropped, over its limit");
}

static const char *verdict_of(uint64_t src_key, char *text, size_t bytes)
{
	struct fate fates[SAMPLES_FATES];

	now_ms += 200;
	samples_drain(&samples, NULL);
	snprintf(text, bytes, "-");
	return fates_verdict(fates, samples_fates(&samples, src_key, 60, fates), text, bytes);
}

/* documents D15 */
static void why_is_told_by_class(void **state)
{
	char text[512];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		see(LOUD, S64_CLASS_UDP, S64_REASON_POLICY, 1);
		if (i < 100)
			see(LOUD, S64_CLASS_ECHO_REQUEST,
			    i < 94 ? S64_REASON_OVER_SOURCE_LIMIT : S64_REASON_WITHIN_LIMIT, 1);
	}
	assert_string_equal(verdict_of(LOUD, text, sizeof(text)), "limited");
	assert_string_equal(text, "echo-request: 94% over its limit");
	for (int i = 0; i < 1000; i++)
		see(OTHER, S64_CLASS_REDIRECT, S64_REASON_POLICY_DROP, 1);
	assert_string_equal(verdict_of(OTHER, text, sizeof(text)), "dropped");
	assert_string_equal(text, "redirect: all dropped, policy-drop");
	see(OTHER + (1 << 16), S64_CLASS_UDP, S64_REASON_POLICY, 1);
	assert_null(verdict_of(OTHER + (1 << 16), text, sizeof(text)));
	assert_string_equal(text, "-");
}

/* Rows of `top` by something, with a filter on the class or -1. */
static int top_by(enum top_by by, int class, struct top_row **rows)
{
	struct event_filter filter;

	event_filter_init(&filter);
	filter.class = class;
	return samples_top_by(&samples, by, class < 0 ? NULL : &filter, 10, SAMPLES_RECENT, rows);
}

static void groups_add_up_what_belongs_together(void **state)
{
	static const int rows_each[TOP_BY_COUNT] = {2, 1, 1, 2, 2};
	struct top_row *rows;

	(void)state;
	for (int i = 0; i < 15; i++) {
		flood(LOUD, 300, 200, S64_REASON_WITHIN_LIMIT);
		for (int j = 0; j < 20; j++)
			see(LOUD + 1, S64_CLASS_UDP, S64_REASON_BLOCKED, 1);
	}
	rest(200);
	for (int by = 0; by < TOP_BY_COUNT; by++) {
		double sum = 0;
		int n = top_by(by, -1, &rows);

		assert_int_equal(n, rows_each[by]);
		for (int i = 0; i < n; i++)
			sum += rows[i].packets_per_second;
		assert_in_range(sum, 300, 410);
		assert_true(rows[0].peak >= rows[0].packets_per_second && rows[0].peak < 450);
		free(rows);
	}
}

static void a_filter_selects_packets_before_they_are_added_up(void **state)
{
	struct top_row *rows;

	(void)state;
	flood(LOUD, 300, 1000, S64_REASON_WITHIN_LIMIT);
	for (int i = 0; i < 50; i++)
		see(LOUD, S64_CLASS_UDP, S64_REASON_BLOCKED | S64_SAMPLE_MONITORED, 1);
	rest(200);
	assert_int_equal(top_by(TOP_BY_SOURCE, S64_CLASS_UDP, &rows), 1);
	assert_in_range(rows->packets_per_second, 40, 51);
	assert_in_range(rows->peak, 40, 51);
	assert_true(rows->would_drop == 1 && rows->dropped == 0);
	free(rows);
	assert_int_equal(top_by(TOP_BY_REASON, S64_CLASS_TCP, &rows), 0);
	free(rows);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_command_tells_the_rate_of_the_last_second),
		TEST(a_source_is_seen_in_the_first_minute_after_boot),
		TEST(a_first_second_that_is_not_over_is_no_lower),
		TEST(it_is_told_since_when_and_how_fast_at_most),
		TEST(what_never_repeats_takes_no_place_of_what_is_loud),
		TEST(a_rate_of_few_samples_tells_how_uncertain_it_is),
		TEST(what_is_only_counted_is_not_told_as_dropped),
		TEST(why_is_told_by_class),
		TEST(groups_add_up_what_belongs_together),
		TEST(a_filter_selects_packets_before_they_are_added_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
