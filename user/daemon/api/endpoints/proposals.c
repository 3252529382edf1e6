// SPDX-License-Identifier: GPL-2.0-only
/* The control API: what detection proposes, and what people decide about it. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "blocks/block_terms.h"
#include "daemon/api/handlers.h"
#include "daemon/api/http/reply.h"
#include "daemon/api/json/proposal_json.h"
#include "daemon/detect/proposals.h"

#define PROPOSAL_MAX 4294967295U

static json_t *to_json(const struct proposals *proposals, const struct proposal *proposal)
{
	const char *refused = proposal->refused[0] ? proposal->refused : NULL;
	struct error error;

	if (proposal->state == PROPOSAL_OPEN && proposals_check(proposals, proposal, NULL, &error))
		refused = error.text;
	return proposal_to_json(proposal, refused);
}

static int by_id(const void *a, const void *b)
{
	const struct proposal *x = *(const struct proposal *const *)a,
			      *y = *(const struct proposal *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Those that are over, and decided before the last start, only if all are asked for. */
static bool is_asked_for(const struct proposal *proposal, bool all)
{
	return proposal->state != PROPOSAL_FREE && (all || proposal->state != PROPOSAL_OVER);
}

void control_get_proposals(struct daemon *daemon, struct evhttp_request *request)
{
	const struct proposals *proposals = daemon->proposals;
	const struct proposal **listed = calloc(PROPOSALS_MAX, sizeof(*listed));
	struct evbuffer *out = listed ? evbuffer_new() : NULL;
	bool all = request_flag(request, "all");
	size_t count = 0;

	if (!out) {
		free(listed);
		reply_object(request, NULL);
		return;
	}
	for (int i = 0; i < PROPOSALS_MAX; i++)
		if (is_asked_for(&proposals->entry[i], all))
			listed[count++] = &proposals->entry[i];
	qsort(listed, count, sizeof(*listed), by_id);
	for (size_t i = 0; i < count; i++)
		reply_line(out, to_json(proposals, listed[i]));
	free(listed);
	reply_list(request, out);
	evbuffer_free(out);
}

/* --- decisions --- */

static const char *const keys[] = {"id", "for_seconds", "reason", "ticket", NULL};

static int parse(const json_t *object, uint32_t *id, struct block_terms *terms, struct error *error)
{
	int err = object_count(object, "id", PROPOSAL_MAX, id, error);

	if (!err && !*id)
		err = error_set(error, -EINVAL, "'id' is missing: the number of a proposal");
	return err ? err : block_terms_parse(object, terms, error);
}

/* What the configuration requires of a block by hand holds here too; a proposal has a reason of its
 * own.
 */
static int check_required(const struct daemon *daemon, const struct block_terms *terms,
			  struct error *error)
{
	const struct store_block block = {.reason = "proposal", .ticket = terms->ticket};

	return block_terms_required(&daemon->config, &block, error);
}

typedef int (*decide_t)(struct proposals *proposals, uint64_t id, const struct actor *actor,
			const struct proposal_terms *terms, struct error *error);

static const char *text_or_none(const char *text)
{
	return text && *text ? text : NULL;
}

static void decide(struct daemon *daemon, struct evhttp_request *request, const struct actor *actor,
		   decide_t function)
{
	struct error error;
	json_t *object = request_object(request, keys, &error);
	struct block_terms terms;
	uint32_t id = 0;
	int err = object ? parse(object, &id, &terms, &error) : -EINVAL;

	if (!err && function == proposals_apply)
		err = check_required(daemon, &terms, &error);
	if (!err)
		err = function(daemon->proposals, id, actor,
			       &(struct proposal_terms){
				       .for_ms = terms.ends ? terms.until_ms - terms.now_ms : 0,
				       .reason = text_or_none(terms.reason),
				       .ticket = text_or_none(terms.ticket)},
			       &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request,
			     to_json(daemon->proposals, proposals_find(daemon->proposals, id)));
	json_decref(object);
}

void control_post_apply(struct daemon *daemon, struct evhttp_request *request,
			const struct actor *actor)
{
	decide(daemon, request, actor, proposals_apply);
}

void control_post_dismiss(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor)
{
	decide(daemon, request, actor, proposals_dismiss);
}
