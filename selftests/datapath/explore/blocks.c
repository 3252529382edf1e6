// SPDX-License-Identifier: GPL-2.0-only
/* The blocks while they change: an entry that stays is found, and what is said of it is its own; a filter has no false
 * negatives and forgets what is gone; and who is no longer plainly blocked is not taken for it because he was.
 */
#include <stdlib.h>
#include <string.h>

#include "maps/blocklist.h"
#include "world.h"

#define PLAIN	    0
#define THROTTLE(n) (S64_BLOCK_THROTTLE | (n))

static struct sites sites;
static struct buckets prefixes;

static struct {
	__u64 stays, comes, goes;
	int stays_info, comes_info;
	__u64 was; /* what a processor saw of `gone` before its packet */
} plan;

/* Of a processor, and what one can know otherwise than by the tables: that it has been removed. */
static struct s64_memory memory[EXPLORE_CPUS];
static __u64 gone;

/* The nth site whose buckets are those. */
static __u64 site_of(__u32 first, __u32 second, int n)
{
	for (__u64 site = 0x2a00000100000000ULL;; site += 0x10000) {
		__u64 hash = s64_hash64(site, &world->meta.seed);

		if (bucket_first(hash, WORLD_BUCKETS) == first &&
		    bucket_second(hash, WORLD_BUCKETS) == second && !n--)
			return site;
	}
}

static void make(void)
{
	struct error error;

	world_make(1);
	if (sites.tables)
		sites_free(&sites);
	sites_init(&sites, &world->tables, &error);
	sites.generation = 1;
	s64_native->recent.generation = 0x123456789abcdefULL;
	memset(memory, 0, sizeof(memory));
	gone = 0;
	machine_keep(memory, sizeof(memory));
	machine_name(&gone, sizeof(gone), "removed");
}

static void made(void)
{
	machine_keep(&sites, sizeof(sites));
	machine_keep(sites.bloom_count, 256);
	machine_keep(sites.buckets.hits,
		     WORLD_BUCKETS * S64_BUCKET_KEYS * sizeof(*sites.buckets.hits));
	machine_keep(sites.buckets.last_hit,
		     WORLD_BUCKETS * S64_BUCKET_KEYS * sizeof(*sites.buckets.last_hit));
}

static int look(int cpu, __u64 site)
{
	struct block_found found;

	machine_packet();
	found = block_lookup(&memory[cpu], site);
	block_remember(&memory[cpu], &found);
	machine_packet_end();
	return found.info;
}

/* --- buckets: one that stays is moved, as its place is needed --- */

