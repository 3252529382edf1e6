// SPDX-License-Identifier: GPL-2.0-only
/* The blocks while they change: an entry that stays is found with its own info; a filter has no
 * false negatives and forgets removed entries; and a source that is no longer plainly blocked is
 * not recalled as such.
 */
#include <stdlib.h>
#include <string.h>

#include "maps/blocklist.h"
#include "world.h"

#define PLAIN	    0
#define THROTTLE(n) (S64_BLOCK_THROTTLE | (n))

static struct blocklist blocklist;
static struct buckets prefixes;

static struct {
	__u64 stays, comes, goes;
	int stays_info, comes_info;
	__u64 was; /* the value of `gone` that a CPU saw before its packet */
} plan;

/* State of a CPU that is known independently of the maps: that the source has been removed. */
static struct s64_cpu_state cpu_state[EXPLORE_CPUS];
static __u64 gone;

/* The nth source with these buckets. */
static __u64 source_of(__u32 first, __u32 second, int n)
{
	for (__u64 src_key = 0x2a00000100000000ULL;; src_key += 0x10000) {
		__u64 hash = s64_hash64(src_key, &world->maps.meta->seed);

		if (bucket_first(hash, WORLD_BUCKETS) == first &&
		    bucket_second(hash, WORLD_BUCKETS) == second && !n--)
			return src_key;
	}
}

static void make(void)
{
	struct error error;

	world_make(1);
	if (blocklist.maps)
		sources_free(&blocklist);
	sources_init(&blocklist, &world->maps, &error);
	blocklist.generation = 1;
	s64_native->block_cache->generation = 0x123456789abcdefULL;
	memset(cpu_state, 0, sizeof(cpu_state));
	gone = 0;
	machine_keep(cpu_state, sizeof(cpu_state));
	machine_name(&gone, sizeof(gone), "removed");
}

static void made(void)
{
	machine_keep(&blocklist, sizeof(blocklist));
	machine_keep(blocklist.bloom_count, 256);
	machine_keep(blocklist.buckets.hits,
		     WORLD_BUCKETS * S64_BUCKET_KEYS * sizeof(*blocklist.buckets.hits));
	machine_keep(blocklist.buckets.last_hit,
		     WORLD_BUCKETS * S64_BUCKET_KEYS * sizeof(*blocklist.buckets.last_hit));
}

static int look(int cpu, __u64 src_key)
{
	struct block_found found;

	machine_packet();
	found = block_lookup(&cpu_state[cpu], src_key);
	block_remember(&cpu_state[cpu], &found);
	machine_packet_end();
	return found.info;
}

/* --- buckets: one that stays is moved, because its slot is needed --- */

static void setup_move(int stays_info, int comes_info)
{
	make();
	plan.stays = source_of(0, 1, 0);
	plan.comes = source_of(0, 0, 6);
	plan.stays_info = stays_info;
	plan.comes_info = comes_info;
	for (int i = 0; i < 6; i++) {
		if (i == 3)
			sources_put(&blocklist, plan.stays, stays_info);
		sources_put(&blocklist, source_of(0, 0, i), PLAIN);
	}
	made();
}

static void setup_move_plain(const struct scenario *scenario)
{
	(void)scenario;
	setup_move(PLAIN, PLAIN);
}

static void setup_move_throttle(const struct scenario *scenario)
{
	(void)scenario;
	setup_move(THROTTLE(1), PLAIN);
}

static void setup_move_for_throttle(const struct scenario *scenario)
{
	(void)scenario;
	setup_move(PLAIN, THROTTLE(2));
}

/* The filter is probed first or, if nearly everything is blocked, the buckets. */
static void setup_move_mostly(const struct scenario *scenario)
{
	(void)scenario;
	setup_move(PLAIN, PLAIN);
	for (int i = 0; i < EXPLORE_CPUS; i++)
		cpu_state[i].blocked_lately = S64_BLOCKED_LATELY_MAX;
	machine_keep(cpu_state, sizeof(cpu_state));
}

static void run_move(int cpu)
{
	if (!cpu) {
		sources_put(&blocklist, plan.comes, plan.comes_info);
		return;
	}
	for (int i = 0; i < 2; i++) {
		int info = look(cpu, plan.stays);

		if (info == S64_BLOCK_NONE)
			machine_fail("a source that stays was not found while it was moved");
		else if (info != plan.stays_info)
			machine_fail("0x%x was said of a source of which 0x%x holds", info,
				     plan.stays_info);
	}
}

