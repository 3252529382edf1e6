// SPDX-License-Identifier: GPL-2.0-only
/* The sweep clears expired entries of the limiter, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "native.h"
#include "maps/limiter_sweep.h"

#define TAG (5ULL << S64_TAT_BITS)

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (((uint64_t)time.tv_sec * 1000000000 + time.tv_nsec) >> S64_TAT_NS_SHIFT) &
	       S64_TAT_MASK;
}

/* An entry whose time is that far ahead; negative: behind. */
static uint64_t entry(int64_t ahead)
{
	return TAG | ((now() + ahead) & S64_TAT_MASK);
}

static void what_has_expired_is_cleared_and_the_rest_counted(void **state)
{
	struct s64_limiter_bucket *bucket = native_maps.limiter;
	int64_t minute = (60000000000LL >> S64_TAT_NS_SHIFT);

	bucket[0].slot[0] = entry(minute);
	bucket[0].slot[6] = entry(S64_TOLERANCE_MAX);
	/* within the margin between two clocks */
	bucket[1].slot[0] = entry(-(int64_t)S64_TAT_MARGIN / 2);
	bucket[2].slot[0] = entry(-(int64_t)S64_TAT_MARGIN * 2);
	bucket[2].slot[1] = entry(S64_TOLERANCE_MAX + 4 * (int64_t)S64_TAT_MARGIN);
	bucket[2].slot[2] = 12345; /* without a tag: free */
	bucket[native_maps.meta->limiter_buckets - 1].slot[3] = entry(minute);
	assert_int_equal(limiter_sweep(&native_maps), 4);
	assert_int_not_equal(bucket[0].slot[0], 0);
	assert_int_not_equal(bucket[0].slot[6], 0);
	assert_int_not_equal(bucket[1].slot[0], 0);
	assert_int_equal(bucket[2].slot[0], 0);
	assert_int_equal(bucket[2].slot[1], 0);
	assert_int_equal(bucket[2].slot[2], 0);
}

/* A whole round of steps. */
static void round_of(struct limiter_count *count)
{
	for (int i = 0; i < LIMITER_STEPS; i++)
		limiter_count_step(count, &native_maps);
}

static void a_round_of_steps_counts_the_whole_map(void **state)
{
	struct limiter_count count;
	uint32_t last = native_maps.meta->limiter_buckets - 1;

	native_maps.limiter[0].slot[0] = entry(1 << 30);
	limiter_count_start(&count, &native_maps);
	assert_int_equal(count.live, 1);
	native_maps.limiter[last].slot[0] = entry(1 << 30);
	native_maps.limiter[last / 2].slot[0] = entry(1 << 30);
	round_of(&count);
	assert_int_equal(count.live, 3);
	assert_int_equal(count.turn, 1);
	assert_int_equal(count.bucket, 0);
	native_maps.limiter[last].slot[0] = 0;
	native_maps.limiter[0].slot[0] = 0;
	round_of(&count);
	assert_int_equal(count.live, 1);
}

static void a_bucket_held_for_two_rounds_is_set_free(void **state)
{
	struct limiter_count count;

	limiter_count_start(&count, &native_maps);
	native_maps.limiter[3].control = S64_BUCKET_BUSY;
	round_of(&count);
	assert_int_equal(native_maps.limiter[3].control, S64_BUCKET_BUSY | S64_BUCKET_WAS_BUSY);
	round_of(&count);
	assert_int_equal(native_maps.limiter[3].control, 0);
	/* taken again since: another holder */
	native_maps.limiter[3].control = S64_BUCKET_BUSY;
	round_of(&count);
	assert_int_equal(native_maps.limiter[3].control, S64_BUCKET_BUSY | S64_BUCKET_WAS_BUSY);
}

static void a_note_of_a_displaced_source_is_forgotten_after_two_ages(void **state)
{
	struct limiter_count count;
	uint64_t *control = (uint64_t *)&native_maps.limiter[3].control;

	limiter_count_start(&count, &native_maps);
	*control = S64_BUCKET_DISPLACED;
	for (int turn = 0; turn < LIMITER_AGE_TURNS - 1; turn++)
		round_of(&count);
	assert_int_equal(*control, S64_BUCKET_DISPLACED);
	round_of(&count);
	assert_int_equal(*control, S64_BUCKET_WAS_DISPLACED);
	for (int turn = 0; turn < LIMITER_AGE_TURNS; turn++)
		round_of(&count);
	assert_int_equal(*control, 0);
}

static void an_expired_fallback_entry_stays_expired_for_long(void **state)
{
	struct limiter_count count;
	struct s64_limiter_bucket *fallback =
		native_maps.limiter + native_maps.meta->limiter_buckets;
	uint64_t live = (now() + (1 << 30)) & S64_TAT_MASK;

	fallback[0].slot[0] = (now() - 3 * S64_TAT_MARGIN) & S64_TAT_MASK;
	fallback[S64_FALLBACK_BUCKETS - 1].slot[6] = live;
	limiter_count_start(&count, &native_maps);
	round_of(&count);
	assert_int_equal(fallback[S64_FALLBACK_BUCKETS - 1].slot[6], live);
	/* just beyond the margin, so that it reads as expired for as long as possible */
	assert_true(((now() - fallback[0].slot[0]) & S64_TAT_MASK) < 2 * S64_TAT_MARGIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_has_expired_is_cleared_and_the_rest_counted,
						native_setup, native_teardown),
		cmocka_unit_test_setup_teardown(a_round_of_steps_counts_the_whole_map, native_setup,
						native_teardown),
		cmocka_unit_test_setup_teardown(a_bucket_held_for_two_rounds_is_set_free,
						native_setup, native_teardown),
		cmocka_unit_test_setup_teardown(
			a_note_of_a_displaced_source_is_forgotten_after_two_ages, native_setup,
			native_teardown),
		cmocka_unit_test_setup_teardown(an_expired_fallback_entry_stays_expired_for_long,
						native_setup, native_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
