// SPDX-License-Identifier: GPL-2.0-only
/* The store: allowed prefixes. */
#include "daemon/store/store_internal.h"

int store_allow_put(struct store *store, const struct store_block *allow, struct error *error)
{
	sqlite3_stmt *statement = store->statement[ALLOW_PUT];

	store_bind_prefix(statement, &allow->prefix);
	store_bind_text(statement, 3, allow->origin);
	store_bind_text(statement, 4, allow->reason);
	sqlite3_bind_int64(statement, 5, allow->start_ms);
	return store_run(store, ALLOW_PUT, "write an allowed prefix", error);
}

int store_allow_remove(struct store *store, const struct prefix *prefix, const char *origin,
		       struct error *error)
{
	return store_remove_row(store, ALLOW_REMOVE, ALLOW_REMOVE_ORIGIN, prefix, origin, error);
}

int store_allowlist(struct store *store, store_block_each_t each, void *data, struct error *error)
{
	return store_each_row(store, ALLOW_ALL, each, data, error);
}

int store_allow_at(struct store *store, const struct prefix *prefix, store_block_each_t each,
		   void *data, struct error *error)
{
	store_bind_prefix(store->statement[ALLOW_AT], prefix);
	return store_each_row(store, ALLOW_AT, each, data, error);
}
