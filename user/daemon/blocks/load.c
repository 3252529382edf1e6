// SPDX-License-Identifier: GPL-2.0-only
/* Brings the maps to the whole store, at a start and when the source rules change. First, wanted
 * entries are inserted where the new rules want them; then the new rules come into force; then
 * unwanted entries are removed. So nothing that is blocked before and after is open in between.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "blocks_internal.h"
#include "base/log.h"
#include "daemon/loop/memory_pieces.h"
#include "maps/source_rules_map.h"

#define PREFETCH_AHEAD 8

/* A source in the store, and its effective action. */
struct site_row {
	struct prefix prefix;
	struct wanted wanted;
};

struct load {
	struct blocks *blocks;
	bool names; /* a prefix that was unknown is known if it has a row */
	struct prefix prefix;
	struct wanted wanted;
	struct site_row *site; /* in the order of the store */
	size_t sites, sites_room;
	uint64_t *key; /* wanted sources */
	size_t keys;
	bool ascending; /* each of them is greater than the previous one */
	bool out_of_memory;
	size_t failed;
	struct error error;
};

static void site_add(struct load *load)
{
	if (load->sites == load->sites_room) {
		size_t room = load->sites_room ? load->sites_room * 2 : 1024;
		struct site_row *grown = realloc(load->site, room * sizeof(*grown));

		if (!grown) {
			load->out_of_memory = true;
			return;
		}
		load->site = grown;
		load->sites_room = room;
	}
	load->site[load->sites++] = (struct site_row){load->prefix, load->wanted};
}

static void place_row(struct load *load, const struct prefix *prefix, const struct wanted *wanted)
{
	if (load->names && unnamed_name(load->blocks, prefix, &load->error))
		load->failed++;
	if (blocks_settle_wanted(load->blocks, prefix, wanted, &load->error))
		load->failed++;
}

/* All rows of a prefix have been read. Sources are inserted after all prefixes, because these tell
 * what is within them.
 */
static void place_group(struct load *load)
{
	if (!load->wanted.any)
		return;
	if (blocks_unit(load->blocks, &load->prefix).is_site)
		site_add(load);
	else
		place_row(load, &load->prefix, &load->wanted);
	load->wanted = (struct wanted){};
}

static void key_add(struct load *load, uint64_t site)
{
	load->ascending &= !load->keys || load->key[load->keys - 1] < site;
	load->key[load->keys++] = site;
}

static void place_sites(struct load *load)
{
	struct blocks *blocks = load->blocks;

	for (size_t i = 0; i < load->sites; i++) {
		const struct site_row *row = &load->site[i];

		if (i + PREFETCH_AHEAD < load->sites)
			sites_prefetch(blocks->sites,
				       blocks_unit(blocks, &row[PREFETCH_AHEAD].prefix).site);
		place_row(load, &row->prefix, &row->wanted);
		if (!prefix_set_around(blocks_allowed(blocks), &row->prefix))
			key_add(load, blocks_unit(blocks, &row->prefix).site);
		changes_breathe(blocks->changes);
	}
}

