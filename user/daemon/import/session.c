// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "plan.h"
#include "entries.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/store/log/audit_log.h"

#define IMPORTS_MAX    8
#define IMPORT_IDLE_S  60
#define IMPORT_CHECK_S 5
#define ID_MAX	       17

#define TEXT_BYTES_AT_ONCE 4096 /* well within a turn */

struct import {
	struct imports *imports;
	struct import_options options;
	char id[ID_MAX];
	struct feed *feed;
	struct import_entries entries, allowlist;
	struct import_iface iface[S64_IFACES_MAX]; /* to be attached again */
	size_t ifaces;
	struct import_problem *problem;
	size_t problems_kept;
	struct import_result result;
	uint64_t digest;  /* of the text */
	bool busy;	  /* it is being committed, in pieces */
	bool told_backup; /* it contains more than a list may */
	/* entries of content seen before that have expired: reported, and no loss */
	uint64_t ended;
	int err;	  /* out of memory while reading the text */
	time_t last_used; /* CLOCK_MONOTONIC seconds */
	int64_t now_ms;
};

struct imports {
	struct blocks *blocks;
	struct protected_addresses *protection;
	struct event *check;
	struct import *entry[IMPORTS_MAX];
};

/* --- parsing the text --- */

static void note_problem(struct import *import, unsigned int line, const char *text)
{
	import->result.problems++;
	if (import->problems_kept == IMPORT_PROBLEMS_MAX)
		return;
	if (!import->problem)
		import->problem = calloc(IMPORT_PROBLEMS_MAX, sizeof(*import->problem));
	if (!import->problem)
		return;
	import->problem[import->problems_kept].line = line;
	snprintf(import->problem[import->problems_kept++].text, sizeof(import->problem->text),
		 "%.319s", text);
}

static void on_problem(unsigned int line, const char *text, void *data)
{
	note_problem(data, line, text);
}

