// SPDX-License-Identifier: GPL-2.0-only
/* The end of an import: its blocks become those of its origin, in one change. */
#include "session_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "daemon/store/log/audit_log.h"

static bool has_block(const struct import_entries *entries, struct changes *changes)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (entries->entry[i].kind != FEED_REMOVE &&
		    (!entries->entry[i].refused || S64_MISTAKE(REFUSED_EMPTY)))
			return true;
		changes_breathe(changes);
	}
	return false;
}

/* CrowdSec's stream contains changes: entries that it does not name stay. */
static bool replaces(const struct import *import)
{
	return import->options.replace &&
	       !(import->options.feed && feed_format_of(import->feed) == FEED_CROWDSEC &&
		 !S64_MISTAKE(STREAM_WHOLE));
}

/* Replacing a set by an incomplete one would lose blocks; so would a list with every line refused.
 */
static int check_whole(struct import *import, struct error *error)
{
	bool cut = feed_is_incomplete(import->feed);

	if (!import->options.replace || import->options.force)
		return 0;
	if (cut) {
		error_set(
			error, -EPERM,
			"the list is incomplete: it has fewer entries than it states; nothing was changed; an import with replace and force accepts it");
		return error_code(error, -EPERM, ERROR_LIST_INCOMPLETE);
	}
	if (replaces(import) && !import->ended &&
	    !has_block(&import->entries, import->imports->blocks->changes)) {
		error_set(
			error, -EPERM,
			"the list has no entry that could be imported, and would empty the origin %s; nothing was changed; an import with replace and force empties it",
			import_origin(import));
		return error_code(error, -EPERM, ERROR_LIST_EMPTY);
	}
	return 0;
}

/* If a download ended at the end of a line, only the size tells. */
static int check_shrink(struct import *import, const struct import_plan *plan, struct error *error)
{
	uint64_t had = plan->changed + plan->removed + plan->unchanged;
	uint64_t stays = plan->changed + plan->added + plan->unchanged + import->ended;

	if (!replaces(import) || import->options.force || stays >= had * import->options.shrink)
		return 0;
	import->result.shrunk = true;
	error_set(
		error, -EPERM,
		"only %" PRIu64 " of %" PRIu64
		" entries would stay, as if the list were truncated; nothing was changed; accepted if written again unchanged, or by an import with replace",
		stays, had);
	return error_code(error, -EPERM, ERROR_LIST_SHRUNK);
}

/* The same content again, as after a restart: durations count from when it was first read. */
static void keep_ends(struct import *import)
{
	int64_t taken_ms = 0, now_ms = import->now_ms;
	struct import_entries *entries = &import->entries;
	size_t kept = 0;

	if (!import->options.feed || !import_origin(import) ||
	    store_feed_get(import->imports->blocks->store, import_origin(import), import->digest,
			   &taken_ms) ||
	    taken_ms > now_ms)
		return;
	for (size_t i = 0; i < entries->count; i++) {
		struct import_entry *entry = &entries->entry[i];

		if (entry->is_relative)
			entry->until_ms += taken_ms - now_ms;
		if (!entry->is_relative || entry->until_ms > now_ms)
			entries->entry[kept++] = *entry;
		else
			import->result.ignored++;
		changes_breathe(import->imports->blocks->changes);
	}
	import->ended = entries->count - kept;
	entries->count = kept;
}

struct row_search {
	bool found;
};

static bool is_of_config(const struct store_block *row, void *data)
{
	struct row_search *search = data;

	search->found |= !strcmp(row->origin, STORE_ORIGIN_CONFIG);
	return !search->found;
}

static bool config_says(struct store *store, const struct import_entry *entry)
{
	struct row_search search = {};
	struct error ignored;

	if (!entry->was_configured)
		return false;
	if (entry->kind == FEED_ALLOW)
		store_allow_at(store, &entry->prefix, is_of_config, &search, &ignored);
	else
		store_block_of(store, &entry->prefix, STORE_ORIGIN_CONFIG, is_of_config, &search,
			       &ignored);
	return search.found;
}

/* An entry that the configuration contains too needs no second row. Which one that is, is known
 * now, and was not when the text came: there may have been a reload since.
 */
