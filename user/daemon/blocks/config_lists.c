// SPDX-License-Identifier: GPL-2.0-only
#include "config_lists_internal.h"
#include "kept_out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

int lists_out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory for the lists of the configuration");
}

static int gather_set(struct changes *changes, const struct config_prefixes *list,
		      struct prefix_set *set, struct error *error)
{
	for (size_t i = 0; i < list->count; i++) {
		if (prefix_set_add(set, &list->entry[i].prefix))
			return lists_out_of_memory(error);
		changes_breathe(changes);
	}
	return 0;
}

/* --- into the maps --- */

struct wanted {
	struct changes *changes;
	struct prefix_set set;
};

static bool add_wanted(const struct store_block *row, void *data)
{
	struct wanted *wanted = data;

	changes_breathe(wanted->changes);
	return !prefix_set_add(&wanted->set, &row->prefix);
}

/* Compares what the store allows now with the maps. */
static int compare_allowlist(struct lists *lists, struct error *error)
{
	const struct prefix_set *in_force = blocks_allowed(lists->blocks);
	struct wanted wanted = {.changes = lists->blocks->changes};
	const struct prefix *prefix = NULL;
	int err = store_allowlist(lists->blocks->store, add_wanted, &wanted, error);
	int memory = 0;

	while (!err && !memory && (prefix = prefix_set_next(&wanted.set, prefix))) {
		if (!prefix_set_has(in_force, prefix))
			memory = prefix_set_add(&lists->opened, prefix);
		changes_breathe(wanted.changes);
	}
	prefix = NULL;
	while (!err && !memory && (prefix = prefix_set_next(in_force, prefix))) {
		if (!prefix_set_has(&wanted.set, prefix))
			memory = prefix_set_add(&lists->closed, prefix);
		changes_breathe(wanted.changes);
	}
	prefix_set_free(&wanted.set);
	return err ? err : memory ? lists_out_of_memory(error) : 0;
}

/* What allowed prefixes of the file that go have kept out, and somebody else listed. */
static int check_kept_out(struct lists *lists, struct protected_addresses *protection,
			  const struct actor *actor, bool strict, struct error *error)
{
	struct blocks *blocks = lists->blocks;
	struct prefix_set after = {};
	const struct kept_out kept_out = {blocks,	  protection, actor->caller,
					  &lists->closed, &after,     true};
	char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX];
	const struct prefix *prefix = NULL;
	struct prefix allowed, blocked;
	struct error why;
	int err;

	if (!lists->closed.count || S64_MISTAKE(RELOAD_UNGUARDED))
		return 0;
	err = prefix_set_copy(&after, blocks_allowed(blocks));
	if (!err)
		err = prefix_set_copy(&after, &lists->opened);
	while (!err && (prefix = prefix_set_next(&lists->closed, prefix)))
		prefix_set_remove(&after, prefix);
	if (err) {
		err = lists_out_of_memory(error);
	} else {
		err = kept_out_check(&kept_out, &allowed, &blocked, &why);
		if (err && err != -EPERM)
			*error = why;
	}
	prefix_set_free(&after);
	if (err != -EPERM)
		return err;
	prefix_format(&allowed, text);
	prefix_format(&blocked, other);
	if (!strict) {
		log_warning("%s is no longer allowed, and %s is blocked, although %s", text, other,
			    kept_out_cause(&why));
		return 0;
	}
	error_set(
		error, -EPERM,
		"%s: %s must stay allowed: without it %s would be blocked, and %s; unblock that first, or allow it by hand",
		lists->config->file, text, other, kept_out_cause(&why));
	error_member(error, -EPERM, "would_block", other);
	return error_code(error, -EPERM, ERROR_CONFIG_GUARDED);
}

/* The file's blocks, before and now. */
static void finish_own(struct lists *lists)
{
	const struct prefix *prefix = NULL;

	while ((prefix = prefix_set_next(&lists->files_blocks, prefix))) {
		blocks_sync(lists->blocks, prefix);
		changes_breathe(lists->blocks->changes);
	}
	for (size_t i = 0; i < lists->blocked.count; i++) {
		blocks_sync(lists->blocks, &lists->blocked.entry[i].prefix);
		changes_breathe(lists->blocks->changes);
	}
}

static int close_own(struct lists *lists, struct error *error)
{
	const struct config *config = lists->config;

	for (size_t i = 0; i < config->block.count; i++) {
		const struct prefix *prefix = &config->block.entry[i].prefix;
		char text[PREFIX_TEXT_MAX];
		struct error why = {};
		int err;

		changes_breathe(lists->blocks->changes);
		if (lists->refused[i] || lists_row_find(&lists->blocked, prefix))
			continue;
		err = blocks_bring(lists->blocks, prefix, &why);
		if (err)
			return error_set(error, err, "%s:%u: %s is not blocked: %s%s", config->file,
					 config->block.entry[i].line, prefix_format(prefix, text),
					 why.text[0] ? why.text : strerror(-err),
					 err == -ENOSPC ? "; raise maps.blocks or maps.prefixes" :
							  "");
	}
	return 0;
}

static int check_room(const struct lists *lists, struct error *error)
{
	uint32_t room = lists->blocks->maps->meta->prefixes,
		 used = lists->blocks->prefixes->buckets.keys;

	if (lists->opened.count <= room - used)
		return 0;
	return error_set(
		error, -ENOSPC,
		"%s: the table has no room for %zu more allowed prefixes (it holds %u of %u); raise maps.prefixes, or allow fewer",
		lists->config->file, lists->opened.count, used, room);
}

