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
#include "daemon/api/http/stream.h"
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

struct listed {
	uint64_t id;
	int slot;
};

static int by_id(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* A list that is being read: the numbers at its beginning. */
struct rows {
	const struct proposals *proposals;
	size_t count, at;
	struct listed row[PROPOSALS_MAX];
};

/* One whose place was taken meanwhile is left out. */
static int rows_next(void *data, struct evbuffer *page, struct error *error)
{
	struct rows *rows = data;
	const struct proposal *proposal;

	(void)error;
	if (rows->at == rows->count)
		return 0;
	proposal = &rows->proposals->entry[rows->row[rows->at].slot];
	if (proposal->state && proposal->id == rows->row[rows->at].id)
		reply_line(page, to_json(rows->proposals, proposal));
	rows->at++;
	return 1;
}

static void rows_pace(void *data, struct task *task)
{
	(void)data;
	(void)task;
}

/* Those that are over, and decided before the last start, only if all are asked for. */
static bool is_asked_for(const struct proposal *proposal, bool all)
{
	return proposal->state != PROPOSAL_FREE && (all || proposal->state != PROPOSAL_OVER);
}

void control_get_proposals(struct daemon *daemon, struct evhttp_request *request)
{
	static const struct stream_source source = {rows_next, rows_pace, free};
	const struct proposal *entry = daemon->proposals->entry;
	struct rows *rows = calloc(1, sizeof(*rows));
	bool all = request_flag(request, "all");

	if (!rows) {
		reply_object(request, NULL);
		return;
	}
	rows->proposals = daemon->proposals;
	for (int i = 0; i < PROPOSALS_MAX; i++)
		if (is_asked_for(&entry[i], all))
			rows->row[rows->count++] = (struct listed){entry[i].id, i};
	qsort(rows->row, rows->count, sizeof(*rows->row), by_id);
	stream_start(daemon->turns, request, &source, rows, NULL);
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
