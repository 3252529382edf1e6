// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/limiter_sweep.c */
/* The limiter's map: full or not, wherever a source has its slot, and swept. */

#include "rate_limit_test.h"

static void a_full_table_charges_the_fallback_limit(void **state)
{
	uint64_t none = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	/* fill every slot with live entries of others */
	for (uint32_t i = 0; i < s64_native->config.limiter_buckets; i++)
		for (int j = 0; j < S64_LIMITER_SLOTS; j++)
			s64_native->limiter[i].slot[j] =
				((i * 8ULL + j + 1) << S64_TAT_BITS) |
				((s64_native->now + 100 * SECOND) & S64_TAT_MASK);
	for (int i = 0; i < 1000; i++) {
		uint32_t reason =
			limit_charge(SOURCE(i), s64_src_key_aggregate(SOURCE(i), 0), LIMIT_ID);

		assert_true(reason == S64_REASON_WITHIN_FALLBACK_LIMIT ||
			    reason == S64_REASON_WITHIN_LIMIT);
		none += reason == S64_REASON_WITHIN_FALLBACK_LIMIT;
	}
	assert_true(none > 990); /* tags may collide */
	/* and the colliding entry is over its limit too */
	assert_in_range(offer(SOURCE(5), 10000, 0), 1, 2000);
	assert_int_equal(limit_charge(SOURCE(5), s64_src_key_aggregate(SOURCE(5), 0), LIMIT_ID),
			 S64_REASON_OVER_FALLBACK_LIMIT);
}

static void memory_stays_the_same_for_any_number_of_sources(void **state)
{
	uint64_t passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	/* four times as many as there are slots, each once: all pass */
	for (uint64_t i = 0; i < NATIVE_LIMITER * 4ULL; i++) {
		passed += charge(SOURCE(i));
		s64_native->now += NS(1000000);
	}
	assert_true(passed > NATIVE_LIMITER * 4ULL * 999 / 1000);
}

static void a_rejected_packet_writes_nothing(void **state)
{
	size_t bytes = native_limiter_bytes();
	void *before = malloc(bytes);

	(void)state;
	set_limit(100, 200, 1000, 2000);
	offer(SOURCE(1), 1000, 0);
	memcpy(before, s64_native->limiter, bytes);
	assert_int_equal(offer(SOURCE(1), 1000, 0), 0);
	assert_memory_equal(before, s64_native->limiter, bytes);
	free(before);
}

static void a_source_never_has_the_slot_of_its_48(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1 << 16; i++) {
		uint64_t src_key = s64_hash64(i, &s64_native->config.seed),
			 aggregate = s64_hash64(~i, &s64_native->config.seed);

		assert_true(home_slot_source(src_key) > home_slot_aggregate(aggregate));
		assert_true(home_slot_source(src_key) < S64_LIMITER_SLOTS);
	}
}

/* It is displaced, because its home slot was taken, and is found there when the home slot is free
 * again.
 */
static void a_source_that_lies_elsewhere_gets_no_second_burst(void **state)
{
	uint64_t first = 0x2a01000000010001ULL, second;

	(void)state;
	set_limit(1, 100, 1000, 2000);
	second = same_slot_as(first);
	assert_int_equal(offer(first, 1, 0), 1);
	assert_int_equal(offer(second, 200, 0), 100);
	s64_native->now += 2 * SECOND; /* the first has expired, the second has not */
	/* the packets of two seconds, without a burst */
	assert_int_equal(offer_quickly(second, 200), 2);
}

/* The slot of the /48 is taken by another entry: each of its sources has to search for its entry.
 */
