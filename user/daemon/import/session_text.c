// SPDX-License-Identifier: GPL-2.0-only
/* What the text of an import says, entry by entry, until all of it is there. */
#include "session_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void import_problem(struct import *import, unsigned int line, const char *text)
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
	import_problem(data, line, text);
}

static const char *origin_of(const struct import *import, const struct feed_entry *from)
{
	if (import->options.origin[0] || !import->options.restore || !from->origin)
		return import_origin(import);
	/* a reload would remove what the configuration file does not contain */
	return strcmp(from->origin, STORE_ORIGIN_CONFIG) ? from->origin : STORE_ORIGIN_RESTORED;
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
	import_problem(import, line,
		       "allowed prefixes and interfaces are skipped; a restore reads them");
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
	entry->was_configured = import->options.restore && from->origin &&
				!strcmp(from->origin, STORE_ORIGIN_CONFIG);
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
	    !origin_is_valid(from->origin) && !origin_is_of_rule(from->origin)) {
		import_problem(import, from->line,
			       "'origin' is not a valid origin: write it like spamhaus-drop");
		return true;
	}
	if (from->kind == FEED_ALLOW && !import->options.restore && !S64_MISTAKE(LIST_BELIEVED)) {
		leave_out(import, from->line);
		return true;
	}
	/* a backup is what is in force: it has nothing to end */
	if (from->kind == FEED_REMOVE && import->options.restore) {
		import_problem(import, from->line,
			       "a backup has no 'unblock'; the line is skipped");
		return true;
	}
	import->result.entries++;
	if (err == -EINVAL || (err && from->kind != FEED_ALLOW && from->kind != FEED_REMOVE &&
			       !import->options.force && !import->options.restore)) {
		import->result.refused++;
		import->result.refused_by[IMPORT_NO_SOURCE]++;
		import_problem(import, from->line, why.text);
		return true;
	}
	/* an entry that has expired since it was written is no block, and a backup may contain it
	 */
	if (from->until_ms && from->until_ms <= import->now_ms) {
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
		import_problem(import, from->line, "invalid interface");
		return;
	}
	iface->line = from->line;
	strcpy(iface->name, from->name);
	strcpy(iface->mode, from->mode);
	strcpy(iface->filter, from->filter ? from->filter : "");
	import->ifaces++;
}

const struct feed_callbacks import_callbacks = {on_entry, on_problem, on_iface};
