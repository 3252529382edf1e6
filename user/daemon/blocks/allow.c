// SPDX-License-Identifier: GPL-2.0-only
/* Allowed prefixes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/block_copy.h"
#include "blocks_internal.h"
#include "base/log.h"
#include "daemon/store/log/audit_log.h"
#include "daemon/store/log/undo_text.h"

struct sync {
	struct blocks *blocks;
	struct prefix last;
};

static bool sync_row(const struct store_block *block, void *data)
{
	struct sync *sync = data;

	/* of several rows of one prefix, one is enough */
	if (prefix_compare(&sync->last, &block->prefix))
		blocks_sync(sync->blocks, &block->prefix);
	sync->last = block->prefix;
	changes_breathe(sync->blocks->changes);
	return true;
}

/* Does it overlap with the form of a translator or a tunnel? */
static bool touches_form(const struct blocks *blocks, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < blocks->rules.count; i++) {
		const struct s64_source_rule *rule = &blocks->rules.rule[i];
		struct prefix form = source_rule_prefix(rule);

		if (rule->kind != S64_SOURCE_KIND_NAT64 && rule->kind != S64_SOURCE_KIND_TEREDO &&
		    rule->kind != S64_SOURCE_KIND_6TO4)
			continue;
		if (prefix_contains(prefix, &form) || prefix_contains(&form, prefix))
			return true;
	}
	return false;
}

struct bring {
	struct blocks *blocks;
	struct error *error;
	int err; /* the first one */
	struct prefix last;
};

static bool bring_row(const struct store_block *block, void *data)
{
	struct bring *bring = data;

	char text[PREFIX_TEXT_MAX];

	if (prefix_compare(&bring->last, &block->prefix))
		bring->err = blocks_bring(bring->blocks, &block->prefix, bring->error);
	bring->last = block->prefix;
	if (bring->err == -ENOSPC)
		error_set(
			bring->error, -ENOSPC,
			"no room in the maps for the block of %s, which an allowed prefix had kept out; raise maps.blocks or maps.prefixes, or unblock some",
			prefix_format(&block->prefix, text));
	changes_breathe(bring->blocks->changes);
	return !bring->err;
}

int blocks_bring_near(struct blocks *blocks, const struct prefix *allowed, struct error *error)
{
	const struct prefix all_v4 = prefix_of_v4(0, 0);
	struct bring bring = {.blocks = blocks, .error = error};
	int err = blocks_sync_around(blocks, allowed);

	if (err)
		return error_set(error, err, "%s", strerror(-err));
	err = store_blocks_within(blocks->store, allowed, bring_row, &bring, error);
	if (!err && !bring.err && touches_form(blocks, allowed))
		err = store_blocks_within(blocks->store, &all_v4, bring_row, &bring, error);
	return err ? err : bring.err;
}

void blocks_sync_near(struct blocks *blocks, const struct prefix *allowed)
{
	const struct prefix all_v4 = prefix_of_v4(0, 0);
	struct sync sync = {.blocks = blocks};
	struct error error;
	int err = blocks_sync_around(blocks, allowed);

	if (err)
		error_set(&error, err, "%s", strerror(-err));
	else
		err = store_blocks_within(blocks->store, allowed, sync_row, &sync, &error);
	if (!err && touches_form(blocks, allowed))
		err = store_blocks_within(blocks->store, &all_v4, sync_row, &sync, &error);
	if (err)
		unsynced_add_allow(blocks, allowed, error.text);
}

void blocks_count_forms(struct blocks *blocks)
{
	const struct prefix *allowed = NULL;
	unsigned int forms = 0;

	while ((allowed = prefix_set_next(blocks_allowed(blocks), allowed))) {
		forms += touches_form(blocks, allowed);
		changes_breathe(blocks->changes);
	}
	blocks->allowed_forms = forms;
}

/* What an origin already says about an allowed prefix. */
struct allow_search {
	const char *origin;
	struct block_copy before;
	int err;
};

static bool keep_allow(const struct store_block *row, void *data)
{
	struct allow_search *search = data;

	if (search->origin && strcmp(row->origin, search->origin))
		return true;
	search->err = block_copy_take(&search->before, row);
	return !search->err;
}

static int find_allow(struct blocks *blocks, const struct prefix *prefix,
		      struct allow_search *search, struct error *error)
{
	int err = store_allow_at(blocks->store, prefix, keep_allow, search, error);

	if (!err && search->err)
		err = error_set(error, search->err, "out of memory");
	return err;
}

