// SPDX-License-Identifier: GPL-2.0-only
/* Sources that were seen of late within a prefix. */
#include "detect_test.h"

static struct neighbours neighbours;

static int set_up(void **state)
{
	return neighbours_init(&neighbours, &any_seed);
}

static int tear_down(void **state)
{
	neighbours_free(&neighbours);
	return 0;
}

static void see(uint64_t key, uint64_t kinds, uint32_t window)
{
	const struct neighbour source = {.src_key = key, .hi = key, .lo = 1, .kinds = kinds};

	neighbours_see(&neighbours, SITE(1, 0), &source, window);
}

static const struct neighbour *find(uint64_t key)
{
	const struct neighbour *set = neighbours_of(&neighbours, SITE(1, 0));

	for (int i = 0; i < NEIGHBOURS_SET; i++)
		if (set[i].window && set[i].src_key == key)
			return &set[i];
	return NULL;
}

static void a_source_is_remembered_for_a_minute(void **state)
{
	see(SITE(1, 7), 1, 5);
	assert_non_null(find(SITE(1, 7)));
	assert_true(neighbour_is_recent(find(SITE(1, 7)), 5 + NEIGHBOURS_WINDOWS));
	assert_false(neighbour_is_recent(find(SITE(1, 7)), 6 + NEIGHBOURS_WINDOWS));
	see(SITE(1, 7), 3, 6);
	assert_int_equal(find(SITE(1, 7))->seen, 2);
	assert_int_equal(find(SITE(1, 7))->kinds, 3);
	see(SITE(1, 7), 1, 200);
	assert_int_equal(find(SITE(1, 7))->seen, 1);
}

static void sources_that_are_never_seen_again_displace_nobody(void **state)
{
	for (int i = 0; i < 8; i++)
		for (uint32_t window = 1; window < 3; window++)
			see(SITE(1, i), 1, window);
	for (int i = 8; i < 10000; i++)
		see(SITE(1, i), 1, 3);
	for (int i = 0; i < 8; i++)
		assert_non_null(find(SITE(1, i)));
}

/* Those that rotate are seen again and again, but send what a rule is about. */
static void offenders_do_not_displace_those_that_behave(void **state)
{
	for (int i = 0; i < 8; i++)
		for (uint32_t window = 1; window < 3; window++)
			see(SITE(1, i), 1, window);
	for (uint32_t window = 3; window < 50; window++)
		for (int i = 8; i < 208; i++)
			see(SITE(1, i), 3, window);
	for (int i = 0; i < 8; i++)
		assert_non_null(find(SITE(1, i)));
}

static void the_one_seen_longest_ago_goes_first(void **state)
{
	for (uint32_t i = 0; i < NEIGHBOURS_SET; i++)
		see(SITE(1, i), 1, 10 + i);
	see(SITE(1, 1000), 1, 50);
	assert_null(find(SITE(1, 0)));
	assert_non_null(find(SITE(1, 1)));
	assert_non_null(find(SITE(1, 1000)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_source_is_remembered_for_a_minute),
		TEST(sources_that_are_never_seen_again_displace_nobody),
		TEST(offenders_do_not_displace_those_that_behave),
		TEST(the_one_seen_longest_ago_goes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
