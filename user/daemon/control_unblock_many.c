// SPDX-License-Identifier: GPL-2.0-only
/* The control API: all blocks and throttles of an origin, of a ticket, with a reason, within a prefix are taken back. */
#include <errno.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "blocks_internal.h"
#include "control_handlers.h"
#include "control_prefix.h"
#include "job.h"
#include "reply.h"
#include "turn.h"

#define ORIGIN_MAX  63
#define LOOKED_AT   4096 /* rows, at most, in a piece */
#define PIECE_LEAST 16
#define PIECE_MOST  1024 /* rows that go, in a piece: as many as a turn has time for */

struct many {
	json_t *object; /* owns the texts */
	const char *origin, *ticket, *reason; /* NULL: any */
	bool has_within, dry_run;
	struct prefix within;
	struct blocks_why why;
	struct store_place_of_row behind; /* what has been looked at */
	unsigned int piece;
	uint64_t removed;
	/* of the piece */
	struct gone {
		struct prefix prefix, said;
		char origin[ORIGIN_MAX + 1];
	} gone[PIECE_MOST];
	unsigned int count;
};

static bool is_meant(const struct many *many, const struct store_block *row)
{
	int64_t now_ms = clock_wall_ms();

	return (!row->until_ms || row->until_ms > now_ms) && (!many->origin || !strcmp(row->origin, many->origin)) &&
	       (!many->ticket || (row->ticket && !strcmp(row->ticket, many->ticket))) &&
	       (!many->reason || (row->reason && strcasestr(row->reason, many->reason))) &&
	       (!many->has_within || S64_MISTAKE(WITHIN_IGNORED) || prefix_contains(&many->within, &row->prefix));
}

static bool look_at(const struct store_block *row, void *data)
{
	struct many *many = data;
	struct gone *gone = &many->gone[many->count];

	store_place_take(&many->behind, row);
	if (!is_meant(many, row))
		return true;
	many->removed++;
	if (many->dry_run)
		return true;
	*gone = (struct gone){.prefix = row->prefix, .said = row->said};
	strncpy(gone->origin, row->origin, ORIGIN_MAX);
	return ++many->count < many->piece;
}

/* A piece is one transaction; the tables follow what is on disk. */
static int remove_piece(struct daemon *daemon, struct many *many, struct error *error)
{
	struct blocks *blocks = &daemon->blocks;
	int err = store_begin(daemon->store, error);

	if (err)
		return err;
	for (unsigned int i = 0; i < many->count && !err; i++)
		err = blocks_store_remove(blocks, &many->gone[i].prefix, many->gone[i].origin, &many->gone[i].said,
					  &many->why, error);
	err = blocks_store_end(blocks, err, error);
	if (err)
		return err;
	for (unsigned int i = 0; i < many->count; i++)
		blocks_settle(blocks, &many->gone[i].prefix);
	throttles_release(&blocks->throttles);
	return 0;
}

static int many_step(struct daemon *daemon, void *data, struct error *error)
{
	struct many *many = data;
	struct turn turn = turn_begin();
	int looked, err = 0;

	many->count = 0;
	looked = store_blocks_behind(daemon->store, &many->behind, LOOKED_AT, look_at, many, error);
	if (looked < 0)
		return looked;
	if (many->count)
		err = remove_piece(daemon, many, error);
	if (err)
		return err;
	if (many->count)
		many->piece = turn_fit(many->piece, turn_taken_ns(&turn), PIECE_LEAST, PIECE_MOST);
	return looked > 0;
}

static json_t *many_answer(void *data)
{
	const struct many *many = data;

	return json_pack("{s:I, s:b}", "removed", (json_int_t)many->removed, "dry_run", many->dry_run);
}

static void many_free(void *data)
{
	struct many *many = data;

	json_decref(many->object);
	free(many);
}

static int parse_within(struct daemon *daemon, struct many *many, struct error *error)
{
	struct prefix said;
	char note[UNIT_NOTE_MAX];
	const char *text;
	int err = object_text(many->object, "within", PREFIX_TEXT_MAX, &text, error);

	many->has_within = !err && text;
	return many->has_within ? prefix_to_stored(daemon, text, &many->within, &said, note, error) : err;
}

static int parse(struct daemon *daemon, struct many *many, struct error *error)
{
	json_t *why = json_object_get(many->object, "why");
	int err = object_text(many->object, "origin", ORIGIN_MAX, &many->origin, error);

	if (!err)
		err = object_text(many->object, "ticket", CONFIG_REASON_MAX - 1, &many->ticket, error);
	if (!err)
		err = object_text(many->object, "reason", CONFIG_REASON_MAX - 1, &many->reason, error);
	if (!err)
		err = parse_within(daemon, many, error);
	if (!err)
		err = object_flag(many->object, "dry_run", &many->dry_run, error);
	if (!err && why && !json_is_null(why))
		err = object_text(many->object, "why", CONFIG_REASON_MAX - 1, &many->why.reason, error);
	/* an empty text would match everything */
	if (!err && !(many->origin && *many->origin) && !(many->ticket && *many->ticket) &&
	    !(many->reason && *many->reason) && !many->has_within)
		return error_set(error, -EINVAL, "'origin', 'ticket', 'reason' and 'within' are missing; one at least says which");
	if (!err && many->origin && !strcmp(many->origin, STORE_ORIGIN_CONFIG))
		return error_set(error, -EINVAL, "what the configuration blocks ends by a reload; change %s",
				 daemon->config.file);
	return err;
}

void control_post_unblocks(struct daemon *daemon, struct evhttp_request *request)
{
	static const char *const keys[] = {"origin", "ticket", "reason", "within", "dry_run", "why", NULL};
	static const struct job_kind kind = {many_step, many_answer, many_free};
	struct many *many = calloc(1, sizeof(*many));
	struct error error;
	int err = many ? 0 : error_set(&error, -ENOMEM, "out of memory");

	if (!err && !(many->object = request_object(request, keys, &error)))
		err = -EINVAL;
	if (!err)
		err = parse(daemon, many, &error);
	if (err) {
		if (many)
			many_free(many);
		reply_error(request, err, &error);
		return;
	}
	many->piece = PIECE_LEAST;
	job_start(daemon, request, &kind, many);
}