static void a_48_that_lies_elsewhere_is_held_all_the_same(void **state)
{
	const struct s64_limit *limit = &s64_native->limits[LIMIT_ID];
	uint64_t src_key = 0x2a01000000010000ULL;
	struct limit_hashes hashes;
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	hashes = limit_hashes(limit, src_key, s64_src_key_aggregate(src_key, 0));
	limiter_of(hashes.aggregate)->slot[home_slot_aggregate(hashes.aggregate)] =
		tag_of(~hashes.aggregate) | ((s64_native->now + 100 * SECOND) & S64_TAT_MASK);
	for (int i = 0; i < 5000; i++)
		passed += offer_quickly(src_key + i, 1);
	assert_int_equal(passed, 2000);
}

/* To the unit: a slot is free when it has been expired for the margin. */
static void a_slot_is_free_when_it_has_been_over_for_the_margin(void **state)
{
	const struct s64_limit *limit = &s64_native->limits[LIMIT_ID];
	uint64_t src_key = SOURCE(1), time;
	__u64 *own;
	struct limit_hashes hashes;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	hashes = limit_hashes(limit, src_key, s64_src_key_aggregate(src_key, 0));
	own = &limiter_of(hashes.aggregate)->slot[home_slot_source(hashes.source)];
	for (int quickly = 0; quickly < 2; quickly++) {
		for (int left = 0; left < 2; left++) {
			uint64_t other = tag_of(~hashes.source);

			memset(limiter_of(hashes.aggregate), 0, sizeof(struct s64_limiter_bucket));
			s64_native->now += 100 * SECOND;
			time = s64_native->now - S64_TAT_MARGIN + left;
			*own = other | (time & S64_TAT_MASK);
			assert_int_equal(quickly ? offer_quickly(src_key, 1) : charge(src_key), 1);
			assert_true((*own & S64_TAG_MASK) ==
				    (left ? other : tag_of(hashes.source)));
		}
	}
}

/* When the time wraps, an entry of 0 would be ahead: it is free nevertheless. */
static void an_empty_table_charges_nobody_where_the_time_wraps(void **state)
{
	(void)state;
	set_limit(1, 100, 1000, 2000);
	s64_native->now = (s64_native->now | S64_TAT_MASK) - 50 * SECOND;
	assert_int_equal(offer(SOURCE(1), 200, 0), 100);
	assert_int_equal(offer_quickly(SOURCE(2), 200), 100);
}

static void the_fast_path_and_the_search_charge_the_same_entry(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(offer_quickly(SOURCE(i), 100), 100);
		assert_int_equal(offer(SOURCE(i), 150, 0), 100);
		assert_int_equal(offer_quickly(SOURCE(i), 10), 0);
		s64_native->now += NS(100000000);
	}
}

/* The kernel's time, as slash64d computes it. */
static void now_is_the_kernels(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	s64_native->now = ((uint64_t)time.tv_sec * 1000000000 + time.tv_nsec) >> S64_TAT_NS_SHIFT;
}

/* Of three entries, one is not in its home slot. */
static void charge_three(void)
{
	uint64_t first = 0x2a01000000010001ULL;

	set_limit(1, 100, 1000, 2000);
	offer(first, 1, 0);
	offer(same_slot_as(first), 200, 0);
}

/* All entries have expired. */
static void let_end(void)
{
	for (uint32_t i = 0; i < s64_native->config.limiter_buckets; i++)
		for (int j = 0; j < S64_LIMITER_SLOTS; j++) {
			__u64 *entry = &s64_native->limiter[i].slot[j];

			if (*entry)
				*entry = (*entry & ~S64_TAT_MASK) |
					 ((s64_native->now - 400 * SECOND) & S64_TAT_MASK);
		}
}

static void a_sweep_leaves_what_is_live_and_clears_what_is_over(void **state)
{
	(void)state;
	now_is_the_kernels();
	charge_three();
	assert_int_equal(limiter_sweep(&native_maps), 3);
	let_end();
	assert_int_equal(limiter_sweep(&native_maps), 0);
	assert_true(limiter_hash() == 0);
}

static void a_turn(struct limiter_count *count)
{
	for (int i = 0; i < LIMITER_STEPS; i++)
		limiter_count_step(count, &native_maps);
}

