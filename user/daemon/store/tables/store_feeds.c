// SPDX-License-Identifier: GPL-2.0-only
/* The store: contents of feeds that were taken. */
#include <errno.h>

#include "daemon/store/store_internal.h"

int store_feed_get(struct store *store, const char *origin, uint64_t digest, int64_t *taken_ms)
{
	sqlite3_stmt *statement = store->statement[FEED_AT];
	int err = -ENOENT;

	store_bind_text(statement, 1, origin);
	sqlite3_bind_int64(statement, 2, digest);
	if (sqlite3_step(statement) == SQLITE_ROW) {
		*taken_ms = sqlite3_column_int64(statement, 0);
		err = 0;
	}
	store_statement_done(statement);
	return err;
}

int store_feed_put(struct store *store, const char *origin, uint64_t digest, int64_t taken_ms,
		   struct error *error)
{
	sqlite3_stmt *statement = store->statement[FEED_PUT];

	store_bind_text(statement, 1, origin);
	sqlite3_bind_int64(statement, 2, digest);
	sqlite3_bind_int64(statement, 3, taken_ms);
	return store_run(store, FEED_PUT, "note a feed", error);
}
