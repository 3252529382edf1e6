// SPDX-License-Identifier: GPL-2.0-only
/* The store: interfaces attached by hand, and names seen before. */
#include <string.h>

#include "config/config.h"
#include "daemon/store/store_internal.h"

int store_iface_put(struct store *store, const struct store_iface *iface, struct error *error)
{
	sqlite3_stmt *statement = store->statement[IFACE_PUT];

	store_bind_text(statement, 1, iface->name);
	sqlite3_bind_int(statement, 2, iface->mode);
	sqlite3_bind_int(statement, 3, iface->filter);
	return store_run(store, IFACE_PUT, "write an interface", error);
}

int store_iface_remove(struct store *store, const char *name, struct error *error)
{
	store_bind_text(store->statement[IFACE_REMOVE], 1, name);
	return store_run(store, IFACE_REMOVE, "remove an interface", error);
}

static bool iface_makes_sense(const struct store_iface *iface)
{
	return iface->name && iface->name[0] && strlen(iface->name) < S64_IFACE_NAME_MAX &&
	       iface->mode >= MODE_AUTO && iface->mode <= MODE_GENERIC && iface->filter >= -1 &&
	       iface->filter <= FILTER_MONITOR;
}

int store_ifaces(struct store *store, void (*each)(const struct store_iface *iface, void *data),
		 void *data, struct error *error)
{
	sqlite3_stmt *statement = store->statement[IFACE_ALL];
	int step, err = 0;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct store_iface iface = {
			.name = (const char *)sqlite3_column_text(statement, 0),
			.mode = sqlite3_column_int(statement, 1),
			.filter = sqlite3_column_int(statement, 2),
		};

		if (iface_makes_sense(&iface))
			each(&iface, data);
		else
			store_tell_senseless(store, 1);
	}
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		err = store_error(store, error, "read");
	store_statement_done(statement);
	return err;
}

int store_iface_see(struct store *store, const char *name, struct error *error)
{
	if (store_iface_was_seen(store, name))
		return 0;
	store_bind_text(store->statement[IFACE_SEE], 1, name);
	return store_run(store, IFACE_SEE, "note an interface", error);
}

bool store_iface_was_seen(struct store *store, const char *name)
{
	sqlite3_stmt *statement = store->statement[IFACE_SEEN];
	bool was_seen;

	store_bind_text(statement, 1, name);
	was_seen = sqlite3_step(statement) == SQLITE_ROW;
	store_statement_done(statement);
	return was_seen;
}