static bool load_row(const struct store_block *block, void *data)
{
	struct load *load = data;
	struct error ignored;

	if (load->wanted.any && prefix_compare(&load->prefix, &block->prefix))
		place_group(load);
	load->prefix = block->prefix;
	blocks_want(&load->wanted, block);
	/* a throttle that waits behind a block has its number too */
	if (block->kind == STORE_THROTTLE)
		throttles_number(&load->blocks->throttles, block->rate, block->burst, &ignored);
	changes_breathe(load->blocks->changes);
	return !load->out_of_memory;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The same with pauses. */
static int by_value_in_pieces(const void *a, const void *b, void *data)
{
	const struct blocks *blocks = data;

	changes_breathe(blocks->changes);
	return by_value(a, b);
}

static void drop_unknown(struct sites *sites, uint64_t site, void *data)
{
	const struct load *load = data;

	if ((!load->keys || !bsearch(&site, load->key, load->keys, sizeof(site), by_value)) &&
	    !unnamed_has(&load->blocks->unnamed[STORE_SITE], site))
		sites_remove(sites, site);
	changes_breathe(load->blocks->changes);
}

/* Prefixes that are sources by the rules now in force, and are among those. */
static void drop_moved(struct blocks *blocks)
{
	const struct prefix_set *set = &blocks->prefixes->blocked;
	const struct prefix *next = prefix_set_next(set, NULL);

	while (next) {
		struct prefix prefix = *next;

		if (blocks_unit(blocks, &prefix).is_site)
			prefixes_remove(blocks->prefixes, &prefix);
		changes_breathe(blocks->changes);
		next = prefix_set_next(set, &prefix);
	}
}

static void load_free(struct blocks *blocks)
{
	if (blocks->loading)
		free(blocks->loading->key);
	free(blocks->loading);
	blocks->loading = NULL;
}

static int put_all(struct load *load, struct error *error)
{
	struct store *store = load->blocks->store;
	bool writes = load->names && unnamed_count(load->blocks);
	int err = writes ? store_begin(store, error) : 0;

	if (!err)
		err = store_blocks(store, load_row, load, error);
	place_group(load);
	load->ascending = true;
	load->key = malloc((load->sites + 1) * sizeof(*load->key));
	load->out_of_memory |= !load->key;
	if (!err && !load->out_of_memory)
		place_sites(load);
	memory_pieces_free(load->site, load->sites_room * sizeof(*load->site),
			   load->blocks->changes);
	load->site = NULL;
	if (!err && load->out_of_memory)
		err = error_set(error, -ENOMEM, "out of memory for the blocks of the store");
	if (writes && !err)
		err = store_commit(store, error);
	else if (writes)
		store_rollback(store);
	return err;
}

static void breathe(void *data)
{
	changes_breathe(((struct blocks *)data)->changes);
}

/* Every wanted entry is present, and there are no others: the usual case after a start. */
static bool has_wanted_alone(const struct load *load)
{
	return load->ascending && !load->failed && sites_count(load->blocks->sites) == load->keys;
}

static void drop_unknown_sites(struct load *load)
{
	if (load->keys && !load->ascending)
		qsort_r(load->key, load->keys, sizeof(*load->key), by_value_in_pieces,
			load->blocks);
	sites_each(load->blocks->sites, drop_unknown, load);
}

static void drop_unwanted(struct blocks *blocks)
{
	const struct pace pace = {breathe, blocks};
	struct load *load = blocks->loading;

	if (!has_wanted_alone(load))
		drop_unknown_sites(load);
	drop_moved(blocks);
	prefixes_settle(blocks->prefixes, blocks->unnamed[STORE_PREFIX].key,
			blocks->unnamed[STORE_PREFIX].count, &pace);
	blocks->unplaced = load->failed;
	load_free(blocks);
}

/* names: an unknown prefix that has a row is known; not in a change that may be reverted. */
static int stage(struct blocks *blocks, const struct site_rules *rules, bool names,
		 struct error *error)
{
	load_free(blocks);
	blocks->loading = calloc(1, sizeof(*blocks->loading));
	if (!blocks->loading)
		return error_set(error, -ENOMEM, "out of memory");
	blocks->loading->blocks = blocks;
	blocks->loading->names = names;
	blocks->rules = *rules;
	site_rules_stage(rules, blocks->tables);
	gate_open(&blocks->prefixes->gate);
	blocks_count_forms(blocks);
	return put_all(blocks->loading, error);
}

int blocks_load(struct blocks *blocks, const struct site_rules *rules, struct error *error)
{
	int err = stage(blocks, rules, false, error);

	if (!err && blocks->loading->failed > blocks->unplaced)
		err = error_set(
			error, -ENOSPC,
			"%zu blocks find no room under the new rules about sites: %s; raise state.blocks or state.prefixes",
			blocks->loading->failed, blocks->loading->error.text);
	return err;
}

void blocks_loaded(struct blocks *blocks)
{
	struct error error;

	site_rules_switch(blocks->tables);
	site_rules_stage(&blocks->rules, blocks->tables);
	drop_unwanted(blocks);
	/* an entry with a different key by the new rules starts with the hits of the old one */
	if (hits_kept_load(blocks, &error))
		log_warning("%s; hits of blocks begin anew", error.text);
}

int blocks_unload(struct blocks *blocks, const struct site_rules *rules, struct error *error)
{
	int err = stage(blocks, rules, false, error);

	if (err)
		/* entries wanted only by the old rules stay until the next start */
		load_free(blocks);
	else
		drop_unwanted(blocks);
	return err;
}

static bool load_allow(const struct store_block *allow, void *data)
{
	struct blocks *blocks = data;
	char text[PREFIX_TEXT_MAX];
	struct error error;
	int err = prefixes_put(blocks->prefixes, &allow->prefix, S64_PREFIX_ALLOW);

	if (!err && unnamed_name_allow(blocks, &allow->prefix, &error))
		log_error("%s: %s", prefix_format(&allow->prefix, text), error.text);
	if (err)
		log_error("the allowed prefix %s is not in force: %s",
			  prefix_format(&allow->prefix, text), strerror(-err));
	return true;
}

int blocks_init(struct blocks *blocks, struct store *store, struct sites *sites,
		struct prefixes *prefixes, struct tables *tables, const struct tables *before,
		const struct site_rules *rules, struct error *error)
{
	int err;

	memset(blocks, 0, sizeof(*blocks));
	blocks->store = store;
	blocks->sites = sites;
	blocks->prefixes = prefixes;
	blocks->tables = tables;
	blocks->rules = *rules;
	err = hits_kept_init(&blocks->kept, error);
	if (!err)
		err = blocks_salvage(blocks, before ? before : tables, error);
	if (!err)
		err = unnamed_load(blocks, before, error);
	if (!err)
		err = throttles_init(&blocks->throttles, store, tables, &sites->buckets,
				     &prefixes->buckets, error);
	if (!err)
		err = store_allows(store, load_allow, blocks, error);
	if (!err)
		err = stage(blocks, rules, true, error);
	if (err) {
		load_free(blocks);
		return err;
	}
	if (blocks->loading->failed)
		log_error("%zu blocks are not in force: %s; raise state.blocks or state.prefixes",
			  blocks->loading->failed, blocks->loading->error.text);
	blocks_loaded(blocks);
	throttles_release(&blocks->throttles);
	return 0;
}