static void setup_move(int stays_info, int comes_info)
{
	make();
	plan.stays = site_of(0, 1, 0);
	plan.comes = site_of(0, 0, 6);
	plan.stays_info = stays_info;
	plan.comes_info = comes_info;
	for (int i = 0; i < 6; i++) {
		if (i == 3)
			sites_put(&sites, plan.stays, stays_info);
		sites_put(&sites, site_of(0, 0, i), PLAIN);
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

/* The filter is asked first, or where nearly everything is blocked, the buckets are. */
static void setup_move_mostly(const struct scenario *scenario)
{
	(void)scenario;
	setup_move(PLAIN, PLAIN);
	for (int i = 0; i < EXPLORE_CPUS; i++)
		memory[i].blocked_lately = S64_BLOCKED_LATELY_MAX;
	machine_keep(memory, sizeof(memory));
}

static void run_move(int cpu)
{
	if (!cpu) {
		sites_put(&sites, plan.comes, plan.comes_info);
		return;
	}
	for (int i = 0; i < 2; i++) {
		int info = look(cpu, plan.stays);

		if (info == S64_BLOCK_NONE)
			machine_fail("a site that stays was not found while it was moved");
		else if (info != plan.stays_info)
			machine_fail("0x%x was said of a site of which 0x%x holds", info,
				     plan.stays_info);
	}
}

/* --- buckets: a place is taken by another one --- */

static void setup_reuse(const struct scenario *scenario)
{
	(void)scenario;
	make();
	plan.goes = site_of(0, 0, 0);
	plan.comes = site_of(0, 0, 1);
	sites_put(&sites, plan.goes, PLAIN);
	made();
}

static void run_reuse(int cpu)
{
	int info;

	if (!cpu) {
		sites_remove(&sites, plan.goes);
		sites_put(&sites, plan.comes, THROTTLE(1));
		return;
	}
	memory[cpu].blocked_lately = cpu == 1 ? S64_BLOCKED_LATELY_MAX : 0;
	info = look(cpu, plan.comes);
	if (info != S64_BLOCK_NONE && info != THROTTLE(1))
		machine_fail("0x%x was said of a site that came with 0x%x", info, THROTTLE(1));
}

/* --- buckets of prefixes --- */

static __u64 prefix_of_key(__u32 first, __u32 second, int n)
{
	for (__u64 hi = 0x2a00000100000000ULL;; hi += 0x10000) {
		__u64 key = s64_prefix_key(hi, 0, 48, &world->meta.seed);

		if (bucket_first(key, WORLD_BUCKETS) == first &&
		    bucket_second(key, WORLD_BUCKETS) == second && !n--)
			return hi;
	}
}

static void prefix_put(__u64 hi, int info)
{
	buckets_put(&prefixes, s64_prefix_key(hi, 0, 48, &world->meta.seed), info);
}

static void setup_prefixes(const struct scenario *scenario)
{
	(void)scenario;
	make();
	buckets_init(&prefixes, world->prefixes, WORLD_BUCKETS, NULL, false);
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

static __u64 bits_of(__u64 site, __u32 *word)
{
	__u64 hash = s64_hash64(site, &world->meta.seed);

	*word = bloom_word(hash, 1);
	return bloom_bits(hash);
}

/* Another site that shares bits with one, and has some of its own. */
static __u64 site_beside(__u64 site)
{
	__u32 word, other_word;
	__u64 bits = bits_of(site, &word);

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
	plan.stays = site_of(0, 1, 0);
	plan.comes = site_beside(plan.stays);
	sites_put(&sites, plan.stays, PLAIN);
	made();
}

static void run_bloom(int cpu)
{
	if (!cpu) {
		for (int i = 0; i < 2; i++) {
			sites_put(&sites, plan.comes, PLAIN);
			sites_remove(&sites, plan.comes);
		}
		return;
	}
	for (int i = 0; i < 3; i++)
		if (look(cpu, plan.stays) != PLAIN)
			machine_fail(
				"the filter let a blocked site pass while another one came and went");
}

static void check_bloom(void)
{
	__u32 word;
	__u64 bits = bits_of(plan.stays, &word);

	if (world->bloom[0].word[word] != bits)
		machine_fail("the filter holds 0x%llx, and all that is blocked sets 0x%llx",
			     (unsigned long long)world->bloom[0].word[word],
			     (unsigned long long)bits);
}

/* --- recent sites --- */

static void setup_recent(const struct scenario *scenario)
{
	(void)scenario;
	make();
	plan.goes = site_of(0, 1, 0);
	plan.stays = site_of(0, 1, 1);
	sites_put(&sites, plan.goes, PLAIN);
	sites_put(&sites, plan.stays, PLAIN);
	for (int i = 0; i < EXPLORE_CPUS; i++) {
		memory[i].blocked_lately = S64_BLOCKED_LATELY_MAX;
		memory[i].recent_worth = 8;
	}
	machine_keep(memory, sizeof(memory));
	made();
}

/* Removed by the first, or by the first held to a rate (`info`), while packets come. */
static void recent_writer(int info)
{
	if (info < 0)
		sites_remove(&sites, plan.goes);
	else
		sites_put(&sites, plan.goes, info);
	machine_say(&gone, 1);
}

static void recent_reader(int cpu, int info)
{
	for (int i = 0; i < 3; i++) {
		__u64 was_gone = machine_look(&gone);
		int found = look(cpu, plan.goes);

		if (was_gone && found != info)
			machine_fail("0x%x was said of a site after the change to %d had returned",
				     found, info);
		if (found != PLAIN && found != info)
			machine_fail("0x%x was said of a site that changes from 0 to %d", found,
				     info);
	}
	if (look(cpu, plan.stays) != PLAIN)
		machine_fail("a blocked site was not found");
}

static void run_recent_removed(int cpu)
{
	if (!cpu)
		recent_writer(S64_BLOCK_NONE);
	else
		recent_reader(cpu, S64_BLOCK_NONE);
}

static void run_recent_throttled(int cpu)
{
	if (!cpu)
		recent_writer(THROTTLE(1));
	else
		recent_reader(cpu, THROTTLE(1));
}

/* Removed, blocked again, removed again. */
static void run_recent_again(int cpu)
{
	if (cpu) {
		recent_reader(cpu, S64_BLOCK_NONE);
		return;
	}
	sites_remove(&sites, plan.goes);
	sites_put(&sites, plan.goes, PLAIN);
	recent_writer(S64_BLOCK_NONE);
}

/* --- long runs: sites come and go by chance among some that stay, which fifteen others look for --- */

#define LONG_SITES   9 /* of 12 places; a third of them stay */
#define LONG_CHANGES 60
#define LONG_LOOKS   12

static __u64 long_sites[LONG_SITES];
static bool long_there[LONG_SITES];
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
	for (int i = 0; i < LONG_SITES; i++) {
		long_sites[i] = site_of(where[i % 3][0], where[i % 3][1], i);
		long_there[i] = long_stays(i);
		if (long_there[i])
			sites_put(&sites, long_sites[i], long_info(i));
	}
	machine_keep(long_there, sizeof(long_there));
	for (int i = 0; i < EXPLORE_CPUS; i += 2)
		memory[i].blocked_lately = S64_BLOCKED_LATELY_MAX;
	machine_keep(memory, sizeof(memory));
	machine_keep(&long_draw, sizeof(long_draw));
	made();
}

static int long_next(void)
{
	long_draw = long_draw * 1664525 + 1013904223;
	return (long_draw >> 16) % LONG_SITES;
}

static void run_long(int cpu)
{
	if (!cpu) {
		for (int n = 0; n < LONG_CHANGES; n++) {
			int i = long_next();

			if (long_stays(i)) {
				sites_remove(&sites, long_sites[i + 1]);
				long_there[i + 1] = false;
			} else if (!sites_put(&sites, long_sites[i], long_info(i))) {
				long_there[i] = true;
			}
		}
		return;
	}
	for (int n = 0; n < LONG_LOOKS; n++) {
		int i = (cpu + n) % LONG_SITES, info = look(cpu, long_sites[i]);

		if (info != long_info(i) && (long_stays(i) || info != S64_BLOCK_NONE))
			machine_fail(
				"0x%x was said of a site of which 0x%x holds while others came and went",
				info, long_info(i));
	}
}

/* The filter holds what is there at the end, and no more. */
static void check_long(void)
{
	__u64 bits[sizeof(world->bloom[0].word) / sizeof(__u64)] = {};

	for (int i = 0; i < LONG_SITES; i++) {
		__u32 word;
		__u64 of_site = bits_of(long_sites[i], &word);

		if (long_there[i])
			bits[word] |= of_site;
	}
	if (memcmp(bits, world->bloom[0].word, sizeof(bits)))
		machine_fail("the filter does not hold what is blocked, or holds more");
}

/* Unblocked and blocked again many times; `gone` counts, so that who saw it even before and after knows what was so
 * meanwhile.
 */
static void run_recent_long(int cpu)
{
	if (!cpu) {
		for (__u64 n = 0; n < LONG_CHANGES; n++) {
			machine_say(&gone, 4 * n + 1);
			sites_remove(&sites, plan.goes);
			machine_say(&gone, 4 * n + 2);
			machine_say(&gone, 4 * n + 3);
			sites_put(&sites, plan.goes, PLAIN);
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
			machine_fail("0x%x was said of a site that was %s all the while", info,
				     before % 4 == 2 ? "not blocked" : "blocked");
	}
}

const struct scenario blocks_scenarios[] = {
	{"buckets", "a site is moved", 2, setup_move_plain, run_move, NULL, .stale = 4},
	{"buckets", "a site is moved", 3, setup_move_plain, run_move, NULL, .stale = 2},
	{"buckets", "a throttled site is moved", 3, setup_move_throttle, run_move, NULL,
	 .stale = 2},
	{"buckets", "a site is moved for a throttled one", 3, setup_move_for_throttle, run_move,
	 NULL, .stale = 2},
	{"buckets", "a site is moved, while most is blocked", 3, setup_move_mostly, run_move, NULL,
	 .stale = 2},
	{"buckets", "a place is taken by another site", 3, setup_reuse, run_reuse, NULL,
	 .stale = 2},
	{"buckets", "a prefix is moved", 2, setup_prefixes, run_prefixes, NULL, .stale = 4},
	{"buckets", "a prefix is moved", 3, setup_prefixes, run_prefixes, NULL, .stale = 2},
	{"bloom", "a site that shares bits comes and goes", 2, setup_bloom, run_bloom, check_bloom,
	 .stale = 3},
	{"bloom", "a site that shares bits comes and goes", 3, setup_bloom, run_bloom, check_bloom,
	 .stale = 2},
	{"recent", "a site is unblocked", 2, setup_recent, run_recent_removed, NULL, .stale = 3},
	{"recent", "a site is unblocked", 3, setup_recent, run_recent_removed, NULL, .stale = 2},
	{"recent", "a site is held to a rate", 3, setup_recent, run_recent_throttled, NULL,
	 .stale = 2},
	{"recent", "a site is unblocked twice", 3, setup_recent, run_recent_again, NULL,
	 .stale = 2},
	{"buckets", "sites come and go, long runs", 17, setup_long, run_long, check_long,
	 .random = 200},
	{"recent", "a site is unblocked, long runs", 17, setup_recent, run_recent_long, NULL,
	 .random = 200},
	{},
};
