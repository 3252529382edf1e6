// SPDX-License-Identifier: GPL-2.0-only
/* The difference between what a source says and what slash64d has, without either of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/set/set_internal.h"

#define NOW_MS	 1790000000000LL
#define MINUTE	 60000LL
#define LEASE_MS (10 * MINUTE)

static struct set *set;
static struct error error;

static int make(void **state)
{
	const struct set_options options = {"/nowhere", "test", LEASE_MS};

	return set_open(&set, &options, &error);
}

static int drop(void **state)
{
	set_close(set);
	return 0;
}

static struct set_key key_of(const char *text)
{
	struct set_key key;

	assert_int_equal(set_key_parse(text, &key), 0);
	return key;
}

static void put(const char *text, int64_t until_ms)
{
	const struct set_entry entry = {.key = key_of(text), .until_ms = until_ms, .reason = "r"};

	assert_int_equal(set_put(set, &entry), 0);
}

static void has(const char *text, int64_t until_ms)
{
	const struct set_key key = key_of(text);
	const struct set_entry entry = {.key = key, .until_ms = until_ms, .reason = "r"};

	assert_int_equal(set_state_set(&set_items_add(&set->items, &key)->in_force, &entry), 0);
}

static void gone(const char *text)
{
	const struct set_key key = key_of(text);

	set_remove(set, &key);
}

static void plans(int64_t now_ms, size_t puts, size_t ends, size_t renewals)
{
	struct set_plan_counts counts;

	set_make_plan(set, now_ms, false, &counts);
	assert_int_equal(counts.put, puts);
	assert_int_equal(counts.end, ends);
	assert_int_equal(counts.renew, renewals);
}

/* Makes a plan and carries it out. */
static void does(int64_t now_ms, size_t puts, size_t ends, size_t renewals)
{
	plans(now_ms, puts, ends, renewals);
	set_plan_is_done(set);
}

static int64_t end_in_force(const char *text)
{
	const struct set_key key = key_of(text);
	const struct set_item *item = set_items_find(&set->items, &key);

	return item && item->in_force.is ? item->in_force.until_ms : -1;
}

static void only_differences_are_sent(void **state)
{
	put("2001:db8:1::/48", NOW_MS + MINUTE);
	put("2001:db8:2::/48", NOW_MS + MINUTE);
	does(NOW_MS, 2, 0, 0);
	does(NOW_MS, 0, 0, 0);
	put("2001:db8:1::/48", NOW_MS + MINUTE);
	does(NOW_MS, 0, 0, 0);
	gone("2001:db8:2::/48");
	gone("2001:db8:3::/48");
	does(NOW_MS, 0, 1, 0);
	does(NOW_MS, 0, 0, 0);
	assert_int_equal(end_in_force("2001:db8:2::/48"), -1);
}

static void an_end_of_the_source_counts_and_one_told_again_is_no_change(void **state)
{
	put("2001:db8::/48", NOW_MS + MINUTE);
	does(NOW_MS, 1, 0, 0);
	assert_int_equal(end_in_force("2001:db8::/48"), NOW_MS + MINUTE);
	put("2001:db8::/48", NOW_MS + MINUTE + 1500);
	does(NOW_MS, 0, 0, 0);
	put("2001:db8::/48", NOW_MS + 2 * MINUTE);
	does(NOW_MS, 0, 0, 1);
	does(NOW_MS + 2 * MINUTE, 0, 0, 0); /* it has ended by itself */
	assert_int_equal(set->items.count, 0);
}

static void a_lease_is_pushed_on_when_half_of_it_is_over(void **state)
{
	put("2001:db8:1::/48", 0);
	put("2001:db8:2::/48", NOW_MS + 100 * MINUTE);
	does(NOW_MS, 2, 0, 0);
	assert_int_equal(end_in_force("2001:db8:1::/48"), NOW_MS + LEASE_MS);
	assert_int_equal(end_in_force("2001:db8:2::/48"), NOW_MS + LEASE_MS);
	does(NOW_MS + 5 * MINUTE, 0, 0, 0);
	does(NOW_MS + 6 * MINUTE, 0, 0, 2);
	assert_int_equal(end_in_force("2001:db8:1::/48"), NOW_MS + 6 * MINUTE + LEASE_MS);
	/* its own end is nearer than that of the lease */
	does(NOW_MS + 12 * MINUTE, 0, 0, 2);
	for (int minute = 13; minute < 100; minute++) {
		struct set_plan_counts counts;

		set_make_plan(set, NOW_MS + minute * MINUTE, false, &counts);
		assert_true(!counts.put && !counts.end);
		set_plan_is_done(set);
	}
	assert_int_equal(end_in_force("2001:db8:2::/48"), NOW_MS + 100 * MINUTE);
	does(NOW_MS + 100 * MINUTE, 0, 0, 0);
	assert_int_equal(set->items.count, 1);
}

