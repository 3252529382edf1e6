// SPDX-License-Identifier: GPL-2.0-only
/* The control API: allowed prefixes, one at a time; list.c lists them. */
#include <errno.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/blocks/kept_out.h"
#include "daemon/store/block_copy.h"
#include "daemon/api/endpoints/blocks/choose.h"
#include "daemon/api/endpoints/blocks/each.h"
#include "daemon/api/handlers.h"
#include "daemon/api/prefix.h"
#include "daemon/api/endpoints/blocks/why.h"
#include "daemon/api/http/reply.h"

/* A prefix that is not safe to block may still be allowed. */
static int parse_allow(const struct named_prefix *named, const json_t *object,
		       struct store_block *allow, struct error *error)
{
	int err = object_text(object, "reason", REASON_TEXT_MAX - 1, &allow->reason, error);

	if (err || named->err != -EINVAL)
		return err;
	*error = named->why;
	return named->err;
}

static int allow_one(struct daemon *daemon, const struct actor *actor,
		     const struct named_prefix *named, void *data, json_t **answer,
		     struct error *error)
{
	struct store_block allow = {.prefix = named->prefix,
				    .origin = STORE_ORIGIN_OPERATOR,
				    .start_ms = clock_wall_ms()};
	struct block_copy before = {};
	int err = parse_allow(named, data, &allow, error);

	if (!err)
		err = blocks_allow_by_hand(&daemon->blocks, actor, &allow, &before, error);
	if (!err) {
		*answer = allow_to_json(&allow, named->note[0] ? named->note : NULL);
		json_object_set_new(*answer, "before",
				    before.found ? allow_to_json(&before.row, NULL) : json_null());
	}
	block_copy_free(&before);
	return err;
}

void control_post_allow(struct daemon *daemon, struct evhttp_request *request,
			const struct actor *actor)
{
	static const char *const keys[] = {"prefix", "prefixes", "reason", NULL};
	struct error error;
	json_t *object = request_object(request, keys, &error);

	if (object)
		control_each(daemon, request, actor, object, &(struct each){allow_one, object});
	else
		reply_error(request, -EINVAL, &error);
	json_decref(object);
}

static bool is_of_config(const struct store_block *allow, void *data)
{
	bool *found = data;

	*found |= !strcmp(allow->origin, STORE_ORIGIN_CONFIG);
	return !*found;
}

struct ending {
	struct request_why why;
	bool force;
};

static int unallow_one(struct daemon *daemon, const struct actor *actor,
		       const struct named_prefix *named, void *data, json_t **answer,
		       struct error *error)
{
	const struct ending *ending = data;
	char note[BLOCK_TARGET_NOTE_MAX], text[PREFIX_TEXT_MAX];
	const struct prefix *prefix = &named->prefix;
	bool comes_back = false;
	int err = store_allow_at(daemon->store, prefix, is_of_config, &comes_back, error);

	strcpy(note, named->note);
	if (!err)
		err = ending->force ? 0 :
				      kept_out_refuse_one(&daemon->blocks, daemon->protection,
							  actor->caller, prefix, error);
	if (!err)
		err = blocks_unallow(&daemon->blocks, actor, prefix, NULL, &ending->why.why, error);
	if (err)
		return err;
	if (comes_back)
		choose_add_note(note, sizeof(note),
				"it is in %s: the next reload or start allows it again",
				daemon->config.file);
	*answer = json_pack("{s:s, s:o}", "prefix", prefix_format(prefix, text), "note",
			    text_or_null(note[0] ? note : NULL));
	return 0;
}

void control_delete_allow(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor)
{
	struct ending ending = {.force = request_flag(request, "force")};
	struct error error;
	int err = request_why(request, &ending.why, &error);

	if (err)
		reply_error(request, err, &error);
	else
		control_each_query(daemon, request, actor, &(struct each){unallow_one, &ending});
	request_why_free(&ending.why);
}
