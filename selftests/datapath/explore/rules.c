// SPDX-License-Identifier: GPL-2.0-only
/* The source rules, of which a packet sees one complete set; and the source index in front of them,
 * which never announces too little.
 */
#include <stdlib.h>
#include <string.h>

#include "maps/packets_wait.h"
#include "maps/prefix_table.h"
#include "net/source_rules.h"
#include "maps/source_rules_map.h"
#include "world.h"

#define ADDRESS 0x2a00111122223344ULL

/* Three sets, by which the address has three sources; without a rule it is its /64. */
#define SETS 3

static struct source_rules rules[SETS];
static const unsigned int lengths[SETS] = {56, 40, 52};

void packets_wait(void)
{
	machine_wait_for_packets();
}

static void rule_add(struct source_rules *set, __u64 hi, unsigned int length,
		     unsigned int source_length)
{
	struct prefix prefix = prefix_of_bits(hi & s64_mask_hi(length), 0, length);
	struct error error;

	if (source_rules_add(set, &prefix, S64_SOURCE_KIND_LENGTH, source_length, &error))
		abort();
}

static void setup_rules(const struct scenario *scenario)
{
	(void)scenario;
	world_make(1);
	memset(rules, 0, sizeof(rules));
	/* a shorter rule behind it contradicts it, so half of a set is noticed */
	for (int i = 0; i < SETS; i++) {
		if (i != 1)
			rule_add(&rules[i], ADDRESS, 48, lengths[i]);
		rule_add(&rules[i], ADDRESS, 32, i == 1 ? lengths[1] : 36);
	}
	source_rules_stage(&rules[0], &world->maps);
	source_rules_switch(&world->maps);
	source_rules_stage(&rules[0], &world->maps);
}

static void reload_and_look(int cpu, int reloads, int looks)
{
	if (!cpu) {
		for (int i = 1; i <= reloads; i++) {
			source_rules_stage(&rules[i % SETS], &world->maps);
			source_rules_switch(&world->maps);
			source_rules_stage(&rules[i % SETS], &world->maps);
		}
		return;
	}
	for (int i = 0; i < looks; i++) {
		__u32 length = 64;
		__u64 src_key;

		machine_packet();
		src_key = src_key_by_rules(ADDRESS, 1, &length);
		machine_packet_end();
		if (length != lengths[0] && length != lengths[1] && length != lengths[2])
			machine_fail("a packet saw half of a set of rules: its source is a /%u",
				     length);
		else if (src_key != (ADDRESS & s64_mask_hi(length)))
			machine_fail("a packet saw half of a rule");
	}
}

/* A reload, and another one. */
static void run_rules(int cpu)
{
	reload_and_look(cpu, 2, 2);
}

static void run_rules_long(int cpu)
{
	reload_and_look(cpu, 30, 12);
}

/* --- the source index --- */

static struct prefixes prefixes;
static struct prefix stays, comes, special;

static struct prefix prefix_at(__u64 hi)
{
	return prefix_of_bits(hi, 0, 48);
}

static void setup_source_index(const struct scenario *scenario)
{
	(void)scenario;
	struct error error;
	__u32 slot;

	world_make(1);
	if (prefixes.maps)
		prefixes_free(&prefixes);
	prefixes_init(&prefixes, &world->maps, &error);
	stays = prefix_at(0x2a00111122220000ULL);
	comes = prefix_at(
		0x2a00111133330000ULL); /* the same entry of the source index, the same lengths */
	special = prefix_at(0xfc00111133330000ULL);
	/* the writer's private memory is allocated before */
	prefixes_put(&prefixes, &comes, 0);
	prefixes_put(&prefixes, &stays, 0);
	prefixes_remove(&prefixes, &comes);
	machine_keep(&prefixes, sizeof(prefixes));
	machine_keep(prefixes.blocked.piece[0], sizeof(size_t) + 2 * sizeof(struct prefix));
	slot = s64_prefix_slot(prefix_hi(&stays), &world->maps.meta->seed);
	machine_keep(prefixes.length_count[slot], sizeof(prefixes.length_count[slot]));
	machine_keep(&prefixes.source_index.prefixes[s64_native->index->entry[0x2a00] - 1][0x1111],
		     sizeof(uint32_t));
	machine_keep(&prefixes.source_index.touched[0x2a00], sizeof(uint32_t));
	machine_keep(&prefixes.source_index.touched[0xfc00], sizeof(uint32_t));
	machine_keep(prefixes.buckets.hits,
		     WORLD_BUCKETS * S64_BUCKET_KEYS * sizeof(*prefixes.buckets.hits));
	machine_keep(prefixes.buckets.last_hit,
		     WORLD_BUCKETS * S64_BUCKET_KEYS * sizeof(*prefixes.buckets.last_hit));
}

static void change_and_look(int cpu, int changes, int looks)
{
	__u64 hi = prefix_hi(&stays);

	if (!cpu) {
		for (int i = 0; i < changes; i++) {
			prefixes_put(&prefixes, &comes, 0);
			prefixes_remove(&prefixes, &comes);
		}
		return;
	}
	for (int i = 0; i < looks; i++) {
		machine_packet();
		if (!(source_index_flags(hi) & S64_SOURCE_INDEX_PREFIXES))
			machine_fail("the source index did not know of a prefix that stays");
		if (prefix_search(hi, 0, 0) != FOUND(48, 0))
			machine_fail("a prefix that stays was not found");
	}
}

static void run_source_index(int cpu)
{
	change_and_look(cpu, 1, 2);
}

static void run_source_index_long(int cpu)
{
	change_and_look(cpu, 30, 12);
}

/* If everything is special, a prefix gets a page of its own. */
static void run_page(int cpu)
{
	if (!cpu) {
		source_index_add(&prefixes.source_index, &special);
		return;
	}
	for (int i = 0; i < 2; i++) {
		machine_packet();
		if (!(source_index_flags(prefix_hi(&special)) & S64_SOURCE_INDEX_SPECIAL))
			machine_fail(
				"the source index did not know that an address is special while its page was made");
	}
}

const struct scenario rules_scenarios[] = {
	{"rules", "two reloads", 2, setup_rules, run_rules, NULL, .stale = 3},
	{"rules", "two reloads", 3, setup_rules, run_rules, NULL, .stale = 1},
	{"rules", "thirty reloads, long runs", 17, setup_rules, run_rules_long, NULL,
	 .random = 200},
	{"source-index", "a prefix beside one that stays", 2, setup_source_index, run_source_index,
	 NULL, .stale = 3},
	{"source-index", "a prefix beside one that stays", 3, setup_source_index, run_source_index,
	 NULL, .stale = 2},
	{"source-index", "a page is made", 2, setup_source_index, run_page, NULL, .stale = 2},
	{"source-index", "a prefix beside one that stays, long runs", 17, setup_source_index,
	 run_source_index_long, NULL, .random = 200},
	{},
};