static void age(struct limiter_count *count)
{
	for (int i = 0; i < LIMITER_AGE_TURNS; i++)
		a_turn(count);
}

static void a_turn_of_steps_counts_as_a_sweep_does(void **state)
{
	struct limiter_count count = {};

	(void)state;
	now_is_the_kernels();
	charge_three();
	a_turn(&count);
	assert_int_equal(count.live, 3);
	let_end();
	a_turn(&count);
	assert_int_equal(count.live, 0);
	assert_int_equal(count.turn, 2);
}

/* A bucket whose slots are taken for a while: entries inserted meanwhile are in their second
 * bucket.
 */
static void fill_bucket(struct s64_limiter_bucket *bucket, uint64_t live_for)
{
	for (int i = 0; i < S64_LIMITER_SLOTS; i++)
		bucket->slot[i] = (0xabc000ULL + i) << S64_TAT_BITS |
				  ((s64_native->now + live_for) & S64_TAT_MASK);
}

static struct s64_limiter_bucket *bucket_of_48(uint64_t src_key)
{
	return limiter_of(limit_hashes(&s64_native->limits[LIMIT_ID], src_key,
				       s64_src_key_aggregate(src_key, 0))
				  .aggregate);
}

/* similar to hostile 1: room in the first bucket gives no second burst to an entry in the second.
 */
static void a_source_in_its_second_bucket_gets_no_second_burst(void **state)
{
	uint64_t src_key = 0x2a01000000010001ULL;

	(void)state;
	set_limit(1, 100, 0, 0);
	fill_bucket(bucket_of_48(src_key), SECOND);
	assert_int_equal(offer(src_key, 200, 0), 100);
	assert_true(bucket_of_48(src_key)->control == S64_BUCKET_DISPLACED);
	s64_native->now += 2 * SECOND;
	assert_int_equal(offer(src_key, 200, 0), 2);
}

/* After two ages, a bucket forgets that an entry is in its second bucket, but not while it is
 * charged.
 */
static void a_bucket_forgets_its_second_one_after_two_ages(void **state)
{
	struct limiter_count count = {};
	uint64_t src_key = 0x2a01000000010001ULL;

	(void)state;
	now_is_the_kernels();
	set_limit(1, 100, 0, 0);
	fill_bucket(bucket_of_48(src_key), 1);
	assert_int_equal(offer(src_key, 1, 0), 1);
	age(&count);
	assert_true(bucket_of_48(src_key)->control == S64_BUCKET_WAS_DISPLACED);
	assert_int_equal(offer(src_key, 1, 0), 1);
	age(&count);
	assert_true(bucket_of_48(src_key)->control == S64_BUCKET_WAS_DISPLACED);
	age(&count);
	assert_true(bucket_of_48(src_key)->control == 0);
}

/* hostile 12: a /48 without an entry of its own is limited by the one it shares. */
static void a_48_without_an_entry_is_held_by_the_shared_limit(void **state)
{
	uint64_t src_key = 0x2a01000000010000ULL;
	struct s64_limiter_bucket *bucket;
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	bucket = bucket_of_48(src_key);
	for (int i = 0; i < 5000; i++) {
		fill_bucket(bucket, 100 * SECOND);
		passed += charge(src_key + i);
	}
	assert_int_equal(passed, 2000);
}

static __u64 *fallback_entry_of(uint64_t src_key, uint64_t aggregate, int id)
{
	return fallback_entry(limit_hashes(&s64_native->limits[id], src_key, aggregate).aggregate);
}

/* similar to hostile 12: two limits whose entries fall on the same one. Neither takes back what the
 * other charged, however long its burst, nor waits longer than for its own.
 */
