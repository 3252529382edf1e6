// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/blocklist.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c */
/* The writer of the block table, checked against its reader, the datapath. */
#include <pthread.h>
#include <stdio.h>

#include "native.h"
#include "maps/blocklist.h"

static struct blocklist blocklist;

static int setup(void **state)
{
	struct error error;

	native_setup(state);
	return sources_init(&blocklist, &native_maps, &error);
}

static int teardown(void **state)
{
	sources_free(&blocklist);
	return native_teardown(state);
}

/* The n-th of many unrelated sources. */
static uint64_t nth(uint64_t n)
{
	n = (n + 1) * 0x9e3779b97f4a7c15ULL;
	return 0x2000000000000000ULL | (n ^ n >> 31) >> 3;
}

/* States of a CPU: when little is blocked, and when nearly everything is, without and with the
 * block cache.
 */
static const struct s64_cpu_state calm,
	flood = {.blocked_lately = S64_BLOCKED_LATELY_MAX, .left = 1},
	recalling = {.blocked_lately = S64_BLOCKED_LATELY_MAX, .left = 1, .block_cache_score = 8};

/* A lookup that remembers its result. */
static struct block_found recall(uint64_t src_key)
{
	struct s64_cpu_state cpu_state = recalling;
	struct block_found found = block_lookup(&cpu_state, src_key);

	block_remember(&cpu_state, &found);
	return found;
}

/* All ways of looking it up agree. */
static int lookup(uint64_t src_key)
{
	int info = block_lookup(&calm, src_key).info;

	assert_int_equal(block_lookup(&flood, src_key).info, info);
	assert_int_equal(recall(src_key).info, info);
	assert_int_equal(recall(src_key).info, info);
	return info;
}

static bool blocked(uint64_t src_key)
{
	return lookup(src_key) != S64_BLOCK_NONE;
}

static void what_is_put_in_is_found_and_nothing_else(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < NATIVE_BLOCKS; i++)
		assert_int_equal(sources_put(&blocklist, nth(i), 0), 0);
	for (uint64_t i = 0; i < NATIVE_BLOCKS; i++)
		assert_true(blocked(nth(i)));
	for (uint64_t i = NATIVE_BLOCKS; i < NATIVE_BLOCKS * 8ULL; i++)
		assert_false(blocked(nth(i)));
}

static void a_full_table_says_so_and_keeps_what_it_has(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < NATIVE_BLOCKS; i++)
		sources_put(&blocklist, nth(i), 0);
	assert_int_equal(sources_put(&blocklist, nth(NATIVE_BLOCKS), 0), -ENOSPC);
	assert_false(blocked(nth(NATIVE_BLOCKS)));
	for (uint64_t i = 0; i < NATIVE_BLOCKS; i++)
		assert_true(blocked(nth(i)));
}

static void what_is_removed_is_gone_and_the_filter_forgets_it(void **state)
{
	uint64_t set = 0;

	(void)state;
	for (uint64_t i = 0; i < NATIVE_BLOCKS; i++)
		sources_put(&blocklist, nth(i), 0);
	for (uint64_t i = 0; i < NATIVE_BLOCKS; i += 2)
		assert_int_equal(sources_remove(&blocklist, nth(i)), 0);
	for (uint64_t i = 0; i < NATIVE_BLOCKS; i++)
		assert_int_equal(blocked(nth(i)), i % 2);
	for (uint64_t i = 1; i < NATIVE_BLOCKS; i += 2)
		sources_remove(&blocklist, nth(i));
	assert_int_equal(sources_count(&blocklist), 0);
	for (uint32_t i = 0; i < s64_native->config.bloom_lines; i++)
		for (int j = 0; j < 8; j++)
			set += __builtin_popcountll(s64_native->bloom[i].word[j]);
	assert_int_equal(set, 0);
	assert_int_equal(sources_remove(&blocklist, nth(0)), -ENOENT);
}

static void the_filter_ends_most_clean_lookups(void **state)
{
	unsigned int through = 0;

	(void)state;
	for (uint64_t i = 0; i < NATIVE_BLOCKS; i++)
		sources_put(&blocklist, nth(i), 0);
	for (uint64_t i = 0; i < 100000; i++) {
		uint64_t src_key = nth(1000000 + i);
		uint64_t hash = s64_hash64(src_key, &s64_native->config.seed);
		uint32_t word = bloom_word(hash, s64_native->config.bloom_lines);
		uint64_t bits = bloom_bits(hash);

		through += (s64_native->bloom[word / 8].word[word % 8] & bits) == bits;
	}
	assert_true(through < 6000); /* 6 percent for a full table */
}

static void info_can_be_changed_in_place(void **state)
{
	(void)state;
	sources_put(&blocklist, nth(1), 0);
	sources_put(&blocklist, nth(1), S64_BLOCK_FINER);
	assert_int_equal(lookup(nth(1)), S64_BLOCK_FINER);
	assert_int_equal(sources_count(&blocklist), 1);
}

