// SPDX-License-Identifier: GPL-2.0-only
/* The control API: undoes the caller's last change. First all of it is checked: if somebody else
 * has changed a part since, nothing is undone. Then every entry becomes what it was, in one
 * transaction, which pauses between entries (changes.h). Interfaces come last, because they need
 * only a check each.
 */
#include <errno.h>
#include <event2/http.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/action_rank.h"
#include "daemon/store/block_copy.h"
#include "daemon/blocks/blocks_internal.h"
#include "daemon/api/endpoints/blocks/undo_allows.h"
#include "daemon/api/handlers.h"
#include "daemon/api/json/undo_json.h"
#include "daemon/api/http/reply.h"
#include "daemon/store/log/store_undo.h"
#include "base/text/when.h"

#define ROWS_IN_PIECE	64
#define STEPS_TOLD	20
#define US_IN_MS	1000
#define BLOCK_SAYS_LINE 128
#define NOTE_MAX	512

/* An entry, and its previous state. The texts belong to `undo`, and to the row of the log. */
struct step {
	json_t *undo;
	int64_t number;
	struct prefix prefix, said;
	char *origin;
};

struct undo {
	const struct actor *actor; /* an undo cannot be undone */
	int64_t batch, below;
	int64_t at_ms;
	char action[32];
	bool dry_run, force;
	json_t *object;		/* the request */
	json_t *steps;		/* the first of them, in words */
	uint64_t changes, over; /* entries; and those that have expired */
	char reason[64];
	char note[NOTE_MAX]; /* "" for nothing */
	struct name {
		char name[S64_IFACE_NAME_MAX];
		bool was_attached;
	} iface[S64_IFACES_MAX]; /* their state before the undo */
	unsigned int ifaces;
	struct iface_detached detached[S64_IFACES_MAX]; /* likewise */
	struct undo_allows allows;
	/* of the piece */
	struct step step[ROWS_IN_PIECE];
	unsigned int count;
	struct error *error;
	int err;
};

/* --- reading the log --- */

/* A row beside those of its entries. */
static bool is_summary(const struct store_change *change)
{
	return !strcmp(change->action, "import") || !strcmp(change->action, "restore") ||
	       !strcmp(change->action, "apply");
}

/* Why a change cannot be undone, and what to do instead. */
static int refuse_row(struct undo *undo, const struct store_change *change)
{
	char at[WHEN_TEXT_MAX];

	when_format_exact(change->at_ms * US_IN_MS, 0, at);
	if (is_summary(change))
		error_set(
			undo->error, -EOPNOTSUPP,
			"your %s of %s has too many entries to be undone; unblock by origin to end them",
			change->action, at);
	else if (!strcmp(change->action, "reload"))
		error_set(
			undo->error, -EOPNOTSUPP,
			"your reload of %s cannot be undone; restore the file as it was, and reload",
			at);
	else
		error_set(undo->error, -EOPNOTSUPP, "your %s of %s cannot be undone; see the log",
			  change->action, at);
	error_member(undo->error, -EOPNOTSUPP, "action", change->action);
	return error_code(undo->error, -EOPNOTSUPP, ERROR_CANNOT_UNDO);
}

static bool take_step(const struct store_change *change, void *data)
{
	struct undo *undo = data;
	struct step *step = &undo->step[undo->count];
	const char *said;

	undo->below = change->number;
	if (is_summary(change) && !(change->detail && strstr(change->detail, "too many")))
		return true;
	if (!change->undo) {
		undo->err = refuse_row(undo, change);
		return false;
	}
	*step = (struct step){.number = change->number, .prefix = change->prefix};
	step->undo = json_loads(change->undo, 0, NULL);
	step->origin = change->origin ? strdup(change->origin) : NULL;
	undo->count++;
	said = json_string_value(json_object_get(step->undo, "said"));
	if (!step->undo || (change->origin && !step->origin) ||
	    (said && prefix_parse_whole(said, &step->said, NULL)))
		undo->err = error_set(undo->error, -EUCLEAN,
				      "row %" PRId64 " of the log is invalid; it cannot be undone",
				      change->number);
	return !undo->err;
}

