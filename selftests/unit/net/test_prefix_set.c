// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/net/prefix_set.c user/base/array.c */
/* The set of prefixes, checked against one that is searched linearly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "net/prefix_set.h"

#define ROUNDS 20000
#define MANY   120000

static uint64_t random64(void)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dULL;
}

/* Few enough that they collide and contain one another. */
static struct prefix random_prefix(void)
{
	uint64_t v = random64();

	return prefix_of_bits(0x20010db800000000ULL | (v & 0x3ff) << 16, 0, 32 + (v >> 32) % 33);
}

struct plain {
	struct prefix entry[40000];
	size_t count;
};

static size_t plain_find(const struct plain *plain, const struct prefix *prefix)
{
	size_t i;

	for (i = 0; i < plain->count && prefix_compare(&plain->entry[i], prefix); i++)
		;
	return i;
}

static void check_in_order(const struct prefix_set *set, const struct plain *plain)
{
	const struct prefix *before = NULL, *at = NULL;
	struct prefix last;
	size_t count = 0;

	while ((at = prefix_set_next(set, before))) {
		assert_true(!before || prefix_compare(&last, at) < 0);
		assert_true(plain_find(plain, at) < plain->count);
		last = *at;
		before = &last;
		count++;
	}
	assert_int_equal(count, plain->count);
	assert_int_equal(set->count, plain->count);
}

static void check_around_and_within(const struct prefix_set *set, const struct plain *plain,
				    const struct prefix *prefix)
{
	const struct prefix *around = prefix_set_around(set, prefix),
			    *within = prefix_set_within(set, prefix);
	const struct prefix *longest = NULL;
	bool any = false;

	for (size_t i = 0; i < plain->count; i++) {
		const struct prefix *entry = &plain->entry[i];

		if (prefix_contains(entry, prefix) && (!longest || entry->length > longest->length))
			longest = entry;
		any |= entry->length > prefix->length && prefix_contains(prefix, entry);
	}
	assert_int_equal(!around, !longest);
	assert_true(!around || !prefix_compare(around, longest));
	assert_int_equal(within != NULL, any);
	assert_true(!within ||
		    (within->length > prefix->length && prefix_contains(prefix, within)));
}

static void it_holds_what_a_plain_list_holds(void **state)
{
	static struct plain plain;
	struct prefix_set set = {};

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct prefix prefix = random_prefix();
		size_t at = plain_find(&plain, &prefix);
		/* it grows, and shrinks to nothing again */
		bool add = random64() % 100 < (round < ROUNDS / 2 ? 80 : 20);

		assert_int_equal(prefix_set_has(&set, &prefix), at < plain.count);
		if (add) {
			assert_int_equal(prefix_set_add(&set, &prefix), 0);
			if (at == plain.count)
				plain.entry[plain.count++] = prefix;
		} else {
			prefix_set_remove(&set, &prefix);
			if (at < plain.count)
				plain.entry[at] = plain.entry[--plain.count];
		}
		if (round % 500 == 0)
			check_in_order(&set, &plain);
		if (round % 10 == 0)
			check_around_and_within(&set, &plain, &prefix);
	}
	while (plain.count) {
		prefix_set_remove(&set, &plain.entry[--plain.count]);
		if (plain.count % 500 == 0)
			check_in_order(&set, &plain);
	}
	assert_int_equal(set.pieces, 0);
	prefix_set_free(&set);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* hostile 13: 120,000 that expired together took 5.6 s, because each removal moved all entries
 * behind it
 */
static void many_go_in_a_time_that_grows_with_their_number_alone(void **state)
{
	struct prefix_set set = {};
	double began;

	(void)state;
	for (uint64_t i = 0; i < MANY; i++) {
		struct prefix prefix = prefix_of_bits(0x20010db800000000ULL + i * 2, 0, 63);

		assert_int_equal(prefix_set_add(&set, &prefix), 0);
	}
	began = seconds();
	for (uint64_t i = 0; i < MANY; i++) {
		struct prefix prefix = prefix_of_bits(0x20010db800000000ULL + i * 2, 0, 63);

		prefix_set_remove(&set, &prefix);
	}
	assert_true(seconds() - began < 0.5);
	assert_int_equal(set.count, 0);
	prefix_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_holds_what_a_plain_list_holds),
		cmocka_unit_test(many_go_in_a_time_that_grows_with_their_number_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
