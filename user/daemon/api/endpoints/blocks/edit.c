// SPDX-License-Identifier: GPL-2.0-only
/* The control API: edits an entry, changing only the terms that are given. */
#include <errno.h>
#include <event2/http.h>
#include <stdio.h>
#include <string.h>

#include "block_before.h"
#include "daemon/store/block_copy.h"
#include "block_terms.h"
#include "choose.h"
#include "each.h"
#include "daemon/api/handlers.h"
#include "daemon/api/prefix.h"
#include "daemon/api/http/reply.h"

#define NOTE_MAX (BLOCK_TARGET_NOTE_MAX * 2 + 1024)

struct edit {
	const json_t *object; /* owns the texts */
	struct prefix prefix, said;
	const char *named;
	char origin[ORIGIN_TEXT_MAX], note[NOTE_MAX];
	struct block_terms terms;
	struct block_copy before;
	struct store_block block;
};

static int parse(struct edit *edit, struct error *error)
{
	int err = object_text(edit->object, "origin", ORIGIN_TEXT_MAX - 1, &edit->named, error);
	if (!err)
		err = block_terms_parse(edit->object, &edit->terms, error);
	if (!err && !edit->terms.ends && !edit->terms.has_reason && !edit->terms.has_ticket &&
	    !edit->terms.rate && !edit->terms.burst)
		err = error_set(
			error, -EINVAL,
			"nothing to change; give for_seconds, until, reason, ticket, rate or burst");
	return err;
}

/* The one entry that is meant. */
static int find(struct daemon *daemon, struct edit *edit, struct error *error)
{
	struct search search = {.prefix = &edit->prefix, .said = &edit->said, .named = edit->named};
	char text[PREFIX_TEXT_MAX];
	int err = choose_rows(daemon, &search, edit->origin, edit->note, sizeof(edit->note), error);

	if (err)
		return err;
	prefix_format(&edit->prefix, text);
	if (search.rows > 1 && search.addresses && !edit->said.length)
		return error_set(
			error, -EEXIST,
			"%s has no entry of its own, but several of its addresses have; name one of them",
			text);
	if (!strcmp(edit->origin, STORE_ORIGIN_CONFIG))
		return error_set(error, -EEXIST,
				 "%s is blocked by the configuration; change %s, and reload", text,
				 daemon->config.file);
	err = block_copy_find(daemon->store, &edit->prefix, edit->origin, &search.found,
			      &edit->before, error);
	if (!err && !edit->before.found)
		err = error_set(error, -ENOENT, "the entry of %s has just expired; block it again",
				text);
	return err;
}

/* Which entry it was, if it differs from what was named, and the other entries of the prefix, which
 * stay.
 */
struct others {
	const struct store_block *edited;
	struct remains remains;
};

static bool note_other(const struct store_block *row, void *data)
{
	struct others *others = data;

	if (!strcmp(row->origin, others->edited->origin) &&
	    !prefix_compare(&row->said, &others->edited->said))
		return true;
	return choose_note_remaining(row, &others->remains);
}

static int note_entries(struct daemon *daemon, struct edit *edit, struct error *error)
{
	const struct prefix *said = &edit->block.said;
	struct others others = {.edited = &edit->block};
	char text[PREFIX_TEXT_MAX];
	int err;

	if (said->length && !edit->said.length)
		choose_add_note(edit->note, sizeof(edit->note),
				"it is listed by address, and the entry of %s was changed",
				prefix_format_said(said, text));
	else if (!said->length && edit->said.length)
		choose_add_note(
			edit->note, sizeof(edit->note),
			"the address has no entry of its own, and the entry of %s was changed",
			prefix_format(&edit->prefix, text));
	err = store_block_at(daemon->store, &edit->prefix, note_other, &others, error);
	if (!err && others.remains.rows)
		choose_add_note(edit->note, sizeof(edit->note),
				others.remains.rows > REMAINS_NAMED ?
					"other entries of it were not changed: %s, and more" :
					"other entries of it were not changed: %s",
				others.remains.text);
	return err;
}

static int apply(struct daemon *daemon, const struct actor *actor, struct edit *edit,
		 struct error *error)
{
	const struct store_block *before = &edit->before.row;
	char text[PREFIX_TEXT_MAX];
	int err;

	prefix_format(&before->prefix, text);
	if (before->kind == STORE_BLOCK && (edit->terms.rate || edit->terms.burst))
		return error_code(
			error,
			error_member(
				error,
				error_set(
					error, -EINVAL,
					"%s is blocked, and a block has no rate; a throttle with weaken replaces it",
					text),
				"prefix", text),
			ERROR_NOT_A_THROTTLE);
	edit->block = *before;
	err = block_terms_apply(&edit->terms, before, &daemon->config, &edit->block, error);
	if (!err)
		err = block_terms_required(&daemon->config, &edit->block, error);
	if (!err)
		err = blocks_put_as(&daemon->blocks, actor, "edit", &edit->block, error);
	return err;
}

static int edit_one(struct daemon *daemon, const struct actor *actor,
		    const struct named_prefix *named, void *data, json_t **answer,
		    struct error *error)
{
	struct edit edit = {.object = data, .prefix = named->prefix, .said = named->said};
	int err = parse(&edit, error);

	strcpy(edit.note, named->note);
	if (!err)
		err = find(daemon, &edit, error);
	if (!err)
		err = apply(daemon, actor, &edit, error);
	if (!err)
		err = note_entries(daemon, &edit, error);
	if (!err) {
		*answer = block_to_json(&edit.block, &daemon->blocks,
					edit.note[0] ? edit.note : NULL);
		block_add_before(*answer, &edit.block, &edit.before.row, &daemon->blocks);
	}
	block_copy_free(&edit.before);
	return err;
}

void control_patch_block(struct daemon *daemon, struct evhttp_request *request,
			 const struct actor *actor)
{
	static const char *const keys[] = {
		"prefix", "prefixes", "origin", BLOCK_TERMS_KEYS, BLOCK_TERMS_RATE_KEYS, NULL};
	struct error error;
	json_t *object = request_object(request, keys, &error);

	if (object)
		control_each(daemon, request, actor, object, &(struct each){edit_one, object});
	else
		reply_error(request, -EINVAL, &error);
	json_decref(object);
}