static void forget_steps(struct undo *undo)
{
	for (unsigned int i = 0; i < undo->count; i++) {
		json_decref(undo->step[i].undo);
		free(undo->step[i].origin);
	}
	undo->count = 0;
}

static bool is_of(const struct step *step, const char *what)
{
	const char *of = json_string_value(json_object_get(step->undo, "of"));

	return of && !strcmp(of, what);
}

/* The entry before or after; NULL if there was none. */
static const struct store_block *row_of(const struct step *step, const char *key,
					struct store_block *row)
{
	*row = (struct store_block){.prefix = step->prefix,
				    .said = step->said,
				    .origin = step->origin};
	return block_row_from_json(json_object_get(step->undo, key), row) ? NULL : row;
}

/* --- is it still as that change left it? --- */

struct allow_search {
	const char *origin;
	struct block_copy now;
};

static bool keep_allow(const struct store_block *row, void *data)
{
	struct allow_search *search = data;

	return strcmp(row->origin, search->origin) || block_copy_take(&search->now, row);
}

static int refuse_changed(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	char text[PREFIX_TEXT_MAX], at[WHEN_TEXT_MAX], action[32], name[ACTOR_NAME_MAX];
	struct store_change later;

	prefix_format(&step->prefix, text);
	if (!store_undo_later(daemon->store, &step->prefix, step->origin, step->number, &later,
			      action))
		error_set(undo->error, -EEXIST, "%s has changed since; see the log", text);
	else
		error_set(undo->error, -EEXIST,
			  "%s was changed since, by %s at %s (%s), and stays as it is; see the log",
			  text, actor_name(&later.actor, name),
			  when_format_exact(later.at_ms * US_IN_MS, 0, at), action);
	error_member(undo->error, -EEXIST, "prefix", text);
	return error_code(undo->error, -EEXIST, ERROR_CHANGED_SINCE);
}

static bool is_now(const struct block_copy *now, const struct store_block *row)
{
	return now->found == (row != NULL) && (!row || block_says_same(row, &now->row));
}

/* Or as before it: an interrupted undo got this far. */
static int check_block(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	struct store_block after, before;
	const struct store_block *left = row_of(step, "after", &after),
				 *was = row_of(step, "before", &before);
	struct block_copy now = {};
	int err = block_copy_find(daemon->store, &step->prefix, step->origin, &step->said, &now,
				  undo->error);

	if (!err && !is_now(&now, left) && !is_now(&now, was))
		err = refuse_changed(daemon, undo, step);
	block_copy_free(&now);
	return err;
}

static int check_allow(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	struct allow_search search = {.origin = step->origin};
	struct store_block after;
	const struct store_block *left = row_of(step, "after", &after);
	int err = store_allow_at(daemon->store, &step->prefix, keep_allow, &search, undo->error);

	if (!err && (search.now.found != (left != NULL) ||
		     (left && !block_same_text(left->reason, search.now.row.reason))))
		err = refuse_changed(daemon, undo, step);
	block_copy_free(&search.now);
	return err;
}

static bool is_over(const struct store_block *row)
{
	return row->until_ms && row->until_ms <= clock_wall_ms();
}

/* Would it be blocked again, or throttled more? */
static bool gets_stricter(const struct step *step)
{
	struct store_block before, after;
	const struct store_block *was = row_of(step, "before", &before),
				 *left = row_of(step, "after", &after);

	if (!was || is_over(was))
		return false;
	return !left || action_rank(was->kind == STORE_THROTTLE, was->rate, was->burst) <
				action_rank(left->kind == STORE_THROTTLE, left->rate, left->burst);
}

/* Does a guard rail object to that? */
static int check_guards(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	const struct guard_rails guard_rails = daemon_guard_rails(daemon, undo->actor->caller);
	const struct guard_rails_request request = {.by = GUARD_RAILS_BY_UNDO,
						    .prefix = &step->prefix};
	struct guard_rails_answer answer;

	if (undo->force || S64_MISTAKE(UNDO_UNGUARDED) || !is_of(step, "block") ||
	    !gets_stricter(step))
		return 0;
	return guard_rails_check(&guard_rails, &request, &answer, undo->error);
}

