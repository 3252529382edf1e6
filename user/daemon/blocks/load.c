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
#include "base/array.h"
#include "daemon/loop/memory_pieces.h"
#include "maps/source_rules_map.h"

#define PREFETCH_AHEAD 8

/* A source in the store, and its effective action. */
struct source_row {
	struct prefix prefix;
	struct effective_action effective;
};

struct load {
	struct blocks *blocks;
	bool names; /* a prefix that was unknown is known if it has a row */
	struct prefix prefix;
	struct effective_action effective;
	struct source_row *src_key; /* in the order of the store */
	size_t sources, sources_room;
	uint64_t *key; /* wanted sources */
	size_t keys;
	bool ascending; /* each of them is greater than the previous one */
	bool out_of_memory;
	size_t failed;
	struct error error;
};

static void source_add(struct load *load)
{
	if (array_reserve(&load->src_key, &load->sources_room, load->sources + 1,
			  sizeof(*load->src_key))) {
		load->out_of_memory = true;
		return;
	}
	load->src_key[load->sources++] = (struct source_row){load->prefix, load->effective};
}

static void place_row(struct load *load, const struct prefix *prefix,
		      const struct effective_action *effective)
{
	if (load->names && unnamed_name(load->blocks, prefix, &load->error))
		load->failed++;
	if (blocks_sync_effective(load->blocks, prefix, effective, &load->error))
		load->failed++;
}

/* All rows of a prefix have been read. Sources are inserted after all prefixes, because these tell
 * what is within them.
 */
static void place_group(struct load *load)
{
	if (!load->effective.any)
		return;
	if (blocks_target(load->blocks, &load->prefix).is_source)
		source_add(load);
	else
		place_row(load, &load->prefix, &load->effective);
	load->effective = (struct effective_action){};
}

static void key_add(struct load *load, uint64_t src_key)
{
	load->ascending &= !load->keys || load->key[load->keys - 1] < src_key;
	load->key[load->keys++] = src_key;
}

static void place_sources(struct load *load)
{
	struct blocks *blocks = load->blocks;

	for (size_t i = 0; i < load->sources; i++) {
		const struct source_row *row = &load->src_key[i];

		if (i + PREFETCH_AHEAD < load->sources)
			sources_prefetch(
				blocks->blocklist,
				blocks_target(blocks, &row[PREFETCH_AHEAD].prefix).src_key);
		place_row(load, &row->prefix, &row->effective);
		if (!prefix_set_around(blocks_allowed(blocks), &row->prefix))
			key_add(load, blocks_target(blocks, &row->prefix).src_key);
		changes_breathe(blocks->changes);
	}
}

static bool load_row(const struct store_block *block, void *data)
{
	struct load *load = data;
	struct error ignored;

	if (load->effective.any && prefix_compare(&load->prefix, &block->prefix))
		place_group(load);
	load->prefix = block->prefix;
	effective_add(&load->effective, block);
	/* a throttle that waits behind a block has its number too */
	if (block->kind == STORE_THROTTLE)
		throttles_number(&load->blocks->throttles, block->rate, block->burst, &ignored);
	changes_breathe(load->blocks->changes);
	return !load->out_of_memory;
}

/* The same with pauses. */
static int by_value_in_pieces(const void *a, const void *b, void *data)
{
	const struct blocks *blocks = data;

	changes_breathe(blocks->changes);
	return array_by_value(a, b);
}

static void drop_unknown(struct blocklist *blocklist, uint64_t src_key, void *data)
{
	const struct load *load = data;

	if ((!load->keys ||
	     !bsearch(&src_key, load->key, load->keys, sizeof(src_key), array_by_value)) &&
	    !unnamed_has(&load->blocks->unnamed[STORE_SOURCE], src_key))
		sources_remove(blocklist, src_key);
	changes_breathe(load->blocks->changes);
}

