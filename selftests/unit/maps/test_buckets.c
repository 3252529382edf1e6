// SPDX-License-Identifier: GPL-2.0-only
/* A table of buckets: each key has two places, and none is lost while keys move. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "maps/buckets.h"

#define BUCKETS 16

static struct s64_bucket memory[BUCKETS];
static struct buckets table;
static const struct s64_seed seed = {0x0123456789abcdef, {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9}};

static int set_up(void **state)
{
	memset(memory, 0, sizeof(memory));
	return buckets_init(&table, memory, BUCKETS, &seed, true);
}

static int tear_down(void **state)
{
	buckets_free(&table);
	return 0;
}

static void a_key_is_new_once_and_its_info_can_change(void **state)
{
	assert_int_equal(buckets_find(&table, 5), BUCKETS_NO_SLOT);
	assert_int_equal(buckets_put(&table, 5, 1), 1);
	assert_int_equal(buckets_put(&table, 5, 2), 0);
	assert_int_equal(table.keys, 1);
	assert_int_equal(buckets_info(&table, buckets_find(&table, 5)), 2);
	assert_int_equal(buckets_remove(&table, 5), 0);
	assert_int_equal(buckets_remove(&table, 5), -ENOENT);
	assert_int_equal(table.keys, 0);
}

static void the_mark_of_an_empty_slot_is_no_key(void **state)
{
	assert_int_equal(buckets_put(&table, 0, 1), -EINVAL);
	assert_int_equal(buckets_find(&table, 0), BUCKETS_NO_SLOT);
	assert_int_equal(table.keys, 0);
}

/* Inserts as many as fit, and returns their number. */
static uint64_t fill(void)
{
	uint64_t key = 1;

	while (buckets_put(&table, key, key % 64) == 1)
		key++;
	return key - 1;
}

static void a_full_table_keeps_what_it_has_and_announces_that(void **state)
{
	uint64_t count = fill();

	/* with two places for each key, more than half of all slots are used before one finds no
	 * room
	 */
	assert_true(count > BUCKETS * S64_BUCKET_KEYS / 2);
	assert_int_equal(buckets_put(&table, count + 1, 0), -ENOSPC);
	assert_false(buckets_have_room(&table, count + 1));
	assert_true(buckets_have_room(&table, count));
	assert_int_equal(table.keys, count);
	for (uint64_t key = 1; key <= count; key++)
		assert_int_equal(buckets_info(&table, buckets_find(&table, key)), key % 64);
}

static void room_is_announced_exactly_where_there_is_some(void **state)
{
	for (uint64_t key = 1; key < 400; key++) {
		bool room = buckets_have_room(&table, key);

		assert_int_equal(buckets_put(&table, key, 0) == 1, room);
	}
}

static void hits_belong_to_a_key_and_move_with_it(void **state)
{
	uint64_t hits, count;
	uint32_t last;

	buckets_hit(&table, 7, 5, 100);
	buckets_put(&table, 7, 0);
	buckets_hits(&table, 7, &hits, &last);
	assert_true(!hits && !last);
	buckets_hit(&table, 7, 5, 100);
	buckets_hit(&table, 7, 6, 101);
	count = fill();
	(void)count;
	for (uint64_t key = 1; key < 7; key++)
		buckets_hit(&table, key, key, 50);
	buckets_hits(&table, 7, &hits, &last);
	assert_int_equal(hits, 11);
	assert_int_equal(last, 101);
	buckets_hits(&table, 3, &hits, &last);
	assert_int_equal(hits, 3);
	buckets_count_hits(&table, 3, 1000, 60);
	buckets_hits(&table, 3, &hits, &last);
	assert_int_equal(hits, 1000);
	/* hits of a key that is inserted again start at 0 */
	buckets_remove(&table, 3);
	buckets_hits(&table, 3, &hits, &last);
	assert_true(!hits && !last);
	buckets_put(&table, 3, 0);
	buckets_hits(&table, 3, &hits, &last);
	assert_true(!hits && !last);
}

static void every_key_moved_keeps_its_hits(void **state)
{
	uint64_t count = 0, hits;
	uint32_t last;

	for (uint64_t key = 1; buckets_put(&table, key, 0) == 1; key++) {
		buckets_hit(&table, key, key * 10, key);
		count = key;
	}
	for (uint64_t key = 1; key <= count; key++) {
		buckets_hits(&table, key, &hits, &last);
		assert_int_equal(hits, key * 10);
		assert_int_equal(last, key);
	}
}