int blocks_allow_known(struct blocks *blocks, const struct store_block *allow, bool *is_there,
		       bool *is_same, struct error *error)
{
	struct allow_search search = {.origin = allow->origin};
	int err = find_allow(blocks, &allow->prefix, &search, error);

	*is_there = !err && search.before.found;
	*is_same = *is_there && search.before.row.start_ms == allow->start_ms &&
		   block_same_text(search.before.row.reason, allow->reason);
	block_copy_free(&search.before);
	return err;
}

static int store_allow(struct blocks *blocks, const struct actor *actor,
		       const struct store_block *allow, struct error *error)
{
	struct allow_search search = {.origin = allow->origin};
	const struct store_block *before = NULL;
	char text[BLOCK_BEFORE_MAX] = "";
	char *undo = NULL;
	int err = find_allow(blocks, &allow->prefix, &search, error);

	if (search.before.found)
		before = &search.before.row;
	if (!err && before && before->start_ms == allow->start_ms &&
	    block_same_text(before->reason, allow->reason))
		goto out;
	if (!err)
		err = store_begin(blocks->store, error);
	if (err)
		goto out;
	undo = undo_of_allow(blocks->store, before, allow);
	if (before)
		block_before(before, allow, text);
	err = store_allow_put(blocks->store, allow, error);
	if (!err)
		err = store_log_block_change(blocks->store, actor, "allow", allow, text, undo,
					     error);
	err = blocks_store_end(blocks, err, error);
out:
	free(undo);
	block_copy_free(&search.before);
	return err;
}

/* Row by row, because each has its own row in the log, with the previous state. */
static int remove_allow(struct blocks *blocks, const struct actor *actor,
			const struct store_block *row, const struct blocks_why *why,
			struct error *error)
{
	struct store_block gone = {.prefix = row->prefix, .origin = row->origin};
	char *undo = undo_of_allow(blocks->store, row, NULL);
	int err = store_allow_remove(blocks->store, &row->prefix, row->origin, error);

	if (why) {
		gone.reason = why->reason;
		gone.ticket = why->ticket;
	}
	if (!err && !S64_MISTAKE(CHANGE_UNLOGGED))
		err = store_log_block_change(blocks->store, actor, "disallow", &gone, "", undo,
					     error);
	free(undo);
	return err;
}

/* -ENOENT if there is none. */
static int store_disallow(struct blocks *blocks, const struct actor *actor,
			  const struct prefix *prefix, const char *origin,
			  const struct blocks_why *why, struct error *error)
{
	int err = store_begin(blocks->store, error), gone = 0;

	while (!err) {
		struct allow_search search = {.origin = origin};

		err = find_allow(blocks, prefix, &search, error);
		if (!err && !search.before.found)
			break;
		if (!err)
			err = remove_allow(blocks, actor, &search.before.row, why, error);
		gone++;
		block_copy_free(&search.before);
	}
	return blocks_store_end(blocks, err ? err : gone ? 0 : -ENOENT, error);
}

int blocks_allow(struct blocks *blocks, const struct actor *actor, const struct store_block *allow,
		 struct error *error)
{
	bool known = prefix_set_has(blocks_allowed(blocks), &allow->prefix);
	char text[PREFIX_TEXT_MAX];
	struct error ignored;
	int err;

	unnamed_note_allow(blocks, &allow->prefix);
	err = prefixes_put(blocks->prefixes, &allow->prefix, S64_PREFIX_ALLOW);
	if (err)
		return error_set(error, err, "cannot allow %s: %s",
				 prefix_format(&allow->prefix, text),
				 err == -ENOSPC ?
					 "the table is full; raise maps.prefixes or unallow some" :
					 strerror(-err));
	err = store_allow(blocks, actor, allow, error);
	if (err) {
		if (!known) {
			prefixes_remove(blocks->prefixes, &allow->prefix);
			blocks_rolled_back(blocks);
			blocks_sync(blocks, &allow->prefix);
		}
		return err;
	}
	if (unnamed_name_allow(blocks, &allow->prefix, &ignored))
		log_warning("entries whose prefix was unknown end with the next start: %s",
			    ignored.text);
	if (known)
		return 0;
	blocks->allowed_forms += touches_form(blocks, &allow->prefix);
	blocks_sync_near(blocks, &allow->prefix);
	return 0;
}

int blocks_allow_by_hand(struct blocks *blocks, const struct actor *actor,
			 struct store_block *allow, struct block_copy *before, struct error *error)
{
	struct allow_search search = {.origin = allow->origin};
	int err = find_allow(blocks, &allow->prefix, &search, error);

	*before = search.before;
	if (!allow->reason && before->found)
		allow->reason = before->row.reason;
	if (allow->reason && !*allow->reason)
		allow->reason = NULL;
	return err ? err : blocks_allow(blocks, actor, allow, error);
}