/* issue 18: kill -9 at any time */
static void entries_of_an_earlier_life_stay_until_the_source_says_otherwise(void **state)
{
	has("2001:db8:1::/48", NOW_MS + MINUTE);
	has("2001:db8:2::/48", NOW_MS + MINUTE);
	plans(NOW_MS, 0, 0, 0);
	put("2001:db8:1::/48", NOW_MS + MINUTE);
	plans(NOW_MS, 0, 0, 0);
	gone("2001:db8:2::/48");
	does(NOW_MS, 0, 1, 0);
	assert_int_equal(end_in_force("2001:db8:1::/48"), NOW_MS + MINUTE);
}

static void list_of(int from, int to)
{
	char text[64];

	set_list_begin(set);
	for (int i = from; i < to; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::/48", i);
		put(text, NOW_MS + 60 * MINUTE);
	}
	set_list_end(set);
	set_judge_list(set, NOW_MS);
}

static void a_list_ends_what_it_does_not_have(void **state)
{
	list_of(0, 100);
	does(NOW_MS, 100, 0, 0);
	list_of(10, 100);
	assert_false(set_awaits_list(set));
	does(NOW_MS, 0, 10, 0);
}

/* issue 18: a shrink of more than a tenth waits for a second answer */
static void a_list_that_is_much_shorter_waits_for_another_one(void **state)
{
	list_of(0, 100);
	does(NOW_MS, 100, 0, 0);
	list_of(0, 0);
	assert_true(set_awaits_list(set));
	does(NOW_MS, 0, 0, 0);
	/* it was an accident */
	list_of(0, 101);
	assert_false(set_awaits_list(set));
	does(NOW_MS, 1, 0, 0);
	/* it is true: what both lack ends, and nothing else */
	list_of(0, 50);
	does(NOW_MS, 0, 0, 0);
	list_of(20, 60);
	does(NOW_MS, 0, 41, 0);
	assert_true(set_awaits_list(set));
	list_of(20, 60);
	assert_false(set_awaits_list(set));
	does(NOW_MS, 0, 20, 0);
}

static void a_short_list_at_the_start_empties_nothing(void **state)
{
	char text[64];

	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::/48", i);
		has(text, NOW_MS + 60 * MINUTE);
	}
	list_of(0, 0);
	assert_true(set_awaits_list(set));
	does(NOW_MS, 0, 0, 0);
	list_of(200, 201);
	does(NOW_MS, 1, 100, 0);
}

static void a_list_that_breaks_off_ends_nothing(void **state)
{
	list_of(0, 10);
	does(NOW_MS, 10, 0, 0);
	set_list_begin(set);
	put("2001:db8:77::/48", NOW_MS + MINUTE);
	does(NOW_MS, 1, 0, 0);
	list_of(0, 10);
	assert_false(set_awaits_list(set)); /* one of eleven is less than a tenth */
	does(NOW_MS, 0, 1, 0);
}

static void a_refused_entry_is_sent_again_only_when_it_is_tried_again(void **state)
{
	const struct set_key key = key_of("2001:db8::/48");
	struct set_plan_counts counts;

	put("2001:db8::/48", 0);
	set_items_find(&set->items, &key)->is_refused = true;
	plans(NOW_MS, 0, 0, 0);
	set_make_plan(set, NOW_MS, true, &counts);
	assert_int_equal(counts.put, 1);
	/* and forgotten with its source */
	gone("2001:db8::/48");
	plans(NOW_MS, 0, 0, 0);
	assert_int_equal(set->items.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
	const struct CMUnitTest tests[] = {
		TEST(only_differences_are_sent),
		TEST(an_end_of_the_source_counts_and_one_told_again_is_no_change),
		TEST(a_lease_is_pushed_on_when_half_of_it_is_over),
		TEST(entries_of_an_earlier_life_stay_until_the_source_says_otherwise),
		TEST(a_list_ends_what_it_does_not_have),
		TEST(a_list_that_is_much_shorter_waits_for_another_one),
		TEST(a_short_list_at_the_start_empties_nothing),
		TEST(a_list_that_breaks_off_ends_nothing),
		TEST(a_refused_entry_is_sent_again_only_when_it_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