/* --- in words --- */

static void tell_step(struct undo *undo, const struct step *step)
{
	struct store_block before;
	const struct store_block *was = row_of(step, "before", &before);
	const char *name = json_string_value(json_object_get(step->undo, "name"));
	bool comes = json_is_null(json_object_get(step->undo, "after"));
	char text[PREFIX_TEXT_MAX], line[BLOCK_SAYS_LINE];

	undo->changes++;
	if (json_array_size(undo->steps) == STEPS_TOLD)
		return;
	prefix_format(&step->prefix, text);
	if (is_of(step, "interface"))
		snprintf(line, sizeof(line), "%s is %s", name,
			 json_is_true(json_object_get(step->undo, "attached")) ?
				 "attached as before" :
				 "detached");
	else if (is_of(step, "allow"))
		snprintf(line, sizeof(line), "%s is %s", text,
			 was ? "allowed as before" : "no longer allowed");
	else if (!was)
		snprintf(line, sizeof(line), "%s is unblocked", text);
	else
		snprintf(line, sizeof(line), "%s is %s %s", text,
			 was->kind == STORE_BLOCK ? "blocked" : "throttled",
			 comes ? "again" : "as before");
	json_array_append_new(undo->steps, json_string(line));
}

/* --- applying --- */

/* Hits continue from their previous count. */
static void put_hits(struct blocks *blocks, const struct step *step)
{
	uint64_t hits = json_integer_value(json_object_get(step->undo, "hits")), now;
	uint32_t last = json_integer_value(json_object_get(step->undo, "last_hit")), at;
	struct block_target target = blocks_target(blocks, &step->prefix);

	blocks_hits(blocks, &step->prefix, &now, &at);
	if (now)
		return;
	for (; hits; hits -= hits > UINT32_MAX ? UINT32_MAX : hits) {
		uint32_t part = hits > UINT32_MAX ? UINT32_MAX : hits;

		if (target.is_source)
			sources_hit(blocks->blocklist, target.src_key, part, last);
		else
			prefixes_hit(blocks->prefixes, &target.prefix, part, last);
	}
}

static int apply_block(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	struct blocks *blocks = &daemon->blocks;
	const struct blocks_why why = {.reason = undo->reason};
	struct store_block before;
	const struct store_block *was = row_of(step, "before", &before);
	int err;

	if (!was || is_over(was)) {
		undo->over += was != NULL;
		err = json_is_null(json_object_get(step->undo, "after")) ?
			      0 :
			      blocks_remove_said(blocks, undo->actor, &step->prefix, step->origin,
						 &step->said, &why, undo->error);
		return err == -ENOENT ? 0 : err;
	}
	err = blocks_put_as(blocks, undo->actor, "undo", was, undo->error);
	if (!err)
		put_hits(blocks, step);
	return err;
}

static int apply_allow(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	const struct blocks_why why = {.reason = undo->reason};
	struct store_block before;
	const struct store_block *was = row_of(step, "before", &before);

	return was ? blocks_allow(&daemon->blocks, undo->actor, was, undo->error) :
		     blocks_unallow(&daemon->blocks, undo->actor, &step->prefix, step->origin, &why,
				    undo->error);
}

static int apply_iface(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	const struct blocks_why why = {.reason = undo->reason};
	const char *name = json_string_value(json_object_get(step->undo, "name"));
	json_t *before = json_object_get(step->undo, "before");
	struct iface *iface = ifaces_find(&daemon->ifaces, name);
	int mode = MODE_AUTO, filter = -1;

	if (undo->ifaces == S64_IFACES_MAX)
		return error_set(undo->error, -EOPNOTSUPP,
				 "the change has more than %d interfaces; it cannot be undone",
				 S64_IFACES_MAX);
	snprintf(undo->iface[undo->ifaces].name, S64_IFACE_NAME_MAX, "%s", name);
	undo->iface[undo->ifaces++].was_attached = iface && iface->attached;
	if (!json_is_true(json_object_get(step->undo, "attached")))
		return ifaces_detach(&daemon->ifaces, undo->actor, name, &why, undo->error);
	json_unpack(before, "{s:i, s:i}", "mode", &mode, "filter", &filter);
	return ifaces_attach(&daemon->ifaces, undo->actor, &daemon->config, name, mode, filter,
			     &iface, undo->error);
}

