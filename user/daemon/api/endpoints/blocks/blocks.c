// SPDX-License-Identifier: GPL-2.0-only
/* The control API: block and throttle. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "block_before.h"
#include "daemon/store/block_copy.h"
#include "block_terms.h"
#include "daemon/blocks/around.h"
#include "daemon/attach/reach.h"
#include "dry_run.h"
#include "each.h"
#include "daemon/api/handlers.h"
#include "daemon/api/prefix.h"
#include "daemon/guards/guard_rails.h"
#include "daemon/api/http/reply.h"

#define SSH_SOURCES_MAX 64

/* A request to block or throttle, or to report what that would hit. */
struct block_request {
	const json_t *object; /* owns the texts */
	const struct named_prefix *named;
	struct guard_rails_request guard_rails;
	/* told in the request, and about the connection */
	struct in6_addr ssh[SSH_SOURCES_MAX + GUARDS_SOURCES_MAX];
	struct guards_caller caller;
	struct store_block block;
	struct block_terms terms;
	struct block_copy before;
	bool dry_run, weaken;
};

static int parse_ssh(struct block_request *request, struct error *error)
{
	json_t *list = json_object_get(request->object, "ssh_sources"), *item;
	struct prefix prefix;
	size_t i;

	if (list && !json_is_null(list) && !json_is_array(list))
		return error_set(error, -EINVAL, "'ssh_sources' must be a list of addresses");
	json_array_foreach (list, i, item) {
		const char *text = json_string_value(item);

		if (!text || prefix_parse_whole(text, &prefix, NULL) || prefix.length != 128)
			return error_set(error, -EINVAL,
					 "'ssh_sources' must be a list of addresses");
		if (request->caller.count == SSH_SOURCES_MAX)
			return error_set(error, -EINVAL,
					 "'ssh_sources' must have at most %d addresses",
					 SSH_SOURCES_MAX);
		request->ssh[request->caller.count++] = prefix.address;
	}
	return 0;
}

static int parse_origin(struct block_request *request, struct error *error)
{
	struct store_block *block = &request->block;
	int err =
		object_text(request->object, "origin", ORIGIN_TEXT_MAX - 1, &block->origin, error);

	if (!err && block->origin &&
	    (!origin_is_valid(block->origin) || !strcmp(block->origin, STORE_ORIGIN_CONFIG)))
		return error_set(error, -EINVAL,
				 "the origin '%s' is reserved; leave it out, or name another",
				 block->origin);
	if (!block->origin)
		block->origin = STORE_ORIGIN_OPERATOR;
	return err;
}

static int parse_flags(struct block_request *request, struct error *error)
{
	int err = object_flag(request->object, "force", &request->guard_rails.force, error);

	if (!err)
		err = object_flag(request->object, "wide", &request->guard_rails.wide, error);
	if (!err)
		err = object_flag(request->object, "weaken", &request->weaken, error);
	if (!err)
		err = object_flag(request->object, "dry_run", &request->dry_run, error);
	request->weaken |= request->guard_rails.force;
	return err;
}

static int parse_block(struct block_request *request, struct error *error)
{
	int err = parse_origin(request, error);

	if (!err)
		err = block_terms_parse(request->object, &request->terms, error);
	if (!err)
		err = parse_flags(request, error);
	if (!err)
		err = parse_ssh(request, error);
	return err;
}

static void add_caller(struct block_request *request, const struct guards_caller *caller)
{
	request->caller.from = request->ssh;
	for (size_t i = 0; caller && i < caller->count; i++)
		request->ssh[request->caller.count++] = caller->from[i];
}

/* The origin's existing entry. */
static int find_before(const struct daemon *daemon, struct block_request *request,
		       struct error *error)
{
	if (request->named->err == -EINVAL)
		return 0; /* check_block() gives the reason */
	request->block.prefix = request->named->prefix;
	request->block.said = request->named->said;
	return block_copy_find(daemon->store, &request->block.prefix, request->block.origin,
			       &request->block.said, &request->before, error);
}

static int refuse_to_weaken(struct block_request *request, const struct store_block *blocked,
			    struct error *error)
{
	char says[BLOCK_SAYS_MAX], text[PREFIX_TEXT_MAX], blocked_text[PREFIX_TEXT_MAX];

