// SPDX-License-Identifier: GPL-2.0-only
/* The control API: what is said of a prefix, changed in what is given and nothing else. */
#include <errno.h>
#include <event2/http.h>
#include <stdio.h>
#include <string.h>

#include "block_before.h"
#include "block_copy.h"
#include "block_terms.h"
#include "control_choose.h"
#include "control_handlers.h"
#include "control_prefix.h"
#include "reply.h"

#define NOTE_MAX (UNIT_NOTE_MAX * 2 + 320)

struct edit {
	json_t *object; /* owns the texts */
	struct prefix prefix, said;
	const char *named;
	char origin[CHOOSE_ORIGIN_MAX + 1], note[NOTE_MAX];
	struct block_terms terms;
	struct block_copy before;
	struct store_block block;
};

static int parse(struct daemon *daemon, struct edit *edit, struct error *error)
{
	const char *text;
	int err = object_text(edit->object, "prefix", PREFIX_TEXT_MAX, &text, error);

	if (!err)
		err = prefix_to_stored(daemon, text, &edit->prefix, &edit->said, edit->note, error);
	if (!err)
		err = object_text(edit->object, "origin", CHOOSE_ORIGIN_MAX, &edit->named, error);
	if (!err)
		err = block_terms_parse(edit->object, &edit->terms, error);
	if (!err && !edit->terms.ends && !edit->terms.has_reason && !edit->terms.has_ticket && !edit->terms.rate &&
	    !edit->terms.burst)
		err = error_set(error, -EINVAL, "nothing to change is given; --for, --reason, --ticket and others say what");
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
	if (search.rows > 1 && search.addresses)
		return error_set(error, -EEXIST, "%u addresses of %s are listed, and not the prefix; name one of them",
				 search.rows, text);
	if (!strcmp(edit->origin, STORE_ORIGIN_CONFIG))
		return error_set(error, -EEXIST, "%s is blocked by the configuration; change %s, and reload", text,
				 daemon->config.file);
	err = block_copy_find(daemon->store, &edit->prefix, edit->origin, &search.found, &edit->before, error);
	if (!err && !edit->before.found)
		err = error_set(error, -ENOENT, "what was said of %s has just ended; 'slash64 block %s' blocks it anew", text,
				text);
	return err;
}

static int apply(struct daemon *daemon, struct edit *edit, struct error *error)
{
	const struct store_block *before = &edit->before.row;
	char text[PREFIX_TEXT_MAX];
	int err;

	prefix_format(&before->prefix, text);
	if (before->kind == STORE_BLOCK && (edit->terms.rate || edit->terms.burst))
		return error_set(error, -EINVAL,
				 "%s is blocked, and a block has no rate; 'slash64 throttle %s --rate N --force' replaces it",
				 text, text);
	edit->block = *before;
	err = block_terms_apply(&edit->terms, before, &daemon->config, &edit->block, error);
	if (!err)
		err = block_terms_required(&daemon->config, &edit->block, error);
	if (!err)
		err = blocks_put_as(&daemon->blocks, "edit", &edit->block, error);
	return err;
}

void control_patch_block(struct daemon *daemon, struct evhttp_request *request)
{
	static const char *const keys[] = {"prefix", "origin", BLOCK_TERMS_KEYS, BLOCK_TERMS_RATE_KEYS, NULL};
	struct edit edit = {};
	struct error error;
	json_t *answer;
	int err = -EINVAL;

	edit.object = request_object(request, keys, &error);
	if (edit.object)
		err = parse(daemon, &edit, &error);
	if (!err)
		err = find(daemon, &edit, &error);
	if (!err)
		err = apply(daemon, &edit, &error);
	if (err) {
		reply_error(request, err, &error);
	} else {
		answer = block_to_json(&edit.block, &daemon->blocks, edit.note[0] ? edit.note : NULL);
		block_add_before(answer, &edit.block, &edit.before.row, &daemon->blocks);
		reply_object(request, answer);
	}
	block_copy_free(&edit.before);
	json_decref(edit.object);
}
