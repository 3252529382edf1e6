// SPDX-License-Identifier: GPL-2.0-only
/* Rules about sources that may still be refused are those of their change alone. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "blocks_test.h"
#include "daemon/loop/changes.h"
#include "daemon/loop/turns.h"

static struct event_base *base;
static struct turns *turns;
static struct changes *changes;
static struct source_rules before, fresh;
static unsigned int looks;

static int set_up(void **state)
{
	struct prefix prefix;

	if (blocks_set_up(state))
		return -1;
	prefix = prefix_of("2400::/32");
	before = fresh = blocks.rules;
	looks = 0;
	base = event_base_new();
	turns = turns_new(base);
	if (changes_start(&changes, turns, &error))
		return -1;
	blocks_follow_changes(&blocks, changes);
	return source_rules_add(&fresh, &prefix, S64_SOURCE_KIND_LENGTH, 56, &error);
}

static int tear_down(void **state)
{
	blocks.changes = NULL;
	changes_stop(changes);
	turns_free(turns);
	event_base_free(base);
	return blocks_tear_down(state);
}

static void load_and_unload(void *data)
{
	(void)data;
	done(blocks_load(&blocks, &fresh, &error));
	assert_true(source_rules_equal(&blocks.rules, &fresh));
	changes_pause(changes);
	assert_true(source_rules_equal(&blocks.rules, &fresh));
	done(blocks_unload(&blocks, &before, &error));
	changes_pause(changes);
}

static void load(void *data)
{
	(void)data;
	done(blocks_load(&blocks, &fresh, &error));
	changes_pause(changes);
	blocks_loaded(&blocks);
}

/* Whoever is served meanwhile sees the old ones, until the maps have the new ones. */
static void look_at_each_pause(void)
{
	while (changes_are_busy(changes)) {
		if (blocks.rules_staged || !source_rules_equal(&blocks.rules, &fresh)) {
			assert_true(source_rules_equal(&blocks.rules, &before));
			looks++;
		}
		event_base_loop(base, EVLOOP_ONCE);
	}
}

/* issue 13, find 13: the text of a feed was read by rules that were refused */
static void whom_a_change_serves_sees_no_rules_that_it_may_take_back(void **state)
{
	block("2400:0:0:1::/64", "a", 0);
	changes_run(changes, load_and_unload, NULL);
	look_at_each_pause();
	assert_true(looks >= 3);
	assert_true(source_rules_equal(&blocks.rules, &before));
	assert_int_equal(info_of("2400:0:0:1::/64"), 0);
}

static void all_see_those_that_are_in_force(void **state)
{
	block("2400:0:0:1::/64", "a", 0);
	changes_run(changes, load, NULL);
	look_at_each_pause();
	assert_true(looks >= 2);
	assert_true(source_rules_equal(&blocks.rules, &fresh));
	assert_int_equal(info_of("2400:0:0:1::/64"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			whom_a_change_serves_sees_no_rules_that_it_may_take_back, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(all_see_those_that_are_in_force, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