static void hits_follow_a_source_that_is_moved(void **state)
{
	uint64_t hits;
	uint32_t last;

	(void)state;
	for (uint64_t i = 0; i < NATIVE_BLOCKS / 2; i++) {
		sources_put(&blocklist, nth(i), 0);
		sources_hit(&blocklist, nth(i), i + 1, 1000 + i);
	}
	for (uint64_t i = NATIVE_BLOCKS / 2; i < NATIVE_BLOCKS; i++)
		sources_put(&blocklist, nth(i), 0);
	for (uint64_t i = 0; i < NATIVE_BLOCKS / 2; i++) {
		sources_hits(&blocklist, nth(i), &hits, &last);
		assert_int_equal(hits, i + 1);
		assert_int_equal(last, 1000 + i);
	}
}

static void a_table_that_is_found_is_taken_over(void **state)
{
	struct blocklist again;
	struct error error;

	(void)state;
	for (uint64_t i = 0; i < NATIVE_BLOCKS; i++)
		sources_put(&blocklist, nth(i), 0);
	/* a crash between key and filter, and one between filter and key */
	sources_remove(&blocklist, nth(0));
	s64_native->bloom[5].word[3] |= 1ULL << 17;
	assert_int_equal(sources_init(&again, &native_maps, &error), 0);
	assert_int_equal(sources_count(&again), NATIVE_BLOCKS - 1);
	for (uint64_t i = 1; i < NATIVE_BLOCKS; i++)
		assert_int_equal(sources_remove(&again, nth(i)), 0);
	for (uint32_t i = 0; i < s64_native->config.bloom_lines; i++)
		for (int j = 0; j < 8; j++)
			assert_int_equal(s64_native->bloom[i].word[j], 0);
	sources_free(&again);
}

static void a_move_that_was_broken_off_is_mended(void **state)
{
	uint64_t src_key = nth(7), hash = s64_hash64(src_key, &s64_native->config.seed);
	struct s64_bucket *first =
		&s64_native->blocks[bucket_first(hash, s64_native->config.blocks_buckets)];
	struct s64_bucket *second =
		&s64_native->blocks[bucket_second(hash, s64_native->config.blocks_buckets)];
	struct blocklist again;
	struct error error;

	(void)state;
	first->key[2] = second->key[4] = src_key;
	assert_int_equal(sources_init(&again, &native_maps, &error), 0);
	assert_int_equal(sources_count(&again), 1);
	assert_true(blocked(src_key));
	assert_int_equal(sources_remove(&again, src_key), 0);
	assert_false(blocked(src_key));
	sources_free(&again);
}

/* A reader looks up sources that stay, while a writer fills and empties the rest of the table. */
#define STEADY 2000

static volatile bool stop;
static uint64_t missed, looked, ghosts;

static void *reader(void *arg)
{
	(void)arg;
	for (uint64_t i = 0; !stop; i++) {
		missed += !blocked(nth(i % STEADY));
		ghosts += blocked(nth(10000000 + i % STEADY));
		looked++;
	}
	return NULL;
}

static void a_reader_never_misses_what_stays(void **state)
{
	pthread_t thread;

	(void)state;
	for (uint64_t i = 0; i < STEADY; i++)
		sources_put(&blocklist, nth(i), 0);
	pthread_create(&thread, NULL, reader, NULL);
	for (int round = 0; round < 12; round++) {
		for (uint64_t i = STEADY; i < NATIVE_BLOCKS; i++)
			sources_put(&blocklist, nth(i + round * NATIVE_BLOCKS), 0);
		for (uint64_t i = STEADY; i < NATIVE_BLOCKS; i++)
			sources_remove(&blocklist, nth(i + round * NATIVE_BLOCKS));
	}
	stop = true;
	pthread_join(thread, NULL);
	assert_true(looked > 10000);
	assert_int_equal(missed, 0);
	assert_int_equal(ghosts, 0);
}

static void a_blocked_source_is_recalled_and_nothing_else(void **state)
{
	(void)state;
	sources_put(&blocklist, nth(1), 0);
	sources_put(&blocklist, nth(2), S64_BLOCK_THROTTLE);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(recall(nth(1)).cached, i > 0);
		assert_false(recall(nth(2)).cached);
		assert_false(recall(nth(3)).cached);
	}
}

/* The whole fingerprint counts: a source is not recalled because of another one in its set. */
static void a_word_that_is_nearly_a_sources_does_not_recall_it(void **state)
{
	struct s64_block_cache *block_cache = s64_native->block_cache;
	uint64_t src_key = nth(3), said = src_key ^ block_cache->generation;

	(void)state;
	for (int bit = 0; bit < 64; bit++) {
		for (size_t i = 0; i < S64_BLOCK_CACHE_ENTRIES; i++)
			block_cache->fingerprint[i] = said ^ 1ULL << bit;
		assert_false(recall(src_key).cached);
	}
	for (size_t i = 0; i < S64_BLOCK_CACHE_ENTRIES; i++)
		block_cache->fingerprint[i] =
			i % S64_BLOCK_CACHE_SET == S64_BLOCK_CACHE_SET - 1 ? said : ~said;
	assert_true(recall(src_key).cached);
	memset(block_cache->fingerprint, 0, sizeof(block_cache->fingerprint));
}