static int apply_step(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	if (is_of(step, "interface"))
		return 0;
	return is_of(step, "allow") ? apply_allow(daemon, undo, step) :
				      apply_block(daemon, undo, step);
}

static int apply_iface_step(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	return is_of(step, "interface") ? apply_iface(daemon, undo, step) : 0;
}

/* The transaction was rolled back: brings the maps back to the store. */
static int sync_step(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	(void)undo;
	if (is_of(step, "allow"))
		blocks_sync_allow(&daemon->blocks, &step->prefix);
	else if (is_of(step, "block"))
		blocks_sync(&daemon->blocks, &step->prefix);
	return 0;
}

static int check_step(struct daemon *daemon, struct undo *undo, const struct step *step)
{
	int err = 0;

	if (is_of(step, "block"))
		err = check_block(daemon, undo, step);
	else if (is_of(step, "allow"))
		err = check_allow(daemon, undo, step);
	if (!err && is_of(step, "allow") &&
	    undo_allows_add(&undo->allows, &step->prefix, step->origin,
			    !json_is_null(json_object_get(step->undo, "before"))))
		err = error_set(undo->error, -ENOMEM, "out of memory");
	if (!err)
		err = check_guards(daemon, undo, step);
	if (!err)
		tell_step(undo, step);
	return err;
}

/* --- traversal --- */

typedef int (*step_t)(struct daemon *daemon, struct undo *undo, const struct step *step);

/* All rows of the change, the last first. */
static int walk(struct daemon *daemon, struct undo *undo, step_t each, struct error *error)
{
	int rows, err;

	undo->error = error;
	undo->below = INT64_MAX;
	do {
		undo->err = 0;
		rows = store_undo_rows(daemon->store, undo->batch, undo->below, ROWS_IN_PIECE,
				       take_step, undo, error);
		err = rows < 0 ? rows : undo->err;
		for (unsigned int i = 0; i < undo->count && !err; i++) {
			err = each(daemon, undo, &undo->step[i]);
			changes_breathe(daemon->changes);
		}
		forget_steps(undo);
	} while (!err && rows > 0);
	return err;
}

static int apply_all(struct daemon *daemon, struct undo *undo, struct error *error)
{
	struct error ignored;
	int err = store_begin(daemon->store, error);

	if (err)
		return err;
	memcpy(undo->detached, daemon->ifaces.detached, sizeof(undo->detached));
	err = walk(daemon, undo, apply_step, error);
	if (!err)
		err = walk(daemon, undo, apply_iface_step, error);
	if (!err)
		err = store_undo_done(daemon->store, undo->batch, error);
	err = blocks_store_end(&daemon->blocks, err, error);
	if (!err)
		return 0;
	while (undo->ifaces--)
		ifaces_back(&daemon->ifaces, undo->actor, &daemon->config,
			    undo->iface[undo->ifaces].name, undo->iface[undo->ifaces].was_attached);
	memcpy(daemon->ifaces.detached, undo->detached, sizeof(undo->detached));
	walk(daemon, undo, sync_step, &ignored);
	throttles_reload(&daemon->blocks.throttles);
	return err;
}

static json_t *undo_answer(const struct undo *undo)
{
	return json_pack("{s:I, s:o, s:s, s:b, s:I, s:I, s:O, s:o}", "number",
			 (json_int_t)undo->batch, "time", exact_time_to_json(undo->at_ms), "action",
			 undo->action, "dry_run", undo->dry_run, "changes",
			 (json_int_t)undo->changes, "over", (json_int_t)undo->over, "steps",
			 undo->steps, "note", text_or_null(undo->note[0] ? undo->note : NULL));
}