/* --- buckets: another entry takes over a slot --- */

static void setup_reuse(const struct scenario *scenario)
{
	(void)scenario;
	make();
	plan.goes = source_of(0, 0, 0);
	plan.comes = source_of(0, 0, 1);
	sources_put(&blocklist, plan.goes, PLAIN);
	made();
}

static void run_reuse(int cpu)
{
	int info;

	if (!cpu) {
		sources_remove(&blocklist, plan.goes);
		sources_put(&blocklist, plan.comes, THROTTLE(1));
		return;
	}
	cpu_state[cpu].blocked_lately = cpu == 1 ? S64_BLOCKED_LATELY_MAX : 0;
	info = look(cpu, plan.comes);
	if (info != S64_BLOCK_NONE && info != THROTTLE(1))
		machine_fail("0x%x was said of a source that came with 0x%x", info, THROTTLE(1));
}

/* --- buckets of prefixes --- */

static __u64 prefix_of_key(__u32 first, __u32 second, int n)
{
	for (__u64 hi = 0x2a00000100000000ULL;; hi += 0x10000) {
		__u64 key = s64_prefix_key(hi, 0, 48, &world->maps.meta->seed);

		if (bucket_first(key, WORLD_BUCKETS) == first &&
		    bucket_second(key, WORLD_BUCKETS) == second && !n--)
			return hi;
	}
}

static void prefix_put(__u64 hi, int info)
{
	buckets_put(&prefixes, s64_prefix_key(hi, 0, 48, &world->maps.meta->seed), info);
}

static void setup_prefixes(const struct scenario *scenario)
{
	(void)scenario;
	make();
	buckets_init(&prefixes, world->maps.prefixes, WORLD_BUCKETS, NULL, false);
	plan.stays = prefix_of_key(0, 1, 0);
	plan.comes = prefix_of_key(0, 0, 6);
	for (int i = 0; i < 6; i++) {
		if (i == 3)
			prefix_put(plan.stays, S64_PREFIX_ALLOW);
		prefix_put(prefix_of_key(0, 0, i), PLAIN);
	}
	made();
	machine_keep(&prefixes, sizeof(prefixes));
}

static void run_prefixes(int cpu)
{
	if (!cpu) {
		prefix_put(plan.comes, PLAIN);
		return;
	}
	for (int i = 0; i < 2; i++) {
		int info;

		machine_packet();
		info = prefix_probe(plan.stays, 0, 48);
		if (info == S64_BLOCK_NONE)
			machine_fail(
				"an allowed prefix that stays was not found while it was moved");
		else if (info != S64_PREFIX_ALLOW)
			machine_fail("0x%x was said of a prefix that is allowed", info);
	}
}

/* --- the Bloom filter --- */

static __u64 bits_of(__u64 src_key, __u32 *word)
{
	__u64 hash = s64_hash64(src_key, &world->maps.meta->seed);

	*word = bloom_word(hash, 1);
	return bloom_bits(hash);
}

/* Another source that shares some bits with this one, and has some of its own. */
static __u64 source_beside(__u64 src_key)
{
	__u32 word, other_word;
	__u64 bits = bits_of(src_key, &word);

	for (__u64 other = 0x2a00000200000000ULL;; other += 0x10000) {
		__u64 other_bits = bits_of(other, &other_word);

		if (word == other_word && bits & other_bits && other_bits & ~bits)
			return other;
	}
}

static void setup_bloom(const struct scenario *scenario)
{
	(void)scenario;
	make();
	plan.stays = source_of(0, 1, 0);
	plan.comes = source_beside(plan.stays);
	sources_put(&blocklist, plan.stays, PLAIN);
	made();
}

static void run_bloom(int cpu)
{
	if (!cpu) {
		for (int i = 0; i < 2; i++) {
			sources_put(&blocklist, plan.comes, PLAIN);
			sources_remove(&blocklist, plan.comes);
		}
		return;
	}
	for (int i = 0; i < 3; i++)
		if (look(cpu, plan.stays) != PLAIN)
			machine_fail(
				"the filter let a blocked source pass while another one came and went");
}