static const char *origin_of(const struct import *import, const struct feed_entry *from)
{
	if (import->options.origin[0] || !import->options.restore || !from->origin)
		return import_origin(import);
	/* a reload would remove what the configuration file does not contain */
	return strcmp(from->origin, STORE_ORIGIN_CONFIG) ? from->origin : STORE_ORIGIN_RESTORED;
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

/* An entry that the configuration contains too needs no second row. */
static bool config_says(const struct import *import, const struct feed_entry *from,
			const struct prefix *prefix)
{
	struct store *store = import->imports->blocks->store;
	struct row_search search = {};
	struct error ignored;

	if (!import->options.restore || !from->origin || strcmp(from->origin, STORE_ORIGIN_CONFIG))
		return false;
	if (from->kind == FEED_ALLOW)
		store_allow_at(store, prefix, is_of_config, &search, &ignored);
	else
		store_block_at(store, prefix, is_of_config, &search, &ignored);
	return search.found;
}

/* A list contains entries to block, and nothing else: its allowed prefixes and interfaces have no
 * authority.
 */
static void leave_out(struct import *import, unsigned int line)
{
	import->result.ignored++;
	if (import->told_backup)
		return;
	import->told_backup = true;
	note_problem(
		import, line,
		"allowed prefixes and interfaces of a list are left out; a restore takes a backup whole");
}

static void fill_entry(struct import *import, struct import_entry *entry,
		       const struct feed_entry *from)
{
	const char *reason = from->reason ? from->reason : import->options.reason;
	int64_t for_ms = from->for_ms ? from->for_ms : import->options.for_ms;

	entry->kind = from->kind;
	entry->line = from->line;
	entry->rate = from->rate;
	entry->burst = from->burst;
	entry->start_ms = import->now_ms;
	/* one that is still to come was written by a wrong clock, here or there */
	if (import->options.restore && from->start_ms && from->start_ms < import->now_ms &&
	    !S64_MISTAKE(RESTORE_ANEW))
		entry->start_ms = from->start_ms;
	entry->until_ms = from->until_ms ? from->until_ms : for_ms ? import->now_ms + for_ms : 0;
	entry->is_relative = !from->until_ms && for_ms;
	entry->origin = import_entries_text(&import->entries, IMPORT_ORIGIN,
					    origin_of(import, from), &import->err);
	entry->reason = import_entries_text(&import->entries, IMPORT_REASON, reason, &import->err);
	entry->ticket =
		import_entries_text(&import->entries, IMPORT_TICKET, from->ticket, &import->err);
}

static bool on_entry(const struct feed_entry *from, void *data)
{
	struct import *import = data;
	const struct blocks *blocks = import->imports->blocks;
	struct import_entry *entry;
	struct error why;
	struct block_target target;
	int err = block_target_of(&blocks->rules, &blocks->maps->meta->seed, &from->prefix,
				  from->note, &target, NULL, &why);

	if (import->options.restore && from->origin && strcmp(from->origin, STORE_ORIGIN_CONFIG) &&
	    !origin_is_valid(from->origin)) {
		note_problem(import, from->line,
			     "'origin' is no name of an origin: write it like spamhaus-drop");
		return true;
	}
	if (from->kind == FEED_ALLOW && !import->options.restore && !S64_MISTAKE(LIST_BELIEVED)) {
		leave_out(import, from->line);
		return true;
	}
	import->result.entries++;
	if (err == -EINVAL || (err && from->kind != FEED_ALLOW && from->kind != FEED_REMOVE &&
			       !import->options.force && !import->options.restore)) {
		import->result.refused++;
		import->result.refused_by[IMPORT_NO_SOURCE]++;
		note_problem(import, from->line, why.text);
		return true;
	}
	/* an entry that has expired since it was written is no block, and a backup may contain it
	 */
	if ((from->until_ms && from->until_ms <= import->now_ms) ||
	    config_says(import, from, &target.prefix)) {
		import->result.ignored++;
		return true;
	}
	entry = import_entries_add(from->kind == FEED_ALLOW ? &import->allowlist :
							      &import->entries);
	if (!entry) {
		import->err = -ENOMEM;
		return false;
	}
	entry->prefix = target.prefix;
	entry->said = block_target_said(&target, &from->prefix);
	fill_entry(import, entry, from);
	return !import->err;
}

static void on_iface(const struct feed_iface *from, void *data)
{
	struct import *import = data;
	struct import_iface *iface = &import->iface[import->ifaces];

	if (!import->options.restore) {
		leave_out(import, from->line);
		return;
	}
	if (import->ifaces == S64_IFACES_MAX || strlen(from->name) >= sizeof(iface->name) ||
	    strlen(from->mode) >= sizeof(iface->mode) ||
	    (from->filter && strlen(from->filter) >= sizeof(iface->filter))) {
		note_problem(import, from->line, "this is no interface that could be attached to");
		return;
	}
	iface->line = from->line;
	strcpy(iface->name, from->name);
	strcpy(iface->mode, from->mode);
	strcpy(iface->filter, from->filter ? from->filter : "");
	import->ifaces++;
}

size_t import_ifaces(const struct import *import, const struct import_iface **iface)
{
	*iface = import->iface;
	return import->options.dry_run ? 0 : import->ifaces;
}

void import_problem(struct import *import, unsigned int line, const char *text)
{
	note_problem(import, line, text);
}

/* --- sessions --- */

int import_open(struct imports *imports, const struct import_options *options, struct import **out,
		struct error *error)
{
	static const struct feed_callbacks callbacks = {on_entry, on_problem, on_iface};
	struct import *import;
	uint64_t name;
	int slot;

	for (slot = 0; slot < IMPORTS_MAX && imports->entry[slot]; slot++)
		;
	if (slot == IMPORTS_MAX)
		return error_set(error, -EBUSY,
				 "%d imports are on their way already; try again later",
				 IMPORTS_MAX);
	import = calloc(1, sizeof(*import));
	if (import)
		import->feed = feed_open(options->format, &callbacks, import);
	if (!import || !import->feed || getrandom(&name, sizeof(name), 0) != sizeof(name)) {
		free(import);
		return error_set(error, -ENOMEM, "out of memory for an import");
	}
	snprintf(import->id, sizeof(import->id), "%016" PRIx64, name);
	import->imports = imports;
	import->options = *options;
	import->last_used = clock_monotonic_s();
	import->now_ms = clock_wall_ms();
	import->digest = 0xcbf29ce484222325;
	imports->entry[slot] = import;
	*out = import;
	return 0;
}

void import_close(struct import *import)
{
	if (!import)
		return;
	for (int i = 0; i < IMPORTS_MAX; i++)
		if (import->imports->entry[i] == import)
			import->imports->entry[i] = NULL;
	feed_close(import->feed);
	import_entries_free(&import->entries, import->imports->blocks->changes);
	import_entries_free(&import->allowlist, import->imports->blocks->changes);
	free(import->problem);
	free(import);
}

void import_believe(struct import *import)
{
	import->options.shrink = 0;
}

uint64_t import_digest(const struct import *import)
{
	return import->digest;
}

const char *import_id(const struct import *import)
{
	return import->id;
}

const char *import_origin(const struct import *import)
{
	return import->options.origin[0] ? import->options.origin : IMPORT_ORIGIN_DEFAULT;
}

struct import *imports_find(struct imports *imports, const char *id)
{
	for (int i = 0; i < IMPORTS_MAX; i++)
		if (imports->entry[i] && !strcmp(imports->entry[i]->id, id))
			return imports->entry[i];
	return NULL;
}

static int out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory for the entries of the import");
}