static bool is_found(const struct store_block *allow, void *data)
{
	(void)allow;
	*(bool *)data = true;
	return false;
}

void blocks_sync_allow(struct blocks *blocks, const struct prefix *prefix)
{
	bool stands = prefix_set_has(blocks_allowed(blocks), prefix), allowed = false;
	struct error error;

	if (store_allow_at(blocks->store, prefix, is_found, &allowed, &error)) {
		unsynced_add_allow(blocks, prefix, error.text);
		return;
	}
	if (allowed == stands)
		return;
	if (allowed && prefixes_put(blocks->prefixes, prefix, S64_PREFIX_ALLOW))
		log_error(
			"an allowed prefix is not in force: the table is full; raise maps.prefixes");
	else if (allowed)
		blocks->allowed_forms += touches_form(blocks, prefix);
	else if (!prefixes_remove(blocks->prefixes, prefix))
		blocks->allowed_forms -= touches_form(blocks, prefix);
	blocks_sync_near(blocks, prefix);
}

/* --- blocks that it kept out of the maps need room there --- */

struct places {
	struct blocks *blocks;
	const struct prefix *allowed;
	struct prefix last;
	int64_t now_ms;
	uint32_t sources, prefixes;
};

static bool count_place(const struct store_block *row, void *data)
{
	struct places *places = data;
	struct blocks *blocks = places->blocks;
	const struct prefix *around = prefix_set_around(blocks_allowed(blocks), &row->prefix);
	struct block_target target = blocks_target(blocks, &row->prefix);

	changes_breathe(blocks->changes);
	/* already in the maps, or kept out by another allowed prefix */
	if (!around || prefix_compare(around, places->allowed) ||
	    !prefix_compare(&places->last, &row->prefix) ||
	    (row->until_ms && row->until_ms <= places->now_ms))
		return true;
	places->last = row->prefix;
	if (target.is_source)
		places->sources += sources_info(blocks->blocklist, target.src_key) < 0;
	else
		places->prefixes += prefixes_info(blocks->prefixes, &row->prefix) < 0;
	return true;
}

static uint32_t left_of(uint32_t room, uint32_t taken)
{
	return taken < room ? room - taken : 0;
}

static int check_places(struct blocks *blocks, const struct prefix *prefix, struct error *error)
{
	struct prefix wider =
		prefix_around(&prefix->address, prefix->length ? prefix->length - 1 : 0);
	const struct s64_meta *meta = blocks->maps->meta;
	struct places places = {.blocks = blocks, .allowed = prefix, .now_ms = clock_wall_ms()};
	char text[PREFIX_TEXT_MAX];
	bool sources_full;
	int err;

	if (prefix->length && prefix_set_around(blocks_allowed(blocks), &wider))
		return 0;
	err = store_blocks_within(blocks->store, prefix, count_place, &places, error);
	if (err)
		return err;
	sources_full = places.sources > left_of(meta->blocks, sources_count(blocks->blocklist));
	/* its own slot becomes free */
	if (!sources_full &&
	    places.prefixes <= left_of(meta->prefixes, blocks->prefixes->buckets.keys) + 1)
		return 0;
	return error_set(
		error, -ENOSPC,
		"%s stays allowed: no room in the table for all of the %u blocks within it; raise maps.%s or unblock some",
		prefix_format(prefix, text), places.sources + places.prefixes,
		sources_full ? "blocks" : "prefixes");
}

int blocks_unallow(struct blocks *blocks, const struct actor *actor, const struct prefix *prefix,
		   const char *origin, const struct blocks_why *why, struct error *error)
{
	bool allowed_still = false;
	char text[PREFIX_TEXT_MAX];
	int err = store_begin(blocks->store, error);

	if (err)
		return err;
	err = store_disallow(blocks, actor, prefix, origin, why, error);
	if (!err)
		err = store_allow_at(blocks->store, prefix, is_found, &allowed_still, error);
	if (!err && !allowed_still)
		err = check_places(blocks, prefix, error);
	err = blocks_store_end(blocks, err, error);
	if (err == -ENOENT)
		return error_code(error,
				  error_set(error, err, "%s is not an allowed prefix",
					    prefix_format(prefix, text)),
				  ERROR_NOT_ALLOWED);
	if (err || allowed_still)
		return err; /* another origin still allows it */
	prefixes_remove(blocks->prefixes, prefix);
	blocks->allowed_forms -= touches_form(blocks, prefix);
	blocks_sync_near(blocks, prefix);
	return 0;
}
