// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/prefix_table.c user/net/prefix_set.c user/base/array.c */
/* The source index, in front of all special rules: its few pages are given back and go to entries
 * that wait for one, and it never announces too little.
 */
#include <stdio.h>
#include <time.h>

#include "native.h"

#include "maps/prefix_table.h"

#define FIRST 0x2400
#define MANY  (S64_SOURCE_INDEX_PAGES + 40)

static struct prefixes prefixes;

static void wait_for_packets(void)
{
	if (prefixes_wait_begins(&prefixes))
		prefixes_wait_is_over(&prefixes);
	prefixes_promote(&prefixes, NULL);
}

static int setup(void **state)
{
	struct error error;

	native_setup(state);
	assert_int_equal(prefixes_init(&prefixes, &native_maps, &error), 0);
	source_index_open(&prefixes.source_index);
	prefixes_prune(&prefixes, NULL, 0, NULL);
	wait_for_packets();
	return 0;
}

static int teardown(void **state)
{
	prefixes_free(&prefixes);
	return native_teardown(state);
}

/* The j-th prefix of the i-th /16. */
static struct prefix nth(unsigned int i, unsigned int j)
{
	return prefix_of_bits((uint64_t)(FIRST + i) << 48 | (uint64_t)(j * 257) << 32, 0,
			      j % 2 ? 32 : 24 + j % 8);
}

static void put_nth(unsigned int i, unsigned int j)
{
	struct prefix prefix = nth(i, j);

	assert_int_equal(prefixes_put(&prefixes, &prefix, 0), 0);
}

static void remove_nth(unsigned int i, unsigned int j)
{
	struct prefix prefix = nth(i, j);

	assert_int_equal(prefixes_remove(&prefixes, &prefix), 0);
}

static uint8_t entry_of(unsigned int i)
{
	return s64_native->index->entry[FIRST + i];
}

/* Does the index announce exactly the existing prefixes for the j-th one of the i-th /16? */
static void check_exact(unsigned int i, unsigned int j, bool listed)
{
	struct prefix prefix = nth(i, j);

	assert_int_equal(source_index_flags(prefix_hi(&prefix)),
			 listed ? S64_SOURCE_INDEX_PREFIXES : 0);
}

static void a_full_pool_says_too_much_and_never_too_little(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		put_nth(i, 3);
	for (unsigned int i = 0; i < MANY; i++) {
		struct prefix prefix = nth(i, 3);

		assert_true(source_index_flags(prefix_hi(&prefix)) & S64_SOURCE_INDEX_PREFIXES);
		if (entry_of(i) == S64_SOURCE_INDEX_NO_PAGE)
			assert_int_equal(source_index_flags(prefix_hi(&prefix) ^ 1ULL << 40),
					 S64_SOURCE_INDEX_ALL);
	}
	assert_int_equal(entry_of(MANY - 1), S64_SOURCE_INDEX_NO_PAGE);
}

static void pages_that_nobody_needs_are_given_back(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < 40; i++)
			for (unsigned int j = 0; j < 3; j++)
				put_nth(round * 40 + i, j);
		for (unsigned int i = 0; i < 40; i++) {
			assert_in_range(entry_of(round * 40 + i), S64_SOURCE_INDEX_ALL + 1,
					S64_SOURCE_INDEX_PAGES);
			for (unsigned int j = 0; j < 3; j++)
				check_exact(round * 40 + i, j, true);
			check_exact(round * 40 + i, 9, false);
		}
		for (unsigned int i = 0; i < 40; i++)
			for (unsigned int j = 0; j < 3; j++)
				remove_nth(round * 40 + i, j);
		for (unsigned int i = 0; i < 40; i++)
			assert_int_equal(entry_of(round * 40 + i), 0);
		wait_for_packets();
	}
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Issue 13, line 9: the loop waited for the packets in flight, up to 50 ms, in the middle of a
 * change.
 */
static void a_page_is_given_away_when_no_packet_uses_it_and_nobody_waits_meanwhile(void **state)
{
	uint64_t began_ns;

	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		put_nth(i, 3);
	for (unsigned int i = 0; i < MANY; i++)
		remove_nth(i, 3);
	began_ns = now_ns();
	put_nth(0, 3);
	assert_true(now_ns() - began_ns < 5000000);
	/* no page is free before the wait is over: announced too much, never too little */
	assert_int_equal(entry_of(0), S64_SOURCE_INDEX_NO_PAGE);
	assert_int_equal(source_index_flags((uint64_t)FIRST << 48), S64_SOURCE_INDEX_ALL);
	assert_true(prefixes_wait_begins(&prefixes));
	/* not yet: it may be tried again if the wait could not begin */
	put_nth(1, 3);
	assert_int_equal(entry_of(1), S64_SOURCE_INDEX_NO_PAGE);
	assert_true(prefixes_wait_begins(&prefixes));
	assert_true(prefixes_wait_is_over(&prefixes));
	prefixes_promote(&prefixes, NULL);
	for (unsigned int i = 0; i < 2; i++) {
		assert_in_range(entry_of(i), S64_SOURCE_INDEX_ALL + 1, S64_SOURCE_INDEX_PAGES);
		check_exact(i, 3, true);
		check_exact(i, 9, false);
	}
	assert_false(prefixes_wait_is_over(&prefixes));
}

