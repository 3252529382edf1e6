// SPDX-License-Identifier: GPL-2.0-only
/* The store: keys in force whose prefixes are unknown. */
#include <errno.h>

#include "daemon/store/store_internal.h"

int store_unnamed(struct store *store, store_unnamed_each_t each, void *data, struct error *error)
{
	sqlite3_stmt *statement = store->statement[UNNAMED_ALL];
	int step, err = 0;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		int64_t place = sqlite3_column_int64(statement, 0);

		if (place >= 0 && place < STORE_PLACES)
			each(place, sqlite3_column_int64(statement, 1), data);
	}
	if (step != SQLITE_DONE)
		err = store_error(store, error, "read");
	store_statement_done(statement);
	return err;
}

static int unnamed_run(struct store *store, enum statement which, enum store_place place,
		       uint64_t key, struct error *error)
{
	sqlite3_bind_int(store->statement[which], 1, place);
	sqlite3_bind_int64(store->statement[which], 2, key);
	return store_run(store, which, "write a key without a name", error);
}

int store_unnamed_put(struct store *store, enum store_place place, uint64_t key,
		      struct error *error)
{
	return unnamed_run(store, UNNAMED_PUT, place, key, error);
}

int store_unnamed_remove(struct store *store, enum store_place place, uint64_t key,
			 struct error *error)
{
	return unnamed_run(store, UNNAMED_REMOVE, place, key, error);
}
