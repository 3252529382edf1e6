// SPDX-License-Identifier: GPL-2.0-only
#include "imports.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "import_difference.h"
#include "import_entries.h"
#include "log.h"
#include "store_log.h"

#define IMPORTS_MAX    8
#define IMPORT_IDLE_S  60
#define IMPORT_CHECK_S 5
#define ID_MAX	       17

struct import {
	struct imports *imports;
	struct import_options options;
	char id[ID_MAX];
	struct feed *feed;
	struct import_entries entries, allows;
	struct import_iface iface[S64_IFACES_MAX]; /* to be attached again */
	size_t ifaces;
	struct import_problem *problem;
	size_t problems_kept;
	struct import_result result;
	int err; /* out of memory, while the text came */
	time_t last_used; /* CLOCK_MONOTONIC seconds */
	int64_t now_ms;
};

struct imports {
	struct blocks *blocks;
	struct guards *guards;
	struct event *check;
	struct import *entry[IMPORTS_MAX];
};

static time_t monotonic_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* --- what comes out of the text --- */

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
	snprintf(import->problem[import->problems_kept++].text, sizeof(import->problem->text), "%.319s", text);
}

static void on_problem(unsigned int line, const char *text, void *data)
{
	note_problem(data, line, text);
}

static const char *origin_of(const struct import *import, const struct feed_entry *from)
{
	if (import->options.origin[0])
		return import->options.origin;
	return from->origin ? from->origin : IMPORT_ORIGIN_DEFAULT;
}

/* What was exported was in the store, and comes back as it was: whoever insisted once need not again. */
static bool is_restore(const struct import *import)
{
	return !import->options.origin[0] && feed_format_of(import->feed) == FEED_SLASH64;
}

static void fill_entry(struct import *import, struct import_entry *entry, const struct feed_entry *from)
{
	const char *reason = from->reason ? from->reason : import->options.reason;
	int64_t for_ms = from->for_ms ? from->for_ms : import->options.for_ms;

	entry->kind = from->kind;
	entry->line = from->line;
	entry->rate = from->rate;
	entry->burst = from->burst;
	entry->start_ms = from->start_ms ? from->start_ms : import->now_ms;
	entry->until_ms = from->until_ms ? from->until_ms : for_ms ? import->now_ms + for_ms : 0;
	entry->origin = import_entries_text(&import->entries, IMPORT_ORIGIN, origin_of(import, from),
					    &import->err);
	entry->reason = import_entries_text(&import->entries, IMPORT_REASON, reason, &import->err);
	entry->ticket = import_entries_text(&import->entries, IMPORT_TICKET, from->ticket, &import->err);
}

static bool on_entry(const struct feed_entry *from, void *data)
{
	struct import *import = data;
	const struct blocks *blocks = import->imports->blocks;
	struct import_entry *entry;
	struct error why;
	struct unit unit;
	int err = unit_of(&blocks->rules, &blocks->tables->meta->seed, &from->prefix, from->note, &unit,
			  NULL, &why);

	import->result.entries++;
	if (err == -EINVAL ||
	    (err && from->kind != FEED_ALLOW && from->kind != FEED_REMOVE && !import->options.force &&
	     !is_restore(import))) {
		import->result.refused++;
		note_problem(import, from->line, why.text);
		return true;
	}
	/* what has ended since it was written is no block, and a backup may hold it */
	if (from->until_ms && from->until_ms <= import->now_ms) {
		import->result.ignored++;
		return true;
	}
	entry = import_entries_add(from->kind == FEED_ALLOW ? &import->allows : &import->entries);
	if (!entry) {
		import->err = -ENOMEM;
		return false;
	}
	entry->prefix = unit.prefix;
	entry->said = unit_said(&unit, &from->prefix);
	fill_entry(import, entry, from);
	return !import->err;
}