/* What was allowed is blocked again if somebody blocks it; new blocks are inserted. */
static int close_maps(struct lists *lists, struct error *error)
{
	struct blocks *blocks = lists->blocks;
	const struct prefix *prefix = NULL;
	int err = 0;

	lists->prepared = true;
	while ((prefix = prefix_set_next(&lists->closed, prefix))) {
		prefixes_remove(blocks->prefixes, prefix);
		changes_breathe(blocks->changes);
	}
	blocks_count_forms(blocks);
	if (!source_rules_equal(&blocks->rules, &lists->config->rules))
		return blocks_load(blocks, &lists->config->rules, error);
	prefix = NULL;
	while (!err && (prefix = prefix_set_next(&lists->closed, prefix))) {
		err = blocks_bring_near(blocks, prefix, error);
		changes_breathe(blocks->changes);
	}
	return err ? err : close_own(lists, error);
}

static void allow(struct lists *lists, const struct prefix_set *set)
{
	struct blocks *blocks = lists->blocks;
	const struct prefix *prefix = NULL;
	char text[PREFIX_TEXT_MAX];

	while ((prefix = prefix_set_next(set, prefix))) {
		int err = prefixes_put(blocks->prefixes, prefix, S64_PREFIX_ALLOW);

		if (err)
			log_error("the allowed prefix %s is not in force: %s",
				  prefix_format(prefix, text), strerror(-err));
		changes_breathe(blocks->changes);
	}
	blocks_count_forms(blocks);
}

static void sync_near(struct lists *lists, const struct prefix_set *set)
{
	const struct prefix *prefix = NULL;
	struct error error;

	while ((prefix = prefix_set_next(set, prefix))) {
		int err = blocks_bring_near(lists->blocks, prefix, &error);

		if (err == -ENOSPC)
			log_error("%s", error.text);
		else if (err)
			unsynced_add_allow(lists->blocks, prefix, error.text);
		changes_breathe(lists->blocks->changes);
	}
}

/* --- the steps --- */

static void lists_free(struct lists *lists)
{
	free(lists->blocked.entry);
	free(lists->allowed.entry);
	prefix_set_free(&lists->files_blocks);
	prefix_set_free(&lists->files_allowlist);
	prefix_set_free(&lists->hands_allowlist);
	prefix_set_free(&lists->opened);
	prefix_set_free(&lists->closed);
	free(lists->refused);
	free(lists);
}

void lists_undo(struct lists *lists)
{
	struct blocks *blocks = lists->blocks;
	struct error error;

	store_rollback(blocks->store);
	blocks_rolled_back(blocks);
	if (lists->prepared) {
		allow(lists, &lists->closed);
		if (!source_rules_equal(&blocks->rules, &lists->rules) &&
		    blocks_unload(blocks, &lists->rules, &error))
			log_error("%s", error.text);
		/* twice: if an entry has to return to a full table, another one has left it by then
		 */
		for (int pass = 0; pass < 2; pass++) {
			sync_near(lists, &lists->closed);
			finish_own(lists);
		}
	}
	throttles_reload(&blocks->throttles);
	lists_free(lists);
}

int lists_commit(struct lists *lists, struct error *error)
{
	struct blocks *blocks = lists->blocks;
	int err = store_commit(blocks->store, error);

	if (err) {
		lists_undo(lists);
		return err;
	}
	allow(lists, &lists->opened);
	if (!source_rules_equal(&lists->rules, &blocks->rules))
		blocks_loaded(blocks);
	finish_own(lists);
	sync_near(lists, &lists->opened);
	throttles_release(&blocks->throttles);
	lists_free(lists);
	return 0;
}

int lists_prepare(struct blocks *blocks, const struct actor *actor,
		  struct protected_addresses *protection, const struct config *config, bool strict,
		  struct lists **out, struct error *error)
{
	struct lists *lists = calloc(1, sizeof(*lists));
	int err;

	if (!lists)
		return lists_out_of_memory(error);
	lists->blocks = blocks;
	lists->blocked.changes = lists->allowed.changes = blocks->changes;
	lists->config = config;
	lists->rules = blocks->rules;
	lists->refused = calloc(config->block.count + 1, sizeof(*lists->refused));
	err = lists->refused ? lists_gather(lists, error) : lists_out_of_memory(error);
	if (!err)
		err = gather_set(blocks->changes, &config->block, &lists->files_blocks, error);
	if (!err)
		err = gather_set(blocks->changes, &config->allow, &lists->files_allowlist, error);
	if (!err)
		err = lists_check(lists, protection, actor->caller, strict, error);
	if (!err)
		err = store_begin_idle(blocks->store, error);
	if (err) {
		lists_free(lists);
		return err;
	}
	err = lists_write(lists, actor, error);
	if (!err)
		err = compare_allowlist(lists, error);
	if (!err)
		err = check_kept_out(lists, protection, actor, strict, error);
	if (S64_MISTAKE(RELOAD_OPENS))
		allow(lists, &lists->opened);
	if (!err)
		err = check_room(lists, error);
	/* a full disk fails here, and not later */
	if (!err)
		err = store_flush(blocks->store, error);
	if (!err)
		err = close_maps(lists, error);
	if (!err)
		err = check_room(lists, error);
	if (err) {
		lists_undo(lists);
		return err;
	}
	*out = lists;
	return 0;
}
