// SPDX-License-Identifier: GPL-2.0-only
#include "store_proposals.h"

#include <errno.h>

#include "daemon/store/store_internal.h"

int store_proposal_put(struct store *store, const struct store_proposal *proposal,
		       struct error *error)
{
	sqlite3_stmt *statement = store->statement[PROPOSAL_PUT];
	int err;

	sqlite3_bind_int64(statement, 1, proposal->id);
	store_bind_text(statement, 2, proposal->rule);
	sqlite3_bind_blob(statement, 3, &proposal->prefix.address, sizeof(proposal->prefix.address),
			  SQLITE_STATIC);
	sqlite3_bind_int(statement, 4, proposal->prefix.length);
	sqlite3_bind_int(statement, 5, proposal->is_applied);
	sqlite3_bind_int64(statement, 6, proposal->step);
	sqlite3_bind_int64(statement, 7, proposal->since_ms);
	sqlite3_bind_int64(statement, 8, proposal->decided_ms);
	sqlite3_bind_int64(statement, 9, proposal->until_ms);
	sqlite3_bind_int64(statement, 10, proposal->applied_until_ms);
	sqlite3_bind_int(statement, 11, proposal->is_by_rule);
	sqlite3_bind_double(statement, 12, proposal->share);
	err = store_run(store, PROPOSAL_PUT, "note a proposal", error);
	if (err)
		return err;
	sqlite3_bind_int64(store->statement[PROPOSAL_PRUNE], 1, STORE_PROPOSALS_MAX);
	return store_run(store, PROPOSAL_PRUNE, "forget old proposals", error);
}

int store_proposals(struct store *store, store_proposal_each_t each, void *data,
		    struct error *error)
{
	sqlite3_stmt *statement = store->statement[PROPOSAL_ALL];
	int step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct store_proposal proposal = {
			.id = sqlite3_column_int64(statement, 2),
			.rule = (const char *)sqlite3_column_text(statement, 3),
			.is_applied = sqlite3_column_int(statement, 4),
			.step = sqlite3_column_int64(statement, 5),
			.since_ms = sqlite3_column_int64(statement, 6),
			.decided_ms = sqlite3_column_int64(statement, 7),
			.until_ms = sqlite3_column_int64(statement, 8),
			.applied_until_ms = sqlite3_column_int64(statement, 9),
			.is_by_rule = sqlite3_column_int(statement, 10),
			.share = sqlite3_column_double(statement, 11),
		};

		if (proposal.rule && store_take_prefix(statement, &proposal.prefix))
			each(&proposal, data);
	}
	if (step != SQLITE_DONE)
		step = store_error(store, error, "read");
	else
		step = 0;
	store_statement_done(statement);
	return step;
}

int store_proposal_next(struct store *store, int64_t *next, struct error *error)
{
	sqlite3_stmt *statement = store->statement[PROPOSAL_NEXT];
	int step = sqlite3_step(statement), err = 0;

	if (step == SQLITE_ROW)
		*next = sqlite3_column_int64(statement, 0);
	else if (step == SQLITE_DONE)
		*next = 1;
	else
		err = store_error(store, error, "number proposals");
	store_statement_done(statement);
	return err;
}

int store_proposal_next_put(struct store *store, int64_t next, struct error *error)
{
	sqlite3_bind_int64(store->statement[PROPOSAL_NEXT_PUT], 1, next);
	return store_run(store, PROPOSAL_NEXT_PUT, "number proposals", error);
}
