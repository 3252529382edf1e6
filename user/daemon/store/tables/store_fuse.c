// SPDX-License-Identifier: GPL-2.0-only
#include "store_fuse.h"

#include "daemon/store/store_internal.h"

int store_fuse_add(struct store *store, int64_t at_ms, bool has_blown, int64_t forget_ms,
		   struct error *error)
{
	int err;

	sqlite3_bind_int64(store->statement[FUSE_ADD], 1, at_ms);
	sqlite3_bind_int(store->statement[FUSE_ADD], 2, has_blown);
	err = store_run(store, FUSE_ADD, "note what a rule did", error);
	if (err)
		return err;
	sqlite3_bind_int64(store->statement[FUSE_FORGET], 1, forget_ms);
	return store_run(store, FUSE_FORGET, "forget what rules did", error);
}

int store_fuse(struct store *store, store_fuse_each_t each, void *data, struct error *error)
{
	sqlite3_stmt *statement = store->statement[FUSE_ALL];
	int step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW)
		each(sqlite3_column_int64(statement, 0), sqlite3_column_int(statement, 1), data);
	step = step == SQLITE_DONE ? 0 : store_error(store, error, "read");
	store_statement_done(statement);
	return step;
}
