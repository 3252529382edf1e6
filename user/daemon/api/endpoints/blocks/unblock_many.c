// SPDX-License-Identifier: GPL-2.0-only
/* The control API: takes back all blocks and throttles of an origin, of a ticket, with a reason, or
 * within a prefix, in one transaction: all of them are out of force, or none. It pauses between
 * rows (changes.h).
 */
#include <errno.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/blocks/blocks_internal.h"
#include "daemon/api/handlers.h"
#include "daemon/api/prefix.h"
#include "daemon/api/http/reply.h"
#include "base/array.h"

#define ROWS_IN_PIECE 512 /* rows examined between two pauses */

struct many {
	json_t *object;			      /* owns the texts */
	const char *origin, *ticket, *reason; /* NULL: any */
	bool has_within, dry_run;
	struct prefix within;
	struct blocks_why why;
	int64_t now_ms;
	struct store_place_of_row behind; /* rows examined so far */
	uint64_t removed;
	struct prefix *changed; /* prefixes that the maps have to follow, each once */
	size_t changes, room;
	/* of the piece */
	struct gone {
		struct prefix prefix, said;
		char origin[ORIGIN_TEXT_MAX];
	} gone[ROWS_IN_PIECE];
	unsigned int count;
};

static bool is_meant(const struct many *many, const struct store_block *row)
{
	return (!row->until_ms || row->until_ms > many->now_ms) &&
	       (!many->origin || !strcmp(row->origin, many->origin)) &&
	       (!many->ticket || (row->ticket && !strcmp(row->ticket, many->ticket))) &&
	       (!many->reason || (row->reason && strcasestr(row->reason, many->reason))) &&
	       (!many->has_within || S64_MISTAKE(WITHIN_IGNORED) ||
		prefix_contains(&many->within, &row->prefix));
}

static bool look_at(const struct store_block *row, void *data)
{
	struct many *many = data;
	struct gone *gone = &many->gone[many->count];

	store_place_take(&many->behind, row);
	if (!is_meant(many, row))
		return true;
	*gone = (struct gone){.prefix = row->prefix, .said = row->said};
	strncpy(gone->origin, row->origin, ORIGIN_TEXT_MAX - 1);
	many->count++;
	return true;
}

/* Rows come in the order of their prefixes. */
static int note_prefix(struct many *many, const struct prefix *prefix, struct error *error)
{
	if (many->changes && !prefix_compare(&many->changed[many->changes - 1], prefix))
		return 0;
	if (array_reserve(&many->changed, &many->room, many->changes + 1, sizeof(*many->changed)))
		return error_set(error, -ENOMEM, "out of memory");
	many->changed[many->changes++] = *prefix;
	return 0;
}

static int remove_piece(struct daemon *daemon, const struct actor *actor, struct many *many,
			struct error *error)
{
	struct blocks *blocks = &daemon->blocks;
	int err = 0;

	for (unsigned int i = 0; i < many->count && !err; i++) {
		const struct gone *gone = &many->gone[i];

		err = note_prefix(many, &gone->prefix, error);
		if (!err)
			err = blocks_store_remove(blocks, actor, &gone->prefix, gone->origin,
						  &gone->said, &many->why, error);
		changes_breathe(blocks->changes);
	}
	return err;
}

/* Finds the matching rows, and, unless it is a dry run, deletes them from the store. */
static int walk(struct daemon *daemon, const struct actor *actor, struct many *many,
		struct error *error)
{
	int looked;

	do {
		many->count = 0;
		looked = store_blocks_behind(daemon->store, &many->behind, ROWS_IN_PIECE, look_at,
					     many, error);
		if (looked < 0)
			return looked;
		if (!many->dry_run) {
			int err = remove_piece(daemon, actor, many, error);

			if (err)
				return err;
		}
		many->removed += many->count;
		changes_breathe_long(daemon->changes);
	} while (looked > 0);
	return 0;
}

/* The maps follow once it is on disk; after a kill before that, a start brings them to the store.
 */
static int remove_all(struct daemon *daemon, const struct actor *actor, struct many *many,
		      struct error *error)
{
	struct blocks *blocks = &daemon->blocks;
	int err = store_begin(daemon->store, error);

	if (err)
		return err;
	err = blocks_store_end(blocks, walk(daemon, actor, many, error), error);
	if (err)
		return err;
	for (size_t i = 0; i < many->changes; i++) {
		blocks_sync(blocks, &many->changed[i]);
		changes_breathe(blocks->changes);
	}
	throttles_release(&blocks->throttles);
	return 0;
}

static void many_free(struct many *many)
{
	json_decref(many->object);
	free(many->changed);
	free(many);
}

static int parse_within(struct daemon *daemon, struct many *many, struct error *error)
{
	struct named_prefix within;
	const char *text;
	int err = object_text(many->object, "within", PREFIX_TEXT_MAX, &text, error);

	if (err || !text)
		return err;
	err = prefix_resolve(daemon, text, &within, error);
	many->has_within = !err;
	if (!err)
		many->within = within.prefix;
	return err;
}

static int parse(struct daemon *daemon, struct many *many, struct error *error)
{
	json_t *why = json_object_get(many->object, "why");
	int err = object_text(many->object, "origin", ORIGIN_TEXT_MAX - 1, &many->origin, error);

	if (!err)
		err = object_text(many->object, "ticket", REASON_TEXT_MAX - 1, &many->ticket,
				  error);
	if (!err)
		err = object_text(many->object, "reason", REASON_TEXT_MAX - 1, &many->reason,
				  error);
	if (!err)
		err = parse_within(daemon, many, error);
	if (!err)
		err = object_flag(many->object, "dry_run", &many->dry_run, error);
	if (!err && why && !json_is_null(why))
		err = object_text(many->object, "why", REASON_TEXT_MAX - 1, &many->why.reason,
				  error);
	/* an empty text would match everything */
	if (!err && !(many->origin && *many->origin) && !(many->ticket && *many->ticket) &&
	    !(many->reason && *many->reason) && !many->has_within)
		return error_set(
			error, -EINVAL,
			"missing condition; give at least one of 'origin', 'ticket', 'reason' and 'within'");
	if (!err && many->origin && !strcmp(many->origin, STORE_ORIGIN_CONFIG))
		return error_set(
			error, -EINVAL,
			"blocks of the configuration cannot be unblocked; remove them from %s, and reload",
			daemon->config.file);
	return err;
}

void control_post_unblocks(struct daemon *daemon, struct evhttp_request *request,
			   const struct actor *actor)
{
	static const char *const keys[] = {"origin",  "ticket", "reason", "within",
					   "dry_run", "why",	NULL};
	struct many *many = calloc(1, sizeof(*many));
	struct error error;
	int err = many ? 0 : error_set(&error, -ENOMEM, "out of memory");

	if (!err && !(many->object = request_object(request, keys, &error)))
		err = -EINVAL;
	if (!err)
		err = parse(daemon, many, &error);
	if (!err) {
		many->now_ms = clock_wall_ms();
		err = many->dry_run ? walk(daemon, actor, many, &error) :
				      remove_all(daemon, actor, many, &error);
	}
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, json_pack("{s:I, s:b}", "removed", (json_int_t)many->removed,
						"dry_run", many->dry_run));
	if (many)
		many_free(many);
}