/* Entries that waited get their page, complete, and it is given back again. */
static void who_waits_for_a_page_gets_one_that_is_given_back(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		for (unsigned int j = 0; j < 4; j++)
			put_nth(i, j);
	assert_int_equal(entry_of(MANY - 1), S64_SOURCE_INDEX_NO_PAGE);
	remove_nth(MANY - 1, 3); /* while it waits */
	for (unsigned int i = 0; i < 60; i++)
		for (unsigned int j = 0; j < 4; j++)
			remove_nth(i, j);
	wait_for_packets();
	for (unsigned int i = 60; i < MANY; i++) {
		assert_in_range(entry_of(i), S64_SOURCE_INDEX_ALL + 1, S64_SOURCE_INDEX_PAGES);
		for (unsigned int j = 0; j < 4; j++)
			check_exact(i, j, i < MANY - 1 || j < 3);
		check_exact(i, 9, false);
	}
	for (unsigned int i = 60; i < MANY; i++)
		for (unsigned int j = 0; j < (i < MANY - 1 ? 4 : 3); j++)
			remove_nth(i, j);
	for (unsigned int i = 0; i < MANY; i++)
		assert_int_equal(entry_of(i), 0);
	assert_int_equal(prefixes.source_index.waiting, 0);
}

static void rule(const char *text, struct source_rules *rules)
{
	struct prefix prefix;
	struct error error;

	assert_int_equal(prefix_parse_whole(text, &prefix, NULL), 0);
	assert_int_equal(source_rules_add(rules, &prefix, S64_SOURCE_KIND_LENGTH, 64, &error), 0);
}

static void set_rules(const struct source_rules *rules)
{
	source_rules_stage(rules, &native_maps);
	source_index_open(&prefixes.source_index);
	source_rules_switch(&native_maps);
	source_rules_stage(rules, &native_maps);
	prefixes_prune(&prefixes, NULL, 0, NULL);
}

static void rules_that_are_gone_give_their_pages_back_and_others_keep_them(void **state)
{
	struct source_rules rules;

	(void)state;
	for (int round = 0; round < 3; round++) {
		source_rules_init(&rules);
		for (unsigned int i = 0; i < 50; i++) {
			char text[32];

			snprintf(text, sizeof(text), "%x:5::/32", FIRST + round * 50 + i);
			rule(text, &rules);
		}
		set_rules(&rules);
		wait_for_packets();
		for (unsigned int i = 0; i < 50; i++) {
			uint64_t hi = (uint64_t)(FIRST + round * 50 + i) << 48 | 5ULL << 32;

			assert_int_equal(source_index_flags(hi), S64_SOURCE_INDEX_RULE);
			assert_int_equal(source_index_flags(hi + (1ULL << 32)), 0);
		}
	}
	put_nth(120, 3);
	source_rules_init(&rules);
	set_rules(&rules);
	for (unsigned int i = 0; i < 150; i++)
		assert_true(i == 120 ? entry_of(i) > S64_SOURCE_INDEX_ALL : entry_of(i) == 0);
	check_exact(120, 3, true);
	/* a whole /16 of one rule or special prefix needs no page of its own */
	for (unsigned int upper = 0xfe80; upper < 0xfec0; upper++)
		assert_int_equal(s64_native->index->entry[upper],
				 S64_SOURCE_INDEX_SPECIAL | S64_SOURCE_INDEX_RULE);
	/* in every configuration: special prefixes and forms of IPv4 */
	assert_int_equal(source_index_flags(0x20010db8ULL << 32), S64_SOURCE_INDEX_SPECIAL);
	assert_int_equal(source_index_flags(0x2002ULL << 48),
			 S64_SOURCE_INDEX_SPECIAL | S64_SOURCE_INDEX_RULE);
	assert_true(source_index_flags(0) & S64_SOURCE_INDEX_SPECIAL);
}

/* As after a restart: the contents of the maps are taken over, and pages are given back once they
 * are known to be unused.
 */
static void a_full_pool_that_is_found_recovers(void **state)
{
	struct error error;

	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		put_nth(i, 3);
	prefixes_free(&prefixes);
	memset(s64_native->prefixes, 0,
	       s64_native->config.prefix_buckets * sizeof(*s64_native->prefixes));
	assert_int_equal(prefixes_init(&prefixes, &native_maps, &error), 0);
	source_index_open(&prefixes.source_index);
	assert_true(prefixes.source_index.waiting > 0);
	for (unsigned int i = MANY - 50; i < MANY; i++)
		put_nth(i, 3);
	prefixes_prune(&prefixes, NULL, 0, NULL);
	wait_for_packets();
	for (unsigned int i = 0; i < MANY; i++)
		if (i < MANY - 50)
			assert_int_equal(entry_of(i), 0);
		else
			check_exact(i, 3, true);
	assert_int_equal(prefixes.source_index.waiting, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_full_pool_says_too_much_and_never_too_little),
		TEST(pages_that_nobody_needs_are_given_back),
		TEST(a_page_is_given_away_when_no_packet_uses_it_and_nobody_waits_meanwhile),
		TEST(who_waits_for_a_page_gets_one_that_is_given_back),
		TEST(rules_that_are_gone_give_their_pages_back_and_others_keep_them),
		TEST(a_full_pool_that_is_found_recovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