static void what_is_not_blocked_any_more_is_not_recalled(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		sources_put(&blocklist, nth(1), 0);
		recall(nth(1));
		assert_true(recall(nth(1)).cached);
		sources_remove(&blocklist, nth(1));
		assert_int_equal(recall(nth(1)).info, S64_BLOCK_NONE);
		sources_put(&blocklist, nth(1), 0);
		recall(nth(1));
		sources_put(&blocklist, nth(1), S64_BLOCK_FINER);
		assert_int_equal(recall(nth(1)).info, S64_BLOCK_FINER);
		sources_remove(&blocklist, nth(1));
	}
}

/* The same for a table taken over at a start. */
static void a_start_forgets_what_was_recalled(void **state)
{
	struct blocklist again;
	struct error error;

	(void)state;
	sources_put(&blocklist, nth(1), 0);
	recall(nth(1));
	assert_true(recall(nth(1)).cached);
	assert_int_equal(sources_init(&again, &native_maps, &error), 0);
	assert_false(recall(nth(1)).cached);
	sources_free(&again);
}

/* The block cache is probed if that is worth it, which means that most packets hit it. */
static void the_block_cache_is_probed_where_sources_come_again(void **state)
{
	struct s64_cpu_state cpu_state = flood;

	(void)state;
	for (uint64_t i = 0; i < NATIVE_BLOCKS; i++)
		sources_put(&blocklist, nth(i), 0);
	for (int round = 0; round < 64; round++)
		for (uint64_t i = 0; i < 1000; i++, cpu_state.left--) {
			struct block_found found = block_lookup(&cpu_state, nth(i));

			assert_int_equal(found.info, 0);
			block_remember(&cpu_state, &found);
		}
	assert_in_range(cpu_state.block_cache_score, S64_BLOCK_CACHE_SCORE_MAX - 8,
			S64_BLOCK_CACHE_SCORE_MAX);
	cpu_state = flood;
	for (uint64_t i = 1000; i < NATIVE_BLOCKS; i++, cpu_state.left--) {
		struct block_found found = block_lookup(&cpu_state, nth(i));

		block_remember(&cpu_state, &found);
	}
	assert_int_equal(cpu_state.block_cache_score, 0);
}

/* One reader recalls a source all the time, while it is inserted and removed. */
static volatile uint64_t gone; /* rounds in which it is absent; an odd number */
static uint64_t stale, recalled;

static void *recaller(void *arg)
{
	(void)arg;
	while (!stop) {
		uint64_t before = gone;
		struct block_found found = recall(nth(7));

		recalled += found.cached;
		stale += found.info != S64_BLOCK_NONE && before % 2 && gone == before;
	}
	return NULL;
}

static void a_source_that_is_gone_is_not_recalled_by_a_reader_that_was_late(void **state)
{
	pthread_t thread;

	(void)state;
	stop = false;
	pthread_create(&thread, NULL, recaller, NULL);
	/* on a busy machine the other thread may start late */
	for (int round = 0;
	     round < 200000 ||
	     (__atomic_load_n(&recalled, __ATOMIC_RELAXED) <= 1000 && round < 100000000);
	     round++) {
		sources_put(&blocklist, nth(7), 0);
		for (volatile int i = 0; i < round % 200; i++)
			;
		sources_remove(&blocklist, nth(7));
		__atomic_add_fetch(&gone, 1, __ATOMIC_SEQ_CST);
		for (volatile int i = 0; i < round % 100; i++)
			;
		__atomic_add_fetch(&gone, 1, __ATOMIC_SEQ_CST);
	}
	stop = true;
	pthread_join(thread, NULL);
	assert_true(recalled > 1000);
	assert_int_equal(stale, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(what_is_put_in_is_found_and_nothing_else),
		T(a_full_table_says_so_and_keeps_what_it_has),
		T(what_is_removed_is_gone_and_the_filter_forgets_it),
		T(the_filter_ends_most_clean_lookups),
		T(info_can_be_changed_in_place),
		T(hits_follow_a_source_that_is_moved),
		T(a_table_that_is_found_is_taken_over),
		T(a_move_that_was_broken_off_is_mended),
		T(a_reader_never_misses_what_stays),
		T(a_blocked_source_is_recalled_and_nothing_else),
		T(a_word_that_is_nearly_a_sources_does_not_recall_it),
		T(what_is_not_blocked_any_more_is_not_recalled),
		T(a_start_forgets_what_was_recalled),
		T(the_block_cache_is_probed_where_sources_come_again),
		T(a_source_that_is_gone_is_not_recalled_by_a_reader_that_was_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
