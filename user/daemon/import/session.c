// SPDX-License-Identifier: GPL-2.0-only
#include "session_internal.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/loop/memory_pieces.h"

#define IMPORT_IDLE_S  60
#define IMPORT_CHECK_S 5

#define TEXT_BYTES_AT_ONCE 4096 /* well within a turn */

size_t import_ifaces(const struct import *import, const struct import_iface **iface)
{
	*iface = import->iface;
	return import->options.dry_run ? 0 : import->ifaces;
}

/* --- sessions --- */

int import_open(struct imports *imports, const struct import_options *options, struct import **out,
		struct error *error)
{
	struct import *import;
	uint64_t name;
	int slot;

	for (slot = 0; slot < IMPORTS_MAX && imports->entry[slot]; slot++)
		;
	if (slot == IMPORTS_MAX)
		return error_set(error, -EBUSY,
				 "%d imports are running already, the maximum; try again later",
				 IMPORTS_MAX);
	import = calloc(1, sizeof(*import));
	if (import)
		import->feed = feed_open(options->format, &import_callbacks, import);
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

void import_free_document(struct import *import)
{
	size_t bytes;
	char *text = feed_take_document(import->feed, &bytes);

	memory_pieces_free(text, bytes, import->imports->blocks->changes);
}

static void import_free(struct import *import)
{
	struct changes *changes = import->imports->blocks->changes;

	import_free_document(import);
	feed_close(import->feed);
	import_entries_free(&import->entries, changes);
	import_entries_free(&import->allowlist, changes);
	free(import->problem);
	free(import);
}

/* One by one, as more may come in a pause. */
static void free_closed(void *data)
{
	struct imports *imports = data;

	while (imports->closed) {
		struct import *import = imports->closed;

		imports->closed = import->next;
		import_free(import);
	}
}

/* Freeing a million entries takes some 50 ms, so it is a change, which has turns of its own. */
void import_close(struct import *import)
{
	struct imports *imports = import ? import->imports : NULL;

	if (!import)
		return;
	for (int i = 0; i < IMPORTS_MAX; i++)
		if (imports->entry[i] == import)
			imports->entry[i] = NULL;
	import->next = imports->closed;
	imports->closed = import;
	changes_run(imports->blocks->changes, free_closed, imports);
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

int import_out_of_memory(struct error *error)
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
	return import->err ? import_out_of_memory(error) : 0;
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

struct changes *imports_changes(const struct imports *imports)
{
	return imports->blocks->changes;
}

/* --- start and end --- */

static void on_check(evutil_socket_t fd, short what, void *data)
{
	struct imports *imports = data;
	bool may_wait = changes_are_busy(imports->blocks->changes);
	time_t now = clock_monotonic_s();

	(void)fd;
	(void)what;
	for (int i = 0; i < IMPORTS_MAX; i++) {
		struct import *import = imports->entry[i];

		/* its next piece, or its commit, may be in the queue behind that change */
		if (import && may_wait)
			import->last_used = now;
		/* a feed has no client who may have gone: its watcher ends it */
		if (!import || import->busy || import->options.feed ||
		    now - import->last_used < IMPORT_IDLE_S)
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
	changes_finish(imports->blocks->changes);
	event_free(imports->check);
	free(imports);
}