	error_set(
		error, -EPERM,
		"%s is not throttled: %s, and a throttle would let %u packets per second through; weaken overrides this",
		prefix_format(&request->block.prefix, text), block_says(blocked, says),
		request->block.rate);
	error_member(error, -EPERM, "blocked", prefix_format(&blocked->prefix, blocked_text));
	return error_code(error, -EPERM, ERROR_WEAKEN);
}

/* A throttle in place of a block, or of a part of what is blocked, opens something: only with
 * confirmation.
 */
static int check_weakens(const struct daemon *daemon, struct block_request *request,
			 struct error *error)
{
	struct block_copy around = {};
	int err = 0;

	if (request->block.kind != STORE_THROTTLE || request->weaken)
		return 0;
	if (request->before.found && request->before.row.kind == STORE_BLOCK)
		return refuse_to_weaken(request, &request->before.row, error);
	if (!request->before.found)
		err = blocks_around(&daemon->blocks, &request->block.prefix, &around, error);
	if (!err && around.found && around.row.kind == STORE_BLOCK)
		err = refuse_to_weaken(request, &around.row, error);
	block_copy_free(&around);
	return err;
}

/* All checks. -EPERM if it takes a confirmation. */
static int check_block(struct daemon *daemon, struct block_request *request,
		       struct guard_rails_answer *answer, struct error *error)
{
	const struct store_block *before = request->before.found ? &request->before.row : NULL;
	const struct guard_rails guard_rails = daemon_guard_rails(daemon, &request->caller);
	int err;

	memset(answer, 0, sizeof(*answer));
	if (request->named->err == -EINVAL) {
		*error = request->named->why;
		return -EINVAL;
	}
	request->guard_rails.wide |= before != NULL;
	err = guard_rails_check(&guard_rails, &request->guard_rails, answer, error);
	if (!err)
		err = check_weakens(daemon, request, error);
	return err;
}

/* --- block and throttle --- */

/* "blocked" is not the whole truth if no interface drops its packets, or none looks at IPv4. */
static void note_reach(const struct daemon *daemon, const struct prefix *prefix,
		       struct guard_rails_answer *answer)
{
	size_t n = strlen(answer->note);
	char words[REACH_NAMES_MAX * 2];
	struct reach reach;

	reach_of(&daemon->ifaces, false, &reach);
	if (!reach.enforcing) {
		snprintf(answer->note + n, sizeof(answer->note) - n, "%s%s", n ? "; " : "",
			 reach_words(&reach, false, words, sizeof(words)));
		return;
	}
	if (!prefix_is_v4(prefix))
		return;
	for (uint32_t i = 0; i < daemon->maps.meta->iface_slots; i++)
		if (daemon->ifaces.entry[i] && daemon->ifaces.entry[i]->ipv4_enforce)
			return;
	snprintf(answer->note + n, sizeof(answer->note) - n,
		 "%sits native IPv4 packets pass, as no interface has ipv4: enforce",
		 n ? "; " : "");
}

static bool ends_before(const struct store_block *a, const struct store_block *b)
{
	return a->until_ms && (!b->until_ms || a->until_ms < b->until_ms);
}

/* A throttle next to a block of another origin or address has no effect, because the stricter one
 * applies; and a block has no effect at its end while another one holds.
 */
static void note_stricter(const struct daemon *daemon, const struct store_block *block,
			  struct guard_rails_answer *answer)
{
	size_t n = strlen(answer->note);
	struct block_copy other = {};
	char says[BLOCK_SAYS_MAX];
	struct error ignored;

	if (!blocks_said_by_others(&daemon->blocks, &block->prefix, block->origin, &block->said,
				   &other, &ignored) &&
	    other.found && other.row.kind == STORE_BLOCK &&
	    (block->kind == STORE_THROTTLE || ends_before(block, &other.row)))
		snprintf(answer->note + n, sizeof(answer->note) - n, "%s%s, which %s",
			 n ? "; " : "", block_says(&other.row, says),
			 block->kind == STORE_THROTTLE ? "is stricter and counts" :
							 "holds longer and counts");
	block_copy_free(&other);
}