static void throttles_in_use_are_counted(void **state)
{
	buckets_put(&table, 1, S64_BLOCK_THROTTLE | 5);
	buckets_put(&table, 2, S64_BLOCK_THROTTLE | 5);
	buckets_put(&table, 3, 5);
	assert_int_equal(table.throttled[5], 2);
	buckets_put(&table, 2, S64_BLOCK_THROTTLE | 6);
	assert_int_equal(table.throttled[5], 1);
	assert_int_equal(table.throttled[6], 1);
	buckets_remove(&table, 1);
	assert_int_equal(table.throttled[5], 0);
}

static void a_table_is_taken_over_with_its_keys(void **state)
{
	struct buckets other;
	uint64_t count;

	buckets_put(&table, 1000, S64_BLOCK_THROTTLE | 5);
	count = 1 + fill();
	assert_int_equal(buckets_init(&other, memory, BUCKETS, &seed, false), 0);
	assert_int_equal(other.keys, count);
	assert_int_equal(other.throttled[5], 1);
	assert_int_equal(buckets_remove(&other, 1000), 0);
	assert_int_equal(other.throttled[5], 0);
	buckets_free(&other);
}

static void a_key_that_a_crash_left_in_both_places_is_counted_once(void **state)
{
	struct buckets other;

	for (uint64_t key = 1; key < 20; key++) {
		uint64_t index;
		bool doubled = false;

		memset(memory, 0, sizeof(memory));
		buckets_init(&other, memory, BUCKETS, &seed, false);
		buckets_put(&other, key, 3);
		index = buckets_find(&other, key);
		/* also in its other bucket, which is the one where it is found without the first */
		for (int i = 0; i < BUCKETS && !doubled; i++) {
			if (i == (int)(index / S64_BUCKET_KEYS))
				continue;
			memory[index / S64_BUCKET_KEYS].key[0] = 0;
			memory[i].key[0] = key;
			memory[i].info[0] = 3;
			doubled = buckets_find(&other, key) != BUCKETS_NO_SLOT;
			memory[index / S64_BUCKET_KEYS].key[0] = key;
			if (!doubled)
				memory[i].key[0] = 0;
		}
		buckets_free(&other);
		if (!doubled)
			continue; /* its two buckets are the same one */
		assert_int_equal(buckets_init(&other, memory, BUCKETS, &seed, false), 0);
		assert_int_equal(other.keys, 1);
		assert_int_equal(buckets_info(&other, buckets_find(&other, key)), 3);
		/* a reader checks the second bucket only if this flag is set */
		assert_true(memory[index / S64_BUCKET_KEYS].overflow);
		assert_int_equal(buckets_remove(&other, key), 0);
		assert_int_equal(buckets_find(&other, key), BUCKETS_NO_SLOT);
		buckets_free(&other);
	}
}

static void remove_it(struct buckets *buckets, uint64_t key, void *data)
{
	++*(int *)data;
	buckets_remove(buckets, key);
}

static void a_key_may_be_removed_while_all_are_gone_through(void **state)
{
	uint64_t count = fill();
	int seen = 0;

	buckets_each(&table, remove_it, &seen);
	assert_int_equal(seen, count);
	assert_int_equal(table.keys, 0);
}

static void without_a_seed_a_key_is_its_own_hash(void **state)
{
	struct buckets other;

	assert_int_equal(buckets_init(&other, memory, BUCKETS, NULL, false), 0);
	assert_int_equal(buckets_hash(&other, 77), 77);
	assert_int_not_equal(buckets_hash(&table, 77), 77);
	buckets_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_key_is_new_once_and_its_info_can_change, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_mark_of_an_empty_slot_is_no_key, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_full_table_keeps_what_it_has_and_announces_that,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(room_is_announced_exactly_where_there_is_some,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(hits_belong_to_a_key_and_move_with_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(every_key_moved_keeps_its_hits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(throttles_in_use_are_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_table_is_taken_over_with_its_keys, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			a_key_that_a_crash_left_in_both_places_is_counted_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_key_may_be_removed_while_all_are_gone_through,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_seed_a_key_is_its_own_hash, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