static void limits_that_share_an_entry_keep_their_bounds(void **state)
{
	const int slow = S64_LIMIT_THROTTLE + 3;
	struct policy_limit limit = {1, 200, 0, 0};
	uint64_t throttled = 0x2a00000100020003ULL, src_key = SOURCE(1);
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	assert_int_equal(policy_compile_limit(&limit, slow, NATIVE_TICK_NS,
					      &s64_native->limits[slow]),
			 0);
	while (fallback_entry_of(src_key, s64_src_key_aggregate(src_key, 0), LIMIT_ID) !=
	       fallback_entry_of(throttled, throttled, slow))
		src_key += 0x10000;
	for (uint32_t i = 0; i < s64_native->config.limiter_buckets; i++)
		fill_bucket(&s64_native->limiter[i], 200 * SECOND);
	for (int i = 0; i < 10000; i++) {
		passed += !reason_drops(limit_charge(throttled, throttled, slow));
		charge(src_key);
	}
	assert_in_range(passed, 1, 200);
	s64_native->now += 2 * SECOND;
	assert_true(charge(src_key));
}

/* hostile 12: sources alone cannot fill a bucket against the /48s. */
static void a_48_finds_room_beside_any_number_of_sources(void **state)
{
	uint64_t src_key = 0x2a01000000010000ULL;
	struct s64_limiter_bucket *bucket;
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 100, 200);
	bucket = bucket_of_48(src_key);
	fill_bucket(bucket, 100 * SECOND);
	bucket->slot[0] = 0;
	for (int i = 0; i < 1000; i++)
		passed += charge(src_key + i);
	assert_int_equal(passed, 200);
}

/* A bucket that is held, for as long as it is: nobody waits, and no source without an entry passes.
 * One that is held for ever is released.
 */
static void a_bucket_that_is_busy_keeps_nobody_waiting(void **state)
{
	uint64_t src_key = 0x2a01000000010000ULL;
	struct limiter_count count = {};

	(void)state;
	now_is_the_kernels();
	set_limit(100, 200, 1000, 2000);
	assert_int_equal(offer(src_key, 1, 0), 1);
	bucket_of_48(src_key)->control |= S64_BUCKET_BUSY;
	assert_int_equal(offer(src_key, 50, 0), 50);
	assert_int_equal(offer(src_key + 1, 50, 0), 0);
	a_turn(&count);
	assert_int_equal(offer(src_key + 1, 50, 0), 0);
	a_turn(&count);
	assert_int_equal(offer(src_key + 1, 50, 0), 50);
	assert_true(bucket_of_48(src_key)->control == 0);
}

static void who_puts_in_leaves_the_bucket(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	assert_int_equal(offer(SOURCE(1), 300, 0), 200);
	assert_true(bucket_of_48(SOURCE(1))->control == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, native_setup, native_teardown)
		TEST(a_full_table_charges_the_fallback_limit),
		TEST(memory_stays_the_same_for_any_number_of_sources),
		TEST(a_rejected_packet_writes_nothing),
		TEST(a_source_never_has_the_slot_of_its_48),
		TEST(a_source_that_lies_elsewhere_gets_no_second_burst),
		TEST(a_48_that_lies_elsewhere_is_held_all_the_same),
		TEST(a_slot_is_free_when_it_has_been_over_for_the_margin),
		TEST(an_empty_table_charges_nobody_where_the_time_wraps),
		TEST(the_fast_path_and_the_search_charge_the_same_entry),
		TEST(a_sweep_leaves_what_is_live_and_clears_what_is_over),
		TEST(a_turn_of_steps_counts_as_a_sweep_does),
		TEST(a_source_in_its_second_bucket_gets_no_second_burst),
		TEST(a_bucket_forgets_its_second_one_after_two_ages),
		TEST(a_48_without_an_entry_is_held_by_the_shared_limit),
		TEST(limits_that_share_an_entry_keep_their_bounds),
		TEST(a_48_finds_room_beside_any_number_of_sources),
		TEST(a_bucket_that_is_busy_keeps_nobody_waiting),
		TEST(who_puts_in_leaves_the_bucket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