/* Prefixes that are sources by the rules now in force, and are among those. */
static void drop_moved(struct blocks *blocks)
{
	const struct prefix_set *set = &blocks->prefixes->blocked;
	const struct prefix *next = prefix_set_next(set, NULL);

	while (next) {
		struct prefix prefix = *next;

		if (blocks_target(blocks, &prefix).is_source)
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
	load->key = malloc((load->sources + 1) * sizeof(*load->key));
	load->out_of_memory |= !load->key;
	if (!err && !load->out_of_memory)
		place_sources(load);
	memory_pieces_free(load->src_key, load->sources_room * sizeof(*load->src_key),
			   load->blocks->changes);
	load->src_key = NULL;
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
static bool has_effective_alone(const struct load *load)
{
	return load->ascending && !load->failed &&
	       sources_count(load->blocks->blocklist) == load->keys;
}

static void drop_unknown_sources(struct load *load)
{
	if (load->keys && !load->ascending)
		qsort_r(load->key, load->keys, sizeof(*load->key), by_value_in_pieces,
			load->blocks);
	sources_each(load->blocks->blocklist, drop_unknown, load);
}

static void drop_unwanted(struct blocks *blocks)
{
	const struct pace pace = {breathe, blocks};
	struct load *load = blocks->loading;

	if (!has_effective_alone(load))
		drop_unknown_sources(load);
	drop_moved(blocks);
	prefixes_prune(blocks->prefixes, blocks->unnamed[STORE_PREFIX].key,
		       blocks->unnamed[STORE_PREFIX].count, &pace);
	blocks->unplaced = load->failed;
	load_free(blocks);
}

/* names: an unknown prefix that has a row is known; not in a change that may be reverted. */
static int stage(struct blocks *blocks, const struct source_rules *rules, bool names,
		 struct error *error)
{
	load_free(blocks);
	if (!blocks->rules_staged)
		blocks->rules_aside = blocks->rules;
	blocks->rules = *rules;
	blocks->rules_staged = true;
	blocks->loading = calloc(1, sizeof(*blocks->loading));
	if (!blocks->loading)
		return error_set(error, -ENOMEM, "out of memory");
	blocks->loading->blocks = blocks;
	blocks->loading->names = names;
	changes_wait_for_packets(blocks->changes);
	source_rules_fill(rules, blocks->maps);
	source_index_open(&blocks->prefixes->source_index);
	blocks_count_forms(blocks);
	return put_all(blocks->loading, error);
}

int blocks_load(struct blocks *blocks, const struct source_rules *rules, struct error *error)
{
	int err = stage(blocks, rules, false, error);

	if (!err && blocks->loading->failed > blocks->unplaced)
		err = error_set(
			error, -ENOSPC,
			"no room for %zu blocks under the new rules about sources: %s; raise maps.blocks or maps.prefixes",
			blocks->loading->failed, blocks->loading->error.text);
	return err;
}

void blocks_loaded(struct blocks *blocks)
{
	struct error error;

	source_rules_switch(blocks->maps);
	blocks->rules_staged = false;
	changes_wait_for_packets(blocks->changes);
	source_rules_fill(&blocks->rules, blocks->maps);
	drop_unwanted(blocks);
	/* an entry with a different key by the new rules starts with the hits of the old one */
	if (hits_kept_load(blocks, &error))
		log_warning("%s; hits of blocks start at 0", error.text);
}

int blocks_unload(struct blocks *blocks, const struct source_rules *rules, struct error *error)
{
	int err = stage(blocks, rules, false, error);

	if (err)
		/* entries wanted only by the old rules stay until the next start */
		load_free(blocks);
	else
		drop_unwanted(blocks);
	blocks->rules_staged = false;
	return err;
}

/* Samples are of packets that were judged by the rules in force, and a refused change has no say in
 * what the text of a list means.
 */
static void on_pause(void *data, bool paused)
{
	struct blocks *blocks = data;
	struct source_rules rules = blocks->rules;

	(void)paused;
	if (!blocks->rules_staged)
		return;
	blocks->rules = blocks->rules_aside;
	blocks->rules_aside = rules;
}

void blocks_follow_changes(struct blocks *blocks, struct changes *changes)
{
	blocks->changes = changes;
	changes_on_pause(changes, on_pause, blocks);
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

int blocks_init(struct blocks *blocks, struct store *store, struct blocklist *blocklist,
		struct prefixes *prefixes, struct maps *maps, const struct maps *before,
		const struct source_rules *rules, struct error *error)
{
	int err;

	memset(blocks, 0, sizeof(*blocks));
	blocks->store = store;
	blocks->blocklist = blocklist;
	blocks->prefixes = prefixes;
	blocks->maps = maps;
	blocks->rules = *rules;
	err = hits_kept_init(&blocks->kept, error);
	if (!err)
		err = blocks_recover(blocks, before ? before : maps, error);
	if (!err)
		err = unnamed_load(blocks, before, error);
	if (!err)
		err = throttles_init(&blocks->throttles, store, maps, &blocklist->buckets,
				     &prefixes->buckets, error);
	if (!err)
		err = store_allowlist(store, load_allow, blocks, error);
	if (!err)
		err = stage(blocks, rules, true, error);
	if (err) {
		load_free(blocks);
		return err;
	}
	if (blocks->loading->failed)
		log_error("%zu blocks are not in force: %s; raise maps.blocks or maps.prefixes",
			  blocks->loading->failed, blocks->loading->error.text);
	blocks_loaded(blocks);
	throttles_release(&blocks->throttles);
	return 0;
}