static void on_iface(const struct feed_iface *from, void *data)
{
	struct import *import = data;
	struct import_iface *iface = &import->iface[import->ifaces];

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
	return is_restore(import) && !import->options.dry_run ? import->ifaces : 0;
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
		return error_set(error, -EBUSY, "%d imports are on their way already; try again later",
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
	import->last_used = monotonic_s();
	import->now_ms = clock_wall_ms();
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
	import_entries_free(&import->entries);
	import_entries_free(&import->allows);
	free(import->problem);
	free(import);
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
	import->last_used = monotonic_s();
	feed_text(import->feed, text, bytes);
	return import->err ? out_of_memory(error) : 0;
}

size_t import_problems(const struct import *import, size_t from, const struct import_problem **problem)
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

/* A set that is replaced by what is no whole one would lose blocks. */
static int check_whole(struct import *import, struct error *error)
{
	if (!import->options.replace || import->options.force)
		return 0;
	if (feed_is_incomplete(import->feed))
		return error_set(error, -EPERM,
				 "the feed is not whole: it has not as many entries as it says; nothing was changed; --force takes it all the same");
	if (!import->entries.count && !import->allows.count)
		return error_set(error, -EPERM,
				 "the feed has no entry that could be taken, and would empty the origin %s; nothing was changed; --force empties it",
				 import_origin(import));
	return 0;
}

static int check_strict(struct import *import, struct error *error)
{
	if (!import->options.strict || !import->result.problems)
		return 0;
	return error_set(error, -EPERM, "%" PRIu64 " line%s cannot be taken; nothing was changed, as --strict says",
			 import->result.problems, import->result.problems == 1 ? "" : "s");
}

static int allow_entries(struct import *import, struct error *error)
{
	int err = 0;

	for (size_t i = 0; i < import->allows.count && !err; i++) {
		const struct import_entry *entry = &import->allows.entry[i];
		struct store_block allow = {
			.prefix = entry->prefix,
			.origin = entry->origin,
			.reason = entry->reason,
			.start_ms = entry->start_ms,
		};

		err = blocks_allow(import->imports->blocks, &allow, error);
		import->result.added += !err;
	}
	return err;
}

static void on_refused(const struct import_entry *entry, const char *why, void *data)
{
	struct import *import = data;

	import->result.refused++;
	note_problem(import, entry->line, why);
}

void imports_set_actor(struct imports *imports, const char *kind, const char *name)
{
	struct store_actor actor;

	store_set_actor(imports->blocks->store, NULL);
	if (!kind)
		return;
	store_get_actor(imports->blocks->store, &actor);
	snprintf(actor.source, sizeof(actor.source), "%s%.180s", kind, name);
	store_set_actor(imports->blocks->store, &actor);
}

int import_commit(struct import *import, struct import_result *result, struct error *error)
{
	struct imports *imports = import->imports;
	struct import_rails rails = {imports->blocks, imports->guards, import->options.force || is_restore(import),
				     on_refused, import};
	struct import_plan plan = {.replace = import->options.replace};
	int err;

	feed_end(import->feed);
	err = import->err ? out_of_memory(error) : 0;
	import_entries_sort(&import->entries);
	if (!err && !import->options.dry_run)
		err = check_strict(import, error);
	/* allowed first: what is to be blocked is held against it */
	if (!err && !import->options.dry_run && !import->options.strict)
		err = allow_entries(import, error);
	import_check_rails(&rails, &import->entries);
	if (!err)
		err = check_strict(import, error);
	if (!err)
		err = check_whole(import, error);
	if (!err && !import->options.dry_run && import->options.strict)
		err = allow_entries(import, error);
	if (!err)
		err = import_plan(imports->blocks, &import->entries,
				  import->options.origin[0] || import->options.replace ?
					  import_origin(import) :
					  NULL,
				  &plan, error);
	if (!err && !import->options.dry_run)
		err = import_apply(imports->blocks, &plan, on_refused, import, error);
	import->result.added += plan.added;
	import->result.changed = plan.changed;
	import->result.removed = plan.removed;
	import->result.unchanged = plan.unchanged;
	import_plan_free(&plan);
	import_counts(import, result);
	return err;
}

/* --- start and end --- */

static void on_check(evutil_socket_t fd, short what, void *data)
{
	struct imports *imports = data;
	time_t now = monotonic_s();

	(void)fd;
	(void)what;
	for (int i = 0; i < IMPORTS_MAX; i++) {
		struct import *import = imports->entry[i];

		if (!import || now - import->last_used < IMPORT_IDLE_S)
			continue;
		log_warning("an import of the origin %s was given up: nothing came for %d seconds",
			    import_origin(import), IMPORT_IDLE_S);
		import_close(import);
	}
}

int imports_start(struct imports **out, struct event_base *base, struct blocks *blocks,
		  struct guards *guards, struct error *error)
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
	imports->guards = guards;
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