static void check_bloom(void)
{
	__u32 word;
	__u64 bits = bits_of(plan.stays, &word);

	if (world->maps.bloom[0].word[word] != bits)
		machine_fail("the filter holds 0x%llx, and all that is blocked sets 0x%llx",
			     (unsigned long long)world->maps.bloom[0].word[word],
			     (unsigned long long)bits);
}

/* --- block cache --- */

static void setup_cache(const struct scenario *scenario)
{
	(void)scenario;
	make();
	plan.goes = source_of(0, 1, 0);
	plan.stays = source_of(0, 1, 1);
	sources_put(&blocklist, plan.goes, PLAIN);
	sources_put(&blocklist, plan.stays, PLAIN);
	for (int i = 0; i < EXPLORE_CPUS; i++) {
		cpu_state[i].blocked_lately = S64_BLOCKED_LATELY_MAX;
		cpu_state[i].block_cache_score = 8;
	}
	machine_keep(cpu_state, sizeof(cpu_state));
	made();
}

/* The first CPU removes it, or throttles it (`info`), while packets arrive. */
static void cache_writer(int info)
{
	if (info < 0)
		sources_remove(&blocklist, plan.goes);
	else
		sources_put(&blocklist, plan.goes, info);
	machine_say(&gone, 1);
}

static void cache_reader(int cpu, int info)
{
	for (int i = 0; i < 3; i++) {
		__u64 was_gone = machine_look(&gone);
		int found = look(cpu, plan.goes);

		if (was_gone && found != info)
			machine_fail(
				"0x%x was said of a source after the change to %d had returned",
				found, info);
		if (found != PLAIN && found != info)
			machine_fail("0x%x was said of a source that changes from 0 to %d", found,
				     info);
	}
	if (look(cpu, plan.stays) != PLAIN)
		machine_fail("a blocked source was not found");
}

static void run_cache_removed(int cpu)
{
	if (!cpu)
		cache_writer(S64_BLOCK_NONE);
	else
		cache_reader(cpu, S64_BLOCK_NONE);
}

static void run_cache_throttled(int cpu)
{
	if (!cpu)
		cache_writer(THROTTLE(1));
	else
		cache_reader(cpu, THROTTLE(1));
}

/* Removed, blocked again, removed again. */
static void run_cache_again(int cpu)
{
	if (cpu) {
		cache_reader(cpu, S64_BLOCK_NONE);
		return;
	}
	sources_remove(&blocklist, plan.goes);
	sources_put(&blocklist, plan.goes, PLAIN);
	cache_writer(S64_BLOCK_NONE);
}

/* --- long runs: sources are inserted and removed at random among some that stay and are looked up by fifteen others ---
 */

#define LONG_SOURCES 9 /* of 12 slots; a third of them stay */
#define LONG_CHANGES 60
#define LONG_LOOKS   12

static __u64 long_sources[LONG_SOURCES];
static bool long_there[LONG_SOURCES];
static uint32_t long_draw;

static bool long_stays(int i)
{
	return i % 3 == 0;
}

static int long_info(int i)
{
	return i % 2 ? THROTTLE(i) : PLAIN;
}

static void setup_long(const struct scenario *scenario)
{
	(void)scenario;
	/* more than the first bucket holds */
	static const __u32 where[][2] = {{0, 1}, {0, 0}, {0, 0}};

	make();
	for (int i = 0; i < LONG_SOURCES; i++) {
		long_sources[i] = source_of(where[i % 3][0], where[i % 3][1], i);
		long_there[i] = long_stays(i);
		if (long_there[i])
			sources_put(&blocklist, long_sources[i], long_info(i));
	}
	machine_keep(long_there, sizeof(long_there));
	for (int i = 0; i < EXPLORE_CPUS; i += 2)
		cpu_state[i].blocked_lately = S64_BLOCKED_LATELY_MAX;
	machine_keep(cpu_state, sizeof(cpu_state));
	machine_keep(&long_draw, sizeof(long_draw));
	made();
}

static int long_next(void)
{
	long_draw = long_draw * 1664525 + 1013904223;
	return (long_draw >> 16) % LONG_SOURCES;
}

