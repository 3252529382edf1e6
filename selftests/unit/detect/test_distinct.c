// SPDX-License-Identifier: GPL-2.0-only
/* Distinct things of sampled packets. */
#include "detect_test.h"

static struct distinct distinct;
static struct distinct_counts counts;

static int set_up(void **state)
{
	memset(&counts, 0, sizeof(counts));
	return distinct_init(&distinct, &any_seed);
}

static int tear_down(void **state)
{
	distinct_free(&distinct);
	return 0;
}

static void about(double value, double wanted, double share)
{
	if (value < wanted * (1 - share) || value > wanted * (1 + share))
		fail_msg("%g is not about %g", value, wanted);
}

static void in_calm_the_count_is_exact(void **state)
{
	for (int i = 0; i < 1000; i++)
		for (int j = 0; j <= i % 3; j++)
			distinct_add(&distinct, 1, i, &counts);
	assert_true(distinct_estimate(&distinct, &counts, 1) == 1000);
}

static void prefixes_do_not_share_what_they_went_to(void **state)
{
	struct distinct_counts other = {};

	distinct_add(&distinct, 1, 7, &counts);
	distinct_add(&distinct, 2, 7, &other);
	assert_int_equal(counts.once, 1);
	assert_int_equal(other.once, 1);
}

/* A packet to each of 100,000, of which one in 100 is sampled. */
static void a_spread_is_told_from_a_sample(void **state)
{
	for (int i = 0; i < 1000; i++)
		distinct_add(&distinct, 1, i * 97, &counts);
	about(distinct_estimate(&distinct, &counts, 100), 100000, 0.01);
}

static void a_flood_to_one_is_one_however_it_is_sampled(void **state)
{
	for (int i = 0; i < 1000; i++)
		distinct_add(&distinct, 1, 5, &counts);
	assert_true(distinct_estimate(&distinct, &counts, 1000) == 1);
}

/* Ten packets to each of 2000, of which one in ten is sampled: many are seen twice. */
static void what_was_seen_twice_tells_that_little_was_missed(void **state)
{
	srandom(1);
	for (int i = 0; i < 20000; i++)
		if (random() % 10 == 0)
			distinct_add(&distinct, 1, i % 2000, &counts);
	about(distinct_estimate(&distinct, &counts, 10), 2000, 0.1);
}

/* More pairs than there are cells: the next windows take fewer, and each stands for more. */
static void a_full_table_samples_by_hash(void **state)
{
	const int things = DISTINCT_BUCKETS * DISTINCT_BUCKET * 3;

	for (int window = 0; window < 6; window++) {
		distinct_next_window(&distinct);
		memset(&counts, 0, sizeof(counts));
		for (int i = 0; i < things; i++)
			distinct_add(&distinct, 1, i, &counts);
	}
	assert_true(distinct.zeros > 0);
	about(distinct_estimate(&distinct, &counts, 1), things, 0.03);
	for (int window = 0; window < 20; window++)
		distinct_next_window(&distinct);
	assert_int_equal(distinct.zeros, 0);
}

static void a_window_does_not_see_the_one_before_even_when_numbers_wrap(void **state)
{
	distinct_add(&distinct, 1, 7, &counts);
	for (int i = 0; i < 65535; i++)
		distinct_next_window(&distinct);
	memset(&counts, 0, sizeof(counts));
	distinct_add(&distinct, 1, 7, &counts);
	assert_int_equal(counts.once, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_calm_the_count_is_exact),
		TEST(prefixes_do_not_share_what_they_went_to),
		TEST(a_spread_is_told_from_a_sample),
		TEST(a_flood_to_one_is_one_however_it_is_sampled),
		TEST(what_was_seen_twice_tells_that_little_was_missed),
		TEST(a_full_table_samples_by_hash),
		TEST(a_window_does_not_see_the_one_before_even_when_numbers_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
