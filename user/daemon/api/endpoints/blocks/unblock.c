// SPDX-License-Identifier: GPL-2.0-only
/* The control API: takes back a block or throttle. */
#include <errno.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "each.h"
#include "daemon/api/handlers.h"
#include "daemon/api/prefix.h"
#include "why.h"
#include "daemon/api/http/reply.h"

/* Only one entry ends: *note names the others. */
static int end_block(struct daemon *daemon, const struct actor *actor, const struct prefix *prefix,
		     const struct prefix *said, const char *named, const struct blocks_why *why,
		     char origin[ORIGIN_TEXT_MAX], char *note, size_t bytes, struct error *error)
{
	struct search search = {.prefix = prefix, .said = said, .named = named};
	struct remains remains = {};
	struct error ignored;
	int err;

	if (blocks_is_unnamed(&daemon->blocks, prefix)) {
		strcpy(origin, STORE_ORIGIN_RECOVERED);
		return blocks_remove(&daemon->blocks, actor, prefix, origin, why, error);
	}
	err = choose_rows(daemon, &search, origin, note, bytes, error);
	if (err)
		return err;
	if (search.addresses && !said->length)
		err = blocks_remove(&daemon->blocks, actor, prefix, origin, why, error);
	else
		err = blocks_remove_said(&daemon->blocks, actor, prefix, origin, &search.found, why,
					 error);
	if (!err &&
	    !store_block_at(daemon->store, prefix, choose_note_remaining, &remains, &ignored) &&
	    remains.rows)
		choose_add_note(note, bytes,
				remains.rows > REMAINS_NAMED ?
					"it stays blocked by %s, and others" :
					"it stays blocked by %s",
				remains.text);
	return err;
}

#define NOTE_MAX (BLOCK_TARGET_NOTE_MAX * 2 + 320)

struct ending {
	char *named; /* origin, or NULL */
	struct request_why why;
};

static int unblock_one(struct daemon *daemon, const struct actor *actor,
		       const struct named_prefix *named, void *data, json_t **answer,
		       struct error *error)
{
	const struct ending *ending = data;
	char note[NOTE_MAX], origin[ORIGIN_TEXT_MAX], text[PREFIX_TEXT_MAX];
	int err;

	strcpy(note, named->note);
	err = end_block(daemon, actor, &named->prefix, &named->said, ending->named,
			&ending->why.why, origin, note, sizeof(note), error);
	if (err)
		return err;
	*answer = json_pack("{s:s, s:s, s:o}", "prefix", prefix_format(&named->prefix, text),
			    "origin", origin, "note", text_or_null(note[0] ? note : NULL));
	return 0;
}

void control_delete_block(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor)
{
	struct ending ending = {.named = request_parameter(request, "origin")};
	struct error error;
	int err = request_why(request, &ending.why, &error);

	if (err)
		reply_error(request, err, &error);
	else
		control_each_query(daemon, request, actor, &(struct each){unblock_one, &ending});
	request_why_free(&ending.why);
	free(ending.named);
}