static void run_long(int cpu)
{
	if (!cpu) {
		for (int n = 0; n < LONG_CHANGES; n++) {
			int i = long_next();

			if (long_stays(i)) {
				sources_remove(&blocklist, long_sources[i + 1]);
				long_there[i + 1] = false;
			} else if (!sources_put(&blocklist, long_sources[i], long_info(i))) {
				long_there[i] = true;
			}
		}
		return;
	}
	for (int n = 0; n < LONG_LOOKS; n++) {
		int i = (cpu + n) % LONG_SOURCES, info = look(cpu, long_sources[i]);

		if (info != long_info(i) && (long_stays(i) || info != S64_BLOCK_NONE))
			machine_fail(
				"0x%x was said of a source of which 0x%x holds while others came and went",
				info, long_info(i));
	}
}

/* At the end, the filter contains exactly the remaining entries. */
static void check_long(void)
{
	__u64 bits[sizeof(world->maps.bloom[0].word) / sizeof(__u64)] = {};

	for (int i = 0; i < LONG_SOURCES; i++) {
		__u32 word;
		__u64 of_source = bits_of(long_sources[i], &word);

		if (long_there[i])
			bits[word] |= of_source;
	}
	if (memcmp(bits, world->maps.bloom[0].word, sizeof(bits)))
		machine_fail("the filter does not hold what is blocked, or holds more");
}

/* Unblocked and blocked again many times; `gone` counts, so that whoever saw the same even value
 * before and after knows the state in between.
 */
static void run_cache_long(int cpu)
{
	if (!cpu) {
		for (__u64 n = 0; n < LONG_CHANGES; n++) {
			machine_say(&gone, 4 * n + 1);
			sources_remove(&blocklist, plan.goes);
			machine_say(&gone, 4 * n + 2);
			machine_say(&gone, 4 * n + 3);
			sources_put(&blocklist, plan.goes, PLAIN);
			machine_say(&gone, 4 * n + 4);
		}
		return;
	}
	for (int n = 0; n < LONG_LOOKS; n++) {
		__u64 before = machine_look(&gone);
		int info = look(cpu, plan.goes);

		if (before != machine_look(&gone) || before % 2)
			continue;
		if (info != (before % 4 == 2 ? S64_BLOCK_NONE : PLAIN))
			machine_fail("0x%x was said of a source that was %s all the while", info,
				     before % 4 == 2 ? "not blocked" : "blocked");
	}
}

const struct scenario blocks_scenarios[] = {
	{"buckets", "a source is moved", 2, setup_move_plain, run_move, NULL, .stale = 4},
	{"buckets", "a source is moved", 3, setup_move_plain, run_move, NULL, .stale = 2},
	{"buckets", "a throttled source is moved", 3, setup_move_throttle, run_move, NULL,
	 .stale = 2},
	{"buckets", "a source is moved for a throttled one", 3, setup_move_for_throttle, run_move,
	 NULL, .stale = 2},
	{"buckets", "a source is moved, while most is blocked", 3, setup_move_mostly, run_move,
	 NULL, .stale = 2},
	{"buckets", "a place is taken by another source", 3, setup_reuse, run_reuse, NULL,
	 .stale = 2},
	{"buckets", "a prefix is moved", 2, setup_prefixes, run_prefixes, NULL, .stale = 4},
	{"buckets", "a prefix is moved", 3, setup_prefixes, run_prefixes, NULL, .stale = 2},
	{"bloom", "a source that shares bits comes and goes", 2, setup_bloom, run_bloom,
	 check_bloom, .stale = 3},
	{"bloom", "a source that shares bits comes and goes", 3, setup_bloom, run_bloom,
	 check_bloom, .stale = 2},
	{"block-cache", "a source is unblocked", 2, setup_cache, run_cache_removed, NULL,
	 .stale = 3},
	{"block-cache", "a source is unblocked", 3, setup_cache, run_cache_removed, NULL,
	 .stale = 2},
	{"block-cache", "a source is held to a rate", 3, setup_cache, run_cache_throttled, NULL,
	 .stale = 2},
	{"block-cache", "a source is unblocked twice", 3, setup_cache, run_cache_again, NULL,
	 .stale = 2},
	{"buckets", "sources come and go, long runs", 17, setup_long, run_long, check_long,
	 .random = 200},
	{"block-cache", "a source is unblocked, long runs", 17, setup_cache, run_cache_long, NULL,
	 .random = 200},
	{},
};
