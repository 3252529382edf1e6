// SPDX-License-Identifier: GPL-2.0-only
/* The control API: allowed prefixes, one at a time; list.c lists them. */
#include <errno.h>
#include <event2/http.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/blocks/around.h"
#include "daemon/blocks/blocks_internal.h"
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

/* What an allowed prefix keeps out of force: blocks within it, and one around it, in that part. */
struct kept {
	uint64_t within;
	char around[64 + PREFIX_TEXT_MAX]; /* "block of 2001:db8::/32", or "" */
};

#define NOTE_MAX (BLOCK_TARGET_NOTE_MAX * 2)

/* Before it is allowed, or after it was; nothing if another allowed prefix contains it. */
static int find_kept(struct daemon *daemon, const struct prefix *prefix, struct kept *kept,
		     struct error *error)
{
	struct blocks *blocks = &daemon->blocks;
	struct block_copy around = {};
	char text[PREFIX_TEXT_MAX];
	int err = kept_out_count(blocks, prefix, &kept->within, error);

	if (!err && !prefix_set_around(blocks_allowed(blocks), prefix))
		err = blocks_around(blocks, prefix, &around, error);
	if (!err && around.found)
		snprintf(kept->around, sizeof(kept->around), "%s of %s",
			 around.row.kind == STORE_THROTTLE ? "throttle" : "block",
			 prefix_format(&around.row.prefix, text));
	block_copy_free(&around);
	return err;
}

static void note_kept(const struct kept *kept, const char *one, const char *many,
		      const char *around, char note[NOTE_MAX])
{
	char count[32];

	snprintf(count, sizeof(count), "%" PRIu64, kept->within);
	if (kept->within)
		choose_add_note(note, NOTE_MAX, kept->within == 1 ? one : many, count);
	if (kept->around[0])
		choose_add_note(note, NOTE_MAX, around, kept->around);
}

static int allow_one(struct daemon *daemon, const struct actor *actor,
		     const struct named_prefix *named, void *data, json_t **answer,
		     struct error *error)
{
	struct store_block allow = {.prefix = named->prefix,
				    .origin = STORE_ORIGIN_OPERATOR,
				    .start_ms = clock_wall_ms()};
	struct block_copy before = {};
	struct kept kept = {};
	char note[NOTE_MAX];
	int err = parse_allow(named, data, &allow, error);

	strcpy(note, named->note);
	if (!err)
		err = find_kept(daemon, &named->prefix, &kept, error);
	if (!err)
		err = blocks_allow_by_hand(&daemon->blocks, actor, &allow, &before, error);
	if (!err) {
		note_kept(&kept, "%s block or throttle within it has no effect now",
			  "%s blocks and throttles within it have no effect now",
			  "it is an exception from the %s", note);
		*answer = allow_to_json(&allow, note[0] ? note : NULL);
		json_object_set_new(*answer, "blocks", json_integer(kept.within));
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
	char note[NOTE_MAX], text[PREFIX_TEXT_MAX];
	const struct prefix *prefix = &named->prefix;
	struct kept kept = {};
	struct error ignored;
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
	/* it is done: what cannot be counted is not told */
	if (!find_kept(daemon, prefix, &kept, &ignored))
		note_kept(&kept, "%s block or throttle within it takes effect",
			  "%s blocks and throttles within it take effect", "the %s applies to it",
			  note);
	if (comes_back)
		choose_add_note(note, sizeof(note),
				"it is in %s: the next reload or start allows it again",
				daemon->config.file);
	*answer = json_pack("{s:s, s:I, s:o}", "prefix", prefix_format(prefix, text), "blocks",
			    (json_int_t)kept.within, "note", text_or_null(note[0] ? note : NULL));
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