static void undo_free(struct undo *undo)
{
	forget_steps(undo);
	undo_allows_free(&undo->allows);
	json_decref(undo->steps);
	json_decref(undo->object);
	free(undo);
}

/* --- the request --- */

static bool take_first(const struct store_change *change, void *data)
{
	struct undo *undo = data;

	undo->at_ms = change->at_ms;
	snprintf(undo->action, sizeof(undo->action), "%s", change->action);
	return true;
}

static bool take_never(const struct store_change *change, void *data)
{
	refuse_row(data, change);
	return true;
}

static int parse_number(const json_t *object, int64_t *number, struct error *error)
{
	const json_t *value = json_object_get(object, "number");

	*number = json_integer_value(value);
	if (!value || json_is_null(value) || *number > 0)
		return 0;
	return error_set(
		error, -EINVAL,
		"'number' must be that of a change, a whole number above 0, as GET /v1/log tells it");
}

/* The change to undo: the last one that can be undone, or, if a number is given, exactly that one.
 * For later changes that cannot be undone, says what to do.
 */
static int find(struct daemon *daemon, struct undo *undo, struct error *error)
{
	char name[ACTOR_NAME_MAX];
	struct error never;
	int64_t number;
	int rows, err = parse_number(undo->object, &number, error);

	if (err)
		return err;
	undo->batch = undo->actor->uid < 0 ? 0 : store_undo_last(daemon->store, undo->actor);
	undo->error = &never;
	rows = undo->actor->uid < 0 ? 0 :
				      store_undo_never_last(daemon->store, undo->actor, undo->batch,
							    take_never, undo, error);
	undo->error = error;
	if (rows < 0)
		return rows;
	if (rows)
		snprintf(undo->note, sizeof(undo->note), "%s", never.text);
	if (!undo->batch && rows) {
		*error = never;
		return -EOPNOTSUPP;
	}
	if (!undo->batch)
		return error_code(
			error,
			error_set(error, -ENOENT,
				  "there is no change of %s that can be undone; see the log",
				  actor_name(undo->actor, name)),
			ERROR_NOTHING_TO_UNDO);
	if (number && number != undo->batch)
		return error_set(error, -EEXIST,
				 "change %" PRId64
				 " is not your last change that can be undone, which is %" PRId64
				 "; look again",
				 number, undo->batch);
	rows = store_undo_rows(daemon->store, undo->batch, undo->batch + 1, 1, take_first, undo,
			       error);
	if (!rows)
		return error_set(error, -ENOENT,
				 "the log no longer has your last change; it cannot be undone");
	snprintf(undo->reason, sizeof(undo->reason), "undo of change %" PRId64, undo->batch);
	return rows < 0 ? rows : 0;
}

static int parse(struct daemon *daemon, struct undo *undo, struct evhttp_request *request,
		 struct error *error)
{
	static const char *const keys[] = {"number", "dry_run", "force", NULL};
	int err;

	undo->object = request_object(request, keys, error);
	if (!undo->object)
		return -EINVAL;
	err = object_flag(undo->object, "dry_run", &undo->dry_run, error);
	if (!err)
		err = object_flag(undo->object, "force", &undo->force, error);
	return err ? err : find(daemon, undo, error);
}

void control_post_undo(struct daemon *daemon, struct evhttp_request *request,
		       const struct actor *actor)
{
	struct undo *undo = calloc(1, sizeof(*undo));
	struct actor undoes = *actor;
	struct error error;
	int err = undo ? 0 : error_set(&error, -ENOMEM, "out of memory");

	undoes.undoes = true;
	if (!err) {
		undo->actor = &undoes;
		err = parse(daemon, undo, request, &error);
	}
	if (!err) {
		undo->steps = json_array();
		err = walk(daemon, undo, check_step, &error);
	}
	if (!err && !undo->force && !S64_MISTAKE(UNDO_ALLOW_UNGUARDED))
		err = undo_allows_check(daemon, &undo->allows, actor->caller, &error);
	if (!err && !undo->dry_run)
		err = apply_all(daemon, undo, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, undo_answer(undo));
	if (undo)
		undo_free(undo);
}