int import_text(struct import *import, const char *text, size_t bytes, struct error *error)
{
	import->last_used = clock_monotonic_s();
	/* FNV-1a: tells contents apart; nobody gains by a collision */
	for (size_t i = 0; import->options.feed && i < bytes; i++)
		import->digest = (import->digest ^ (unsigned char)text[i]) * 0x100000001b3;
	import->busy = true;
	for (size_t at = 0, n; at < bytes; at += n) {
		n = bytes - at < TEXT_BYTES_AT_ONCE ? bytes - at : TEXT_BYTES_AT_ONCE;
		feed_text(import->feed, text + at, n);
		changes_breathe_long(import->imports->blocks->changes);
	}
	import->busy = false;
	import->last_used = clock_monotonic_s();
	return import->err ? out_of_memory(error) : 0;
}

size_t import_problems(const struct import *import, size_t from,
		       const struct import_problem **problem)
{
	if (from >= import->problems_kept)
		return 0;
	*problem = &import->problem[from];
	return import->problems_kept - from;
}

void import_counts(const struct import *import, struct import_result *result)
{
	*result = import->result;
	result->lines = feed_lines(import->feed);
	result->ignored += feed_ignored(import->feed);
	result->format = feed_format_names[feed_format_of(import->feed)];
}

/* --- the end --- */

