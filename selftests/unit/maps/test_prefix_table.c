// SPDX-License-Identifier: GPL-2.0-only
/* The table of prefixes: blocks of other lengths than a source's, and allowed prefixes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "native.h"
#include "maps/prefix_table.h"

static struct prefixes prefixes;
static struct error error;

static int set_up(void **state)
{
	native_setup(state);
	return prefixes_init(&prefixes, &native_maps, &error);
}

static int tear_down(void **state)
{
	prefixes_free(&prefixes);
	return native_teardown(state);
}

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse_whole(text, &prefix, NULL), 0);
	return prefix;
}

static int put_text(const char *text, uint8_t info)
{
	struct prefix prefix = prefix_of(text);

	return prefixes_put(&prefixes, &prefix, info);
}

static int remove_text(const char *text)
{
	struct prefix prefix = prefix_of(text);

	return prefixes_remove(&prefixes, &prefix);
}

static int info_of(const char *text)
{
	struct prefix prefix = prefix_of(text);

	return prefixes_info(&prefixes, &prefix);
}

/* Does the map announce this length for addresses in this prefix? */
static bool is_announced(const char *text)
{
	struct prefix prefix = prefix_of(text);
	uint32_t slot = prefix.length < S64_PREFIX_SHORT ?
				S64_PREFIX_SLOTS :
				s64_prefix_slot(prefix_hi(&prefix), &native_maps.meta->seed);
	uint32_t bit = 128 - prefix.length;

	return native_maps.lengths[slot].mask[bit / 64] >> bit % 64 & 1;
}

static void what_is_put_in_has_its_info_until_it_is_removed(void **state)
{
	assert_int_equal(info_of("2400::/48"), -1);
	assert_int_equal(put_text("2400::/48", 0), 0);
	assert_int_equal(put_text("2400::/49", S64_PREFIX_ALLOW), 0);
	assert_int_equal(info_of("2400::/48"), 0);
	assert_int_equal(info_of("2400::/49"), S64_PREFIX_ALLOW);
	assert_int_equal(put_text("2400::/48", S64_BLOCK_THROTTLE | 3), 0);
	assert_int_equal(info_of("2400::/48"), S64_BLOCK_THROTTLE | 3);
	assert_int_equal(remove_text("2400::/48"), 0);
	assert_int_equal(remove_text("2400::/48"), -ENOENT);
	assert_int_equal(info_of("2400::/48"), -1);
	assert_int_equal(info_of("2400::/49"), S64_PREFIX_ALLOW);
}

static void a_length_is_announced_while_a_prefix_has_it(void **state)
{
	assert_false(is_announced("2400::/48"));
	put_text("2400::/48", 0);
	put_text("2400:0:1::/48", 0);
	assert_true(is_announced("2400::/48"));
	assert_false(is_announced("2400::/47"));
	remove_text("2400::/48");
	/* the other one, with the same upper 32 bits */
	assert_true(is_announced("2400::/48"));
	remove_text("2400:0:1::/48");
	assert_false(is_announced("2400::/48"));
	/* short lengths are announced for all addresses together; and the longest length */
	put_text("2400::/31", 0);
	assert_true(is_announced("2600::/31"));
	put_text("2400::7/128", 0);
	assert_true(is_announced("2400::7/128"));
}

static void a_change_of_info_counts_a_length_once(void **state)
{
	put_text("2400::/48", 0);
	put_text("2400::/48", S64_BLOCK_THROTTLE);
	put_text("2400::/48", S64_PREFIX_ALLOW);
	assert_int_equal(prefixes.blocked.count, 0);
	assert_int_equal(prefixes.allowed.count, 1);
	remove_text("2400::/48");
	assert_false(is_announced("2400::/48"));
	assert_int_equal(prefixes.allowed.count, 0);
}

static void hits_belong_to_one_length(void **state)
{
	struct prefix longer = prefix_of("2400::/49"), prefix = prefix_of("2400::/48");
	uint64_t hits;
	uint32_t last;

	put_text("2400::/48", 0);
	put_text("2400::/49", 0);
	prefixes_hit(&prefixes, &prefix, 5, 7);
	prefixes_hits(&prefixes, &prefix, &hits, &last);
	assert_true(hits == 5 && last == 7);
	prefixes_hits(&prefixes, &longer, &hits, &last);
	assert_true(hits == 0 && last == 0);
	prefixes_count_hits(&prefixes, &longer, 9, 8);
	prefixes_hits(&prefixes, &longer, &hits, &last);
	assert_true(hits == 9 && last == 8);
}

static void a_full_table_takes_no_more_and_still_changes_what_it_has(void **state)
{
	struct prefix prefix;

	native_maps.meta->prefixes = 3;
	put_text("2400::/48", 0);
	put_text("2401::/48", 0);
	prefix = prefix_of("2402::/48");
	assert_true(prefixes_have_room(&prefixes, &prefix));
	put_text("2402::/48", 0);
	assert_true(prefixes_have_room(&prefixes, &prefix));
	prefix = prefix_of("2403::/48");
	assert_false(prefixes_have_room(&prefixes, &prefix));
	assert_int_equal(put_text("2403::/48", 0), -ENOSPC);
	assert_false(is_announced("2403::/48"));
	assert_int_equal(prefixes.blocked.count, 3);
	assert_int_equal(put_text("2402::/48", S64_PREFIX_ALLOW), 0);
}

static void after_a_restart_what_is_not_put_in_again_is_pruned(void **state)
{
	struct prefixes second;

	put_text("2400::/48", 0);
	put_text("2401::/40", 0);
	assert_int_equal(prefixes_init(&second, &native_maps, &error), 0);
	assert_int_equal(second.buckets.keys, 2);
	prefixes_free(&prefixes);
	prefixes = second;
	put_text("2400::/48", 0);
	prefixes_prune(&prefixes, NULL, 0, NULL);
	assert_int_equal(prefixes.buckets.keys, 1);
	assert_int_equal(info_of("2401::/40"), -1);
	assert_true(is_announced("2400::/48"));
	assert_false(is_announced("2401::/40"));
}

static void breathe(void *data)
{
	++*(int *)data;
}

static void a_kept_key_and_all_that_leads_to_it_stays(void **state)
{
	struct prefix kept = prefix_of("2401::/40");
	uint64_t keep = prefixes_key(&prefixes, &kept);
	struct prefixes second;
	int breaths = 0;
	struct pace pace = {breathe, &breaths};

	put_text("2400::/48", 0);
	put_text("2401::/40", 0);
	put_text("2402::/40", 0);
	assert_int_equal(prefixes_init(&second, &native_maps, &error), 0);
	prefixes_free(&prefixes);
	prefixes = second;
	put_text("2400::/48", 0);
	prefixes_prune(&prefixes, &keep, 1, &pace);
	assert_true(breaths > 0);
	assert_int_equal(prefixes.buckets.keys, 2);
	assert_int_equal(info_of("2402::/40"), -1);
	assert_true(is_announced("2401::/40"));
	/* even if the last known prefix of that length is removed */
	put_text("2401:0:1::/40", 0);
	remove_text("2401:0:1::/40");
	assert_true(is_announced("2401::/40"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_put_in_has_its_info_until_it_is_removed,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_length_is_announced_while_a_prefix_has_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_change_of_info_counts_a_length_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(hits_belong_to_one_length, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_full_table_takes_no_more_and_still_changes_what_it_has, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(after_a_restart_what_is_not_put_in_again_is_pruned,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kept_key_and_all_that_leads_to_it_stays, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
