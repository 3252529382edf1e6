// SPDX-License-Identifier: GPL-2.0-only
/* All of the store into the tables, at a start and when the rules about sites change. What is wanted is put in
 * first, where the rules to come want it; then those come into force; then what nobody wants goes. So nothing
 * that is blocked before and after is open in between.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "blocks_internal.h"
#include "log.h"

struct load {
	struct blocks *blocks;
	bool sites; /* this pass is for those; the other is for prefixes */
	struct prefix prefix;
	struct wanted wanted;
	uint64_t *key; /* sites that are wanted */
	size_t keys, room;
	bool out_of_memory;
	size_t failed;
	struct error error;
};

static void key_add(struct load *load, uint64_t site)
{
	if (load->keys == load->room) {
		size_t room = load->room ? load->room * 2 : 1024;
		uint64_t *grown = realloc(load->key, room * sizeof(*grown));

		if (!grown) {
			load->out_of_memory = true;
			return;
		}
		load->key = grown;
		load->room = room;
	}
	load->key[load->keys++] = site;
}

/* All rows of a prefix have been seen. */
static void place_group(struct load *load)
{
	struct unit unit;

	if (!load->wanted.any)
		return;
	unit = blocks_unit(load->blocks, &load->prefix);
	if (unit.is_site == load->sites) {
		if (blocks_settle_wanted(load->blocks, &load->prefix, &load->wanted, &load->error))
			load->failed++;
		if (unit.is_site && !prefix_set_around(blocks_allowed(load->blocks), &load->prefix))
			key_add(load, unit.site);
	}
	load->wanted = (struct wanted){};
}

static bool load_row(const struct store_block *block, void *data)
{
	struct load *load = data;

	if (load->wanted.any && prefix_compare(&load->prefix, &block->prefix))
		place_group(load);
	load->prefix = block->prefix;
	blocks_want(&load->wanted, block);
	return !load->out_of_memory;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void drop_unknown(struct sites *sites, uint64_t site, void *data)
{
	const struct load *load = data;

	if (!load->keys || !bsearch(&site, load->key, load->keys, sizeof(site), by_value))
		sites_remove(sites, site);
}

/* Prefixes that are sites by the rules now in force, and stand among those. */
static void drop_moved(struct blocks *blocks)
{
	const struct prefix_set *set = &blocks->prefixes->blocked;
	const struct prefix *next = prefix_set_next(set, NULL);

	while (next) {
		struct prefix prefix = *next;

		if (blocks_unit(blocks, &prefix).is_site)
			prefixes_remove(blocks->prefixes, &prefix);
		next = prefix_set_next(set, &prefix);
	}
}

static int load_all(struct blocks *blocks, struct error *error)
{
	struct load load = {.blocks = blocks};
	int err = 0;

	for (int pass = 0; pass < 2 && !err; pass++) {
		load.sites = pass == 1;
		err = store_blocks(blocks->store, load_row, &load, error);
		place_group(&load);
	}
	if (!err && load.out_of_memory)
		err = error_set(error, -ENOMEM, "out of memory for the blocks of the store");
	if (load.failed)
		log_error("%zu blocks are not in force: %s; raise state.blocks or state.prefixes",
			  load.failed, load.error.text);
	if (!err) {
		site_rules_switch(blocks->tables);
		site_rules_stage(&blocks->rules, blocks->tables);
		if (load.keys)
			qsort(load.key, load.keys, sizeof(*load.key), by_value);
		sites_each(blocks->sites, drop_unknown, &load);
		drop_moved(blocks);
		prefixes_settle(blocks->prefixes);
	}
	free(load.key);
	return err;
}

static int stage_rules(struct blocks *blocks, const struct site_rules *rules, struct error *error)
{
	blocks->rules = *rules;
	site_rules_stage(rules, blocks->tables);
	gate_open(&blocks->prefixes->gate);
	blocks_count_forms(blocks);
	return load_all(blocks, error);
}

int blocks_set_rules(struct blocks *blocks, const struct site_rules *rules, struct error *error)
{
	return site_rules_equal(&blocks->rules, rules) ? 0 : stage_rules(blocks, rules, error);
}

static bool load_allow(const struct store_block *allow, void *data)
{
	struct blocks *blocks = data;
	char text[PREFIX_TEXT_MAX];
	int err = prefixes_put(blocks->prefixes, &allow->prefix, S64_PREFIX_ALLOW);

	if (err)
		log_error("the allowed prefix %s is not in force: %s",
			  prefix_format(&allow->prefix, text), strerror(-err));
	return true;
}

int blocks_init(struct blocks *blocks, struct store *store, struct sites *sites,
		struct prefixes *prefixes, struct tables *tables, const struct site_rules *rules,
		struct error *error)
{
	int err;

	memset(blocks, 0, sizeof(*blocks));
	blocks->store = store;
	blocks->sites = sites;
	blocks->prefixes = prefixes;
	blocks->tables = tables;
	blocks->rules = *rules;
	err = blocks_salvage(blocks, error);
	if (!err)
		err = throttles_init(&blocks->throttles, store, tables, error);
	if (!err)
		err = store_allows(store, load_allow, blocks, error);
	return err ? err : stage_rules(blocks, rules, error);
}