static bool has_block(const struct import_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		if (entries->entry[i].kind != FEED_REMOVE &&
		    (!entries->entry[i].refused || S64_MISTAKE(REFUSED_EMPTY)))
			return true;
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
	if (replaces(import) && !has_block(&import->entries) && !import->ended) {
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
		"of %" PRIu64 " entries it would leave %" PRIu64
		", and may have been cut short; nothing was changed; it is taken when it comes once more as it is, or by an import with replace",
		had, stays);
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

static void note_content(struct import *import)
{
	struct store *store = import->imports->blocks->store;
	int64_t taken_ms;
	struct error error;

	if (!import->options.feed ||
	    !store_feed_get(store, import_origin(import), import->digest, &taken_ms))
		return;
	if (store_feed_put(store, import_origin(import), import->digest, import->now_ms, &error))
		log_warning("feed %s is in force, but may be read again after a restart: %s",
			    import_origin(import), error.text);
}

static int check_strict(struct import *import, struct error *error)
{
	if (!import->options.strict || !import->result.problems)
		return 0;
	return error_set(
		error, -EEXIST,
		"%" PRIu64
		" line%s cannot be taken: a strict import takes all or none, and nothing was changed",
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
	note_problem(import, entry->line, why);
}

struct changes *imports_changes(const struct imports *imports)
{
	return imports->blocks->changes;
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

static int apply(struct import *import, const struct actor *actor, struct import_plan *plan,
		 struct error *error)
{
	int err = 0;

	if (import->options.dry_run)
		return import_rehearse(import->imports->blocks, plan, on_refused, import, error);
	err = import_apply(import->imports->blocks, actor, plan, on_refused, import, error);
	if (!err)
		note_content(import);
	return err;
}

/* A backup has several origins, and allowed prefixes: all of it is one change. */
static int restore(struct import *import, const struct actor *actor, struct import_plan *plan,
		   struct error *error)
{
	struct blocks *blocks = import->imports->blocks;
	int err;

	if (import->options.dry_run) {
		err = import_restore(blocks, actor, &import->entries, plan, NULL, NULL, error);
		if (!err)
			err = import_rehearse(blocks, plan, on_refused, import, error);
		return err ? err : allow_entries(import, actor, error);
	}
	err = store_begin(blocks->store, error);
	if (err)
		return err;
	err = log_restore(import, actor, error);
	/* allowed prefixes first: blocks are checked against them */
	if (!err)
		err = allow_entries(import, actor, error);
	if (!err)
		err = import_restore(blocks, actor, &import->entries, plan, on_refused, import,
				     error);
	if (!err)
		err = store_commit(blocks->store, error);
	else
		store_rollback(blocks->store);
	if (!err)
		return 0;
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

int import_commit(struct import *import, const struct actor *actor, struct import_result *result,
		  struct error *error)
{
	struct imports *imports = import->imports;
	struct import_guard_rails guard_rails = {imports->blocks, imports->protection,
						 import->options.force || import->options.restore,
						 on_refused, import};
	struct import_plan plan = {};
	int err;

	import->busy = true;
	feed_end(import->feed);
	plan.replace = replaces(import);
	err = import->err ? out_of_memory(error) : 0;
	keep_ends(import);
	import_entries_sort(&import->entries, imports->blocks->changes);
	import_check_guard_rails(&guard_rails, &import->entries);
	/* a refusal changes nothing: everything is checked before anything is done */
	if (!err)
		err = check_all(import, error);
	if (!err && import->options.restore)
		err = restore(import, actor, &plan, error);
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

/* --- start and end --- */

static void on_check(evutil_socket_t fd, short what, void *data)
{
	struct imports *imports = data;
	time_t now = clock_monotonic_s();

	(void)fd;
	(void)what;
	for (int i = 0; i < IMPORTS_MAX; i++) {
		struct import *import = imports->entry[i];

		if (!import || import->busy || now - import->last_used < IMPORT_IDLE_S)
			continue;
		log_warning("an import of the origin %s timed out: no data for %d seconds",
			    import_origin(import), IMPORT_IDLE_S);
		import_close(import);
	}
}

int imports_start(struct imports **out, struct event_base *base, struct blocks *blocks,
		  struct protected_addresses *protection, struct error *error)
{
	static const struct timeval span = {IMPORT_CHECK_S, 0};
	struct imports *imports = calloc(1, sizeof(*imports));

	if (imports)
		imports->check = event_new(base, -1, EV_PERSIST, on_check, imports);
	if (!imports || !imports->check || event_add(imports->check, &span)) {
		free(imports);
		return error_set(error, -ENOMEM, "out of memory");
	}
	imports->blocks = blocks;
	imports->protection = protection;
	*out = imports;
	return 0;
}

void imports_stop(struct imports *imports)
{
	if (!imports)
		return;
	for (int i = 0; i < IMPORTS_MAX; i++)
		import_close(imports->entry[i]);
	event_free(imports->check);
	free(imports);
}
