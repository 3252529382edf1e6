// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/crowdsec/decisions.h"
#include "adapters/set/set_internal.h"

#define NOW_MS	1790000000000LL
#define HOUR_MS 3600000LL

static struct set *set;
static struct decisions *decisions;
static int64_t now_ms;
static int has_changed;

static int make_with(const char *origins, const char *scenarios, bool throttles)
{
	static struct decisions_options options;
	const struct set_options set_options = {"/nowhere", "test", 0};
	struct error error;

	options = (struct decisions_options){origins, scenarios, throttles, 100, 200};
	now_ms = NOW_MS;
	decisions = decisions_new(&options);
	return set_open(&set, &set_options, &error);
}

static int make(void **state)
{
	return make_with("", "", true);
}

static int drop(void **state)
{
	decisions_free(decisions);
	set_close(set);
	return 0;
}

static void say(bool is_deleted, int64_t id, const char *value, bool is_throttle, int64_t for_ms,
		const char *scenario)
{
	struct stream_decision decision = {.is_deleted = is_deleted,
					   .id = id,
					   .is_throttle = is_throttle,
					   .for_ms = for_ms,
					   .origin = "cscli",
					   .scenario = scenario};

	assert_int_equal(set_key_parse(value, &decision.key), 0);
	assert_int_equal(decisions_add(&decision, decisions), 0);
}

static void adds(int64_t id, const char *value, int64_t for_ms)
{
	say(false, id, value, false, for_ms, "s");
}

static void deletes(int64_t id, const char *value)
{
	say(true, id, value, false, -1, "s");
}

static void applies(bool is_all)
{
	struct set_plan_counts counts;

	has_changed = decisions_apply(decisions, is_all, set);
	assert_in_range(has_changed, 0, 1);
	if (set->list_is_over)
		set_judge_list(set, now_ms);
	set_make_plan(set, now_ms, true, &counts);
	set_plan_is_done(set);
	decisions_begin(decisions, now_ms);
}

/* The end of what is in force; 0: none is. */
static int64_t end_of(const char *value)
{
	const struct set_item *item;
	struct set_key key;

	assert_int_equal(set_key_parse(value, &key), 0);
	item = set_items_find(&set->items, &key);
	return item && item->in_force.is ? item->in_force.until_ms : 0;
}

static void of_several_decisions_the_longest_counts_and_the_others_stay(void **state)
{
	decisions_begin(decisions, now_ms);
	adds(1, "2001:db8::1", HOUR_MS);
	adds(2, "2001:db8::1", 3 * HOUR_MS);
	adds(3, "2001:db8:2::/48", 2 * HOUR_MS);
	applies(true);
	assert_int_equal(end_of("2001:db8::1"), NOW_MS + 3 * HOUR_MS);
	deletes(2, "2001:db8::1");
	applies(false);
	assert_int_equal(end_of("2001:db8::1"), NOW_MS + HOUR_MS);
	deletes(1, "2001:db8::1");
	applies(false);
	assert_int_equal(end_of("2001:db8::1"), 0);
	assert_int_equal(end_of("2001:db8:2::/48"), NOW_MS + 2 * HOUR_MS);
	assert_int_equal(decisions_count(decisions), 1);
}

/* one that is deleted and decided anew within one interval */
static void a_new_decision_outlives_the_end_of_an_old_one(void **state)
{
	decisions_begin(decisions, now_ms);
	adds(1, "2001:db8::1", HOUR_MS);
	applies(true);
	adds(2, "2001:db8::1", 2 * HOUR_MS);
	deletes(1, "2001:db8::1");
	applies(false);
	assert_int_equal(end_of("2001:db8::1"), NOW_MS + 2 * HOUR_MS);
}

static void a_ban_applies_before_a_throttle_that_is_longer(void **state)
{
	struct set_key key;

	decisions_begin(decisions, now_ms);
	say(false, 1, "2001:db8:1::/48", true, 5 * HOUR_MS, "slow");
	say(false, 2, "2001:db8:1::/48", false, HOUR_MS, "stop");
	applies(true);
	set_key_parse("2001:db8:1::/48", &key);
	assert_int_equal(set_items_find(&set->items, &key)->in_force.kind, SET_BLOCK);
	now_ms += HOUR_MS;
	decisions_begin(decisions, now_ms);
	deletes(2, "2001:db8:1::/48");
	applies(false);
	assert_int_equal(set_items_find(&set->items, &key)->in_force.kind, SET_THROTTLE);
	assert_int_equal(set_items_find(&set->items, &key)->in_force.rate, 100);
}

static void filters_leave_out_other_origins_and_scenarios(void **state)
{
	drop(NULL);
	make_with("CAPI,cscli", "ssh,http-", false);
	decisions_begin(decisions, now_ms);
	say(false, 1, "2001:db8::1", false, HOUR_MS, "crowdsecurity/ssh-bf");
	say(false, 2, "2001:db8::2", false, HOUR_MS, "crowdsecurity/smb");
	say(false, 3, "2001:db8::3", true, HOUR_MS, "ssh");
	applies(true);
	assert_int_equal(decisions_count(decisions), 1);
	drop(NULL);
	make_with("CAPI", "", false);
	decisions_begin(decisions, now_ms);
	adds(1, "2001:db8::1", HOUR_MS);
	applies(true);
	assert_int_equal(decisions_count(decisions), 0);
}

static void the_deleted_ones_of_a_whole_list_end_nothing(void **state)
{
	decisions_begin(decisions, now_ms);
	adds(1, "2001:db8::1", HOUR_MS);
	deletes(1, "2001:db8::1");
	applies(true);
	assert_int_equal(end_of("2001:db8::1"), NOW_MS + HOUR_MS);
}

/* crowdsec 2014: a decision that no later answer tells of is found by asking for all until nothing has changed */
static void a_list_of_the_same_decisions_is_no_change(void **state)
{
	decisions_begin(decisions, now_ms);
	adds(1, "2001:db8::1", HOUR_MS);
	adds(2, "2001:db8::2", HOUR_MS);
	applies(true);
	assert_true(has_changed);
	adds(2, "2001:db8::2", HOUR_MS - 5);
	adds(1, "2001:db8::1", HOUR_MS - 5);
	applies(true);
	assert_false(has_changed);
	applies(false);
	assert_false(has_changed);
	adds(1, "2001:db8::1", HOUR_MS);
	adds(3, "2001:db8::2", HOUR_MS);
	applies(true);
	assert_true(has_changed);
}

static void a_deleted_decision_that_was_never_told_ends_what_an_earlier_life_has_left(void **state)
{
	struct set_entry entry = {};

	set_key_parse("2001:db8::7", &entry.key);
	set_state_set(&set_items_add(&set->items, &entry.key)->in_force, &entry);
	decisions_begin(decisions, now_ms);
	deletes(9, "2001:db8::7");
	applies(false);
	assert_int_equal(set->items.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
	const struct CMUnitTest tests[] = {
		TEST(of_several_decisions_the_longest_counts_and_the_others_stay),
		TEST(a_new_decision_outlives_the_end_of_an_old_one),
		TEST(a_ban_applies_before_a_throttle_that_is_longer),
		TEST(filters_leave_out_other_origins_and_scenarios),
		TEST(the_deleted_ones_of_a_whole_list_end_nothing),
		TEST(a_list_of_the_same_decisions_is_no_change),
		TEST(a_deleted_decision_that_was_never_told_ends_what_an_earlier_life_has_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
