// SPDX-License-Identifier: GPL-2.0-only
/* The rules about sites, of which a packet sees one whole set; and the gate before them, which never says too little. */
#include <stdlib.h>
#include <string.h>

#include "maps/packets_wait.h"
#include "maps/prefix_table.h"
#include "net/source_rules.h"
#include "maps/source_rules_map.h"
#include "world.h"

#define ADDRESS 0x2a00111122223344ULL

/* Three sets, by which the address has three sites; without a rule it is its /64. */
#define SETS 3

static struct site_rules rules[SETS];
static const unsigned int lengths[SETS] = {56, 40, 52};

void packets_wait(void)
{
	machine_wait_for_packets();
}

static void rule_add(struct site_rules *set, __u64 hi, unsigned int length,
		     unsigned int site_length)
{
	struct prefix prefix = prefix_of_bits(hi & s64_mask_hi(length), 0, length);
	struct error error;

	if (site_rules_add(set, &prefix, S64_SITE_LENGTH, site_length, &error))
		abort();
}

static void setup_rules(const struct scenario *scenario)
{
	(void)scenario;
	world_make(1);
	memset(rules, 0, sizeof(rules));
	/* a shorter one behind it says otherwise: half of a set is seen */
	for (int i = 0; i < SETS; i++) {
		if (i != 1)
			rule_add(&rules[i], ADDRESS, 48, lengths[i]);
		rule_add(&rules[i], ADDRESS, 32, i == 1 ? lengths[1] : 36);
	}
	site_rules_stage(&rules[0], &world->tables);
	site_rules_switch(&world->tables);
	site_rules_stage(&rules[0], &world->tables);
}

static void reload_and_look(int cpu, int reloads, int looks)
{
	if (!cpu) {
		for (int i = 1; i <= reloads; i++) {
			site_rules_stage(&rules[i % SETS], &world->tables);
			site_rules_switch(&world->tables);
			site_rules_stage(&rules[i % SETS], &world->tables);
		}
		return;
	}
	for (int i = 0; i < looks; i++) {
		__u32 length = 64;
		__u64 site;

		machine_packet();
		site = site_by_rules(ADDRESS, 1, &length);
		machine_packet_end();
		if (length != lengths[0] && length != lengths[1] && length != lengths[2])
			machine_fail("a packet saw half of a set of rules: its site is a /%u",
				     length);
		else if (site != (ADDRESS & s64_mask_hi(length)))
			machine_fail("a packet saw half of a rule");
	}
}

/* A reload, and one more. */
static void run_rules(int cpu)
{
	reload_and_look(cpu, 2, 2);
}

static void run_rules_long(int cpu)
{
	reload_and_look(cpu, 30, 12);
}

/* --- the gate --- */

static struct prefixes prefixes;
static struct prefix stays, comes, special;

static struct prefix prefix_at(__u64 hi)
{
	return prefix_of_bits(hi, 0, 48);
}

static void setup_gate(const struct scenario *scenario)
{
	(void)scenario;
	struct error error;
	__u32 slot;

	world_make(1);
	if (prefixes.tables)
		prefixes_free(&prefixes);
	prefixes_init(&prefixes, &world->tables, &error);
	stays = prefix_at(0x2a00111122220000ULL);
	comes = prefix_at(0x2a00111133330000ULL); /* the same entry of the gate, the same lengths */
	special = prefix_at(0xfc00111133330000ULL);
	/* memory of the writer's own is there before */
	prefixes_put(&prefixes, &comes, 0);
	prefixes_put(&prefixes, &stays, 0);
	prefixes_remove(&prefixes, &comes);
	machine_keep(&prefixes, sizeof(prefixes));
	machine_keep(prefixes.blocked.piece[0], sizeof(size_t) + 2 * sizeof(struct prefix));
	slot = s64_prefix_slot(prefix_hi(&stays), &world->meta.seed);
	machine_keep(prefixes.length_count[slot], sizeof(prefixes.length_count[slot]));
	machine_keep(&prefixes.gate.prefixes[s64_native->gate.entry[0x2a00] - 1][0x1111],
		     sizeof(uint32_t));
	machine_keep(&prefixes.gate.touched[0x2a00], sizeof(uint32_t));
	machine_keep(&prefixes.gate.touched[0xfc00], sizeof(uint32_t));
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
		if (!(gate_flags(hi) & S64_GATE_PREFIXES))
			machine_fail("the gate did not know of a prefix that stays");
		if (prefix_search(hi, 0, 0) != FOUND(48, 0))
			machine_fail("a prefix that stays was not found");
	}
}

static void run_gate(int cpu)
{
	change_and_look(cpu, 1, 2);
}

static void run_gate_long(int cpu)
{
	change_and_look(cpu, 30, 12);
}

/* Where all is special, a page of its own is made for a prefix. */
static void run_page(int cpu)
{
	if (!cpu) {
		gate_add(&prefixes.gate, &special);
		return;
	}
	for (int i = 0; i < 2; i++) {
		machine_packet();
		if (!(gate_flags(prefix_hi(&special)) & S64_GATE_SPECIAL))
			machine_fail(
				"the gate did not know that an address is special while its page was made");
	}
}

const struct scenario rules_scenarios[] = {
	{"rules", "two reloads", 2, setup_rules, run_rules, NULL, .stale = 3},
	{"rules", "two reloads", 3, setup_rules, run_rules, NULL, .stale = 1},
	{"rules", "thirty reloads, long runs", 17, setup_rules, run_rules_long, NULL,
	 .random = 200},
	{"gate", "a prefix beside one that stays", 2, setup_gate, run_gate, NULL, .stale = 3},
	{"gate", "a prefix beside one that stays", 3, setup_gate, run_gate, NULL, .stale = 2},
	{"gate", "a page is made", 2, setup_gate, run_page, NULL, .stale = 2},
	{"gate", "a prefix beside one that stays, long runs", 17, setup_gate, run_gate_long, NULL,
	 .random = 200},
	{},
};
