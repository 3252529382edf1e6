// SPDX-License-Identifier: GPL-2.0-only
/* The store: the rates of throttles, and their numbers. */
#include "daemon/store/store_internal.h"

int store_rates(struct store *store, store_rate_each_t each, void *data, struct error *error)
{
	sqlite3_stmt *statement = store->statement[RATE_ALL];
	int step, err = 0;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW)
		each(sqlite3_column_int(statement, 0), sqlite3_column_int64(statement, 1),
		     sqlite3_column_int64(statement, 2), data);
	if (step != SQLITE_DONE)
		err = store_error(store, error, "read");
	store_statement_done(statement);
	return err;
}

int store_rate_put(struct store *store, unsigned int number, uint32_t rate, uint32_t burst,
		   struct error *error)
{
	sqlite3_stmt *statement = store->statement[RATE_PUT];

	sqlite3_bind_int(statement, 1, number);
	sqlite3_bind_int64(statement, 2, rate);
	sqlite3_bind_int64(statement, 3, burst);
	return store_run(store, RATE_PUT, "write a rate", error);
}

int store_rate_prune(struct store *store, unsigned int number, struct error *error)
{
	int err;

	sqlite3_bind_int(store->statement[RATE_PRUNE], 1, number);
	err = store_run(store, RATE_PRUNE, "remove a rate", error);
	return err ? err : sqlite3_changes(store->db);
}

bool store_rate_is_used(struct store *store, unsigned int number)
{
	sqlite3_stmt *statement = store->statement[RATE_USED];
	bool used;

	sqlite3_bind_int(statement, 1, number);
	/* a row that cannot be read may use it */
	used = sqlite3_step(statement) != SQLITE_DONE;
	store_statement_done(statement);
	return used;
}
