// SPDX-License-Identifier: GPL-2.0-only
/* Hits of blocks, as last written (hits_kept.h). */
#include <errno.h>

#include "daemon/store/store_internal.h"

static void bind_prefix(sqlite3_stmt *statement, const struct prefix *prefix)
{
	sqlite3_bind_blob(statement, 1, &prefix->address, sizeof(prefix->address), SQLITE_STATIC);
	sqlite3_bind_int(statement, 2, prefix->length);
}

int store_hits_put(struct store *store, const struct prefix *prefix, uint64_t hits,
		   uint32_t last_hit, struct error *error)
{
	sqlite3_stmt *statement = store->statement[HITS_PUT];

	bind_prefix(statement, prefix);
	sqlite3_bind_int64(statement, 3, hits);
	sqlite3_bind_int64(statement, 4, last_hit);
	return store_run(store, HITS_PUT, "write hits", error);
}

int store_hits_forget(struct store *store, const struct prefix *prefix, struct error *error)
{
	bind_prefix(store->statement[HITS_FORGET], prefix);
	return store_run(store, HITS_FORGET, "forget hits", error);
}

int store_hits(struct store *store, store_hits_each_t each, void *data, struct error *error)
{
	sqlite3_stmt *statement = store->statement[HITS_ALL];
	struct prefix prefix;
	int step, err = 0;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		int64_t hits = sqlite3_column_int64(statement, 2),
			last = sqlite3_column_int64(statement, 3);

		if (store_take_prefix(statement, &prefix) && hits >= 0 && last > 0 &&
		    last <= UINT32_MAX)
			each(&prefix, hits, last, data);
	}
	if (step != SQLITE_DONE)
		err = store_error(store, error, "read hits");
	store_statement_done(statement);
	return err;
}

/* Within a transaction: sqlite may continue reading while rows behind it are deleted. */
static int prune_rows(struct store *store, struct prefix *behind, unsigned int limit,
		      struct error *error)
{
	sqlite3_stmt *statement = store->statement[HITS_AFTER];
	struct prefix from = *behind, at;
	unsigned int seen = 0;
	int step, err = 0;

	bind_prefix(statement, &from);
	sqlite3_bind_int(statement, 3, limit);
	while (!err && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		seen++;
		if (!store_take_prefix(statement, &at))
			continue;
		*behind = at;
		if (!sqlite3_column_int(statement, 2))
			err = store_hits_forget(store, &at, error);
	}
	if (!err && step != SQLITE_DONE)
		err = store_error(store, error, "read hits");
	store_statement_done(statement);
	return err ? err : seen == limit;
}

int store_hits_prune(struct store *store, struct prefix *behind, unsigned int limit,
		     struct error *error)
{
	int err = store_begin(store, error), more;

	if (err)
		return err;
	more = prune_rows(store, behind, limit, error);
	err = more < 0 ? more : store_commit(store, error);
	if (more < 0)
		store_rollback(store);
	return err ? err : more;
}