static void leave_configured(struct import *import, struct import_entries *entries)
{
	struct blocks *blocks = import->imports->blocks;
	size_t kept = 0;

	for (size_t i = 0; i < entries->count && import->options.restore; i++) {
		if (config_says(blocks->store, &entries->entry[i]))
			import->result.ignored++;
		else
			entries->entry[kept++] = entries->entry[i];
		changes_breathe(blocks->changes);
	}
	if (import->options.restore)
		entries->count = kept;
}

/* Is it the text of a feed that was not taken before? */
static bool is_new_content(const struct import *import)
{
	int64_t taken_ms;

	return import->options.feed && import_origin(import) &&
	       store_feed_get(import->imports->blocks->store, import_origin(import), import->digest,
			      &taken_ms);
}

static int check_strict(struct import *import, struct error *error)
{
	if (!import->options.strict || !import->result.problems)
		return 0;
	return error_set(
		error, -EEXIST,
		"%" PRIu64
		" line%s refused: a strict import applies all or none, and nothing was changed",
		import->result.problems, import->result.problems == 1 ? "" : "s");
}

static int allow_entries(struct import *import, const struct actor *actor, struct error *error)
{
	int err = 0;

	for (size_t i = 0; i < import->allowlist.count && !err; i++) {
		const struct import_entry *entry = &import->allowlist.entry[i];
		struct store_block allow = {
			.prefix = entry->prefix,
			.origin = entry->origin,
			.reason = entry->reason,
			.start_ms = entry->start_ms,
		};
		bool is_there, is_same;

		err = blocks_allow_known(import->imports->blocks, &allow, &is_there, &is_same,
					 error);
		if (!err && !import->options.dry_run)
			err = blocks_allow(import->imports->blocks, actor, &allow, error);
		changes_breathe(import->imports->blocks->changes);
		import->result.added += !err && !is_there;
		import->result.changed += !err && is_there && !is_same;
		import->result.unchanged += !err && is_same;
		import->result.allowlist += !err;
	}
	return err;
}

static void on_refused(const struct import_entry *entry, enum import_cause cause, const char *why,
		       void *data)
{
	struct import *import = data;

	import->result.refused++;
	import->result.refused_by[cause]++;
	import_problem(import, entry->line, why);
}

/* The log names whoever restores a backup before what the restore does. */
static int log_restore(struct import *import, const struct actor *actor, struct error *error)
{
	struct store_change change = {.action = "restore", .is_nothing = true};
	char detail[512];
	int n;

	if (!import->entries.count && !import->allowlist.count && !import->ifaces)
		return 0;
	n = snprintf(detail, sizeof(detail), "%zu blocks and throttles, %zu allowed prefixes",
		     import->entries.count, import->allowlist.count);

	for (size_t i = 0; i < import->ifaces && n < (int)sizeof(detail); i++)
		n += snprintf(detail + n, sizeof(detail) - n, "%s%s (%s%s%s)",
			      i ? ", " : "; interfaces: ", import->iface[i].name,
			      import->iface[i].mode, import->iface[i].filter[0] ? ", " : "",
			      import->iface[i].filter);
	change.detail = detail;
	return store_log_add(import->imports->blocks->store, actor, &change, error);
}

static int check_all(struct import *import, struct error *error)
{
	int err = check_strict(import, error);

	return err ? err : check_whole(import, error);
}

/* What a feed says, and that it was taken, are one change: after a kill between them, durations of
 * the same text would begin anew.
 */
static int apply_feed(struct import *import, const struct actor *actor, struct import_plan *plan,
		      struct error *error)
{
	struct blocks *blocks = import->imports->blocks;
	int err = store_begin(blocks->store, error);

	if (err)
		return err;
	err = import_apply(blocks, actor, plan, on_refused, import, error);
	if (!err)
		err = store_feed_put(blocks->store, import_origin(import), import->digest,
				     import->now_ms, error);
	if (!err)
		err = store_commit(blocks->store, error);
	else
		store_rollback(blocks->store);
	if (err)
		import_unapply(blocks, plan);
	return err;
}

static int apply(struct import *import, const struct actor *actor, struct import_plan *plan,
		 struct error *error)
{
	int err = 0;

	/* a strict import is refused if there is no room for all of it */
	if (import->options.dry_run || import->options.strict)
		err = import_rehearse(import->imports->blocks, plan, on_refused, import, error);
	if (!err)
		err = check_strict(import, error);
	if (err || import->options.dry_run)
		return err;
	plan->left_out = import->result.problems;
	if (is_new_content(import))
		return apply_feed(import, actor, plan, error);
	return import_apply(import->imports->blocks, actor, plan, on_refused, import, error);
}