static json_t *answer_done(const struct daemon *daemon, const struct block_request *block,
			   const struct guard_rails_answer *answer)
{
	json_t *object = block_to_json(&block->block, &daemon->blocks,
				       answer->note[0] ? answer->note : NULL);

	block_add_before(object, &block->block, block->before.found ? &block->before.row : NULL,
			 &daemon->blocks);
	return object;
}

/* `refused`: as requested; with force, the reason it would be refused for without. */
static int answer_would(struct daemon *daemon, const struct block_request *block,
			const struct guard_rails_answer *answer, const struct error *refused,
			json_t **object, struct error *error)
{
	struct block_request plain = *block;
	struct guard_rails_answer ignored;
	struct error why;
	bool would_do = !refused;

	plain.caller.from = plain.ssh;
	plain.guard_rails.force = plain.weaken = false;
	if (block->guard_rails.force && check_block(daemon, &plain, &ignored, &why) == -EPERM)
		refused = &why;
	return control_dry_run(daemon, &block->block, answer->note, would_do, refused, object,
			       error);
}

/* Done, or, for a dry run, reported. */
static int put_block(struct daemon *daemon, const struct actor *actor, struct block_request *block,
		     json_t **object, struct error *error)
{
	const struct store_block *before;
	struct guard_rails_answer answer;
	struct error refused;
	int err = parse_block(block, error);

	add_caller(block, actor->caller);
	if (!err)
		err = find_before(daemon, block, error);
	before = block->before.found ? &block->before.row : NULL;
	if (!err)
		err = block_terms_apply(&block->terms, before, &daemon->config, &block->block,
					error);
	if (!err)
		err = block_terms_required(&daemon->config, &block->block, error);
	if (err)
		return err;
	err = check_block(daemon, block, &answer, error);
	if (block->dry_run && (!err || err == -EPERM)) {
		note_reach(daemon, &block->block.prefix, &answer);
		if (err)
			refused = *error;
		return answer_would(daemon, block, &answer, err ? &refused : NULL, object, error);
	}
	if (err)
		return err;
	note_reach(daemon, &block->block.prefix, &answer);
	err = blocks_put(&daemon->blocks, actor, &block->block, error);
	if (err)
		return err;
	note_stricter(daemon, &block->block, &answer);
	*object = answer_done(daemon, block, &answer);
	return 0;
}

struct order {
	const json_t *object;
	enum store_kind kind;
};

static int put_one(struct daemon *daemon, const struct actor *actor,
		   const struct named_prefix *named, void *data, json_t **answer,
		   struct error *error)
{
	const struct order *order = data;
	struct block_request block = {
		.object = order->object,
		.named = named,
		.guard_rails = {.prefix = &named->prefix,
				.is_source = named->is_source,
				.note = named->note,
				.unsafe = named->err ? &named->why : NULL},
		.block = {.kind = order->kind},
	};
	int err = put_block(daemon, actor, &block, answer, error);

	block_copy_free(&block.before);
	return err;
}

static void post(struct daemon *daemon, struct evhttp_request *request, const struct actor *actor,
		 enum store_kind kind, const char *const *keys)
{
	struct error error;
	json_t *object = request_object(request, keys, &error);
	struct order order = {object, kind};

	if (object)
		control_each(daemon, request, actor, object, &(struct each){put_one, &order});
	else
		reply_error(request, -EINVAL, &error);
	json_decref(object);
}

#define BLOCK_KEYS                                                                              \
	BLOCK_TERMS_KEYS, "prefix", "prefixes", "origin", "force", "wide", "weaken", "dry_run", \
		"ssh_sources"

void control_post_block(struct daemon *daemon, struct evhttp_request *request,
			const struct actor *actor)
{
	static const char *const keys[] = {BLOCK_KEYS, NULL};

	post(daemon, request, actor, STORE_BLOCK, keys);
}

void control_post_throttle(struct daemon *daemon, struct evhttp_request *request,
			   const struct actor *actor)
{
	static const char *const keys[] = {BLOCK_KEYS, BLOCK_TERMS_RATE_KEYS, NULL};

	post(daemon, request, actor, STORE_THROTTLE, keys);
}