static int rehearse_restore(struct import *import, const struct actor *actor,
			    struct import_plan *plan, struct error *error)
{
	struct blocks *blocks = import->imports->blocks;
	int err = import_restore(blocks, actor, &import->entries, plan, NULL, NULL, error);

	if (!err)
		err = import_rehearse(blocks, plan, on_refused, import, error);
	return err ? err : check_strict(import, error);
}

/* Refused if there is no room for all of it. */
static int check_strict_restore(struct import *import, const struct actor *actor,
				struct error *error)
{
	struct import_plan plan = {};
	int err = rehearse_restore(import, actor, &plan, error);

	import_plan_free(&plan, import->imports->blocks->changes);
	return err;
}

/* A backup has several origins, and allowed prefixes: all of it is one change. */
static int restore(struct import *import, const struct actor *actor,
		   const struct import_besides *besides, struct import_plan *plan,
		   struct error *error)
{
	struct blocks *blocks = import->imports->blocks;
	bool taken;
	int err;

	if (import->options.dry_run) {
		err = rehearse_restore(import, actor, plan, error);
		return err ? err : allow_entries(import, actor, error);
	}
	err = import->options.strict ? check_strict_restore(import, actor, error) : 0;
	if (!err)
		err = store_begin(blocks->store, error);
	if (err)
		return err;
	err = log_restore(import, actor, error);
	taken = !err;
	if (!err)
		err = besides->take(besides->data, error);
	if (!err)
		err = check_strict(import, error);
	/* allowed prefixes first: blocks are checked against them */
	if (!err)
		err = allow_entries(import, actor, error);
	if (!err)
		err = import_restore(blocks, actor, &import->entries, plan, on_refused, import,
				     error);
	/* the rehearsal looked at each origin by itself: together they may not fit */
	if (!err)
		err = check_strict(import, error);
	if (!err)
		err = store_commit(blocks->store, error);
	else
		store_rollback(blocks->store);
	if (!err)
		return 0;
	if (taken && !S64_MISTAKE(RESTORE_ATTACHES))
		besides->back(besides->data);
	for (size_t i = 0; i < import->allowlist.count; i++) {
		blocks_sync_allow(blocks, &import->allowlist.entry[i].prefix);
		changes_breathe(blocks->changes);
	}
	import_unapply(blocks, plan);
	return err;
}

static int plan_and_apply(struct import *import, const struct actor *actor,
			  struct import_plan *plan, struct error *error)
{
	int err = import_plan(import->imports->blocks, &import->entries, import_origin(import),
			      plan, error);

	if (!err)
		err = check_shrink(import, plan, error);
	return err ? err : apply(import, actor, plan, error);
}

int import_commit(struct import *import, const struct actor *actor,
		  const struct import_besides *besides, struct import_result *result,
		  struct error *error)
{
	struct imports *imports = import->imports;
	struct import_guard_rails guard_rails = {imports->blocks,
						 imports->protection,
						 actor->caller,
						 import->options.force || import->options.restore,
						 on_refused,
						 import};
	struct import_plan plan = {};
	struct pace pace = changes_pace_long(imports->blocks->changes);
	int err;

	import->busy = true;
	feed_end(import->feed, &pace);
	import_free_document(import);
	plan.replace = replaces(import);
	err = import->err ? import_out_of_memory(error) : 0;
	keep_ends(import);
	leave_configured(import, &import->entries);
	leave_configured(import, &import->allowlist);
	import_entries_sort(&import->entries, imports->blocks->changes);
	import_check_guard_rails(&guard_rails, &import->entries);
	/* a refusal changes nothing: everything is checked before anything is done */
	if (!err)
		err = check_all(import, error);
	if (!err && import->options.restore)
		err = restore(import, actor, besides, &plan, error);
	else if (!err)
		err = plan_and_apply(import, actor, &plan, error);
	import->result.added += plan.added;
	import->result.changed += plan.changed;
	import->result.removed = plan.removed;
	import->result.unchanged += plan.unchanged;
	import_plan_free(&plan, imports->blocks->changes);
	import_counts(import, result);
	import->busy = false;
	import->last_used = clock_monotonic_s();
	return err;
}
