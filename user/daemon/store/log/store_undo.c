// SPDX-License-Identifier: GPL-2.0-only
#include "store_undo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/store_internal.h"

/* NULL for none, which IS compares like a value. */
static void bind_login(sqlite3_stmt *statement, int column, int64_t login_uid)
{
	if (login_uid >= 0)
		sqlite3_bind_int64(statement, column, login_uid);
}

int64_t store_undo_last(struct store *store, const struct actor *actor)
{
	sqlite3_stmt *statement = store->statement[UNDO_LAST];
	int64_t number = 0;

	sqlite3_bind_int64(statement, 1, actor->uid);
	bind_login(statement, 2, actor->login_uid);
	if (sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	store_statement_done(statement);
	return number;
}

static void take_actor(sqlite3_stmt *row, int who, int login, struct actor *actor)
{
	const char *text = (const char *)sqlite3_column_text(row, who);
	const char *person = (const char *)sqlite3_column_text(row, login);

	snprintf(actor->who, sizeof(actor->who), "%s", text ? text : "");
	snprintf(actor->login, sizeof(actor->login), "%s", person ? person : "");
}

static void take_row(sqlite3_stmt *row, struct store_change *change)
{
	*change = (struct store_change){
		.number = sqlite3_column_int64(row, 0),
		.at_ms = sqlite3_column_int64(row, 1),
		.action = (const char *)sqlite3_column_text(row, 2),
		.has_prefix = sqlite3_column_bytes(row, 4) == sizeof(change->prefix.address),
		.origin = (const char *)sqlite3_column_text(row, 6),
		.detail = (const char *)sqlite3_column_text(row, 7),
		.undo = (const char *)sqlite3_column_text(row, 8),
	};
	take_actor(row, 3, 9, &change->actor);
	if (change->has_prefix) {
		memcpy(&change->prefix.address, sqlite3_column_blob(row, 4),
		       sizeof(change->prefix.address));
		change->prefix.length = sqlite3_column_int(row, 5);
	}
}

/* The number of rows, or -errno. */
static int each_row(struct store *store, sqlite3_stmt *statement, store_undo_each_t each,
		    void *data, struct error *error)
{
	int step, rows = 0, err = 0;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct store_change change;

		take_row(statement, &change);
		rows++;
		if (!each(&change, data))
			break;
	}
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		err = store_error(store, error, "read the log");
	store_statement_done(statement);
	return err ? err : rows;
}

int store_undo_rows(struct store *store, int64_t batch, int64_t below, unsigned int limit,
		    store_undo_each_t each, void *data, struct error *error)
{
	sqlite3_stmt *statement = store->statement[UNDO_ROWS];

	sqlite3_bind_int64(statement, 1, batch);
	sqlite3_bind_int64(statement, 2, below);
	sqlite3_bind_int64(statement, 3, limit);
	return each_row(store, statement, each, data, error);
}

int store_undo_never_last(struct store *store, const struct actor *actor, int64_t behind,
			  store_undo_each_t each, void *data, struct error *error)
{
	sqlite3_stmt *statement = store->statement[UNDO_NEVER_LAST];

	sqlite3_bind_int64(statement, 1, actor->uid);
	sqlite3_bind_int64(statement, 2, behind);
	bind_login(statement, 3, actor->login_uid);
	return each_row(store, statement, each, data, error);
}

bool store_undo_later(struct store *store, const struct prefix *prefix, const char *origin,
		      int64_t number, struct store_change *change, char action[32])
{
	sqlite3_stmt *statement = store->statement[UNDO_LATER];
	bool found;

	sqlite3_bind_blob(statement, 1, &prefix->address, sizeof(prefix->address), SQLITE_STATIC);
	sqlite3_bind_int(statement, 2, prefix->length);
	store_bind_text(statement, 3, origin);
	sqlite3_bind_int64(statement, 4, number);
	*change = (struct store_change){};
	found = sqlite3_step(statement) == SQLITE_ROW;
	if (found) {
		change->at_ms = sqlite3_column_int64(statement, 0);
		snprintf(action, 32, "%s", (const char *)sqlite3_column_text(statement, 1));
		take_actor(statement, 2, 3, &change->actor);
	}
	store_statement_done(statement);
	return found;
}

int store_undo_done(struct store *store, int64_t batch, struct error *error)
{
	sqlite3_bind_int64(store->statement[UNDO_DONE], 1, batch);
	return store_run(store, UNDO_DONE, "note what is undone", error);
}

int store_undo_can(struct store *store, int64_t batch, struct error *error)
{
	sqlite3_bind_int64(store->statement[UNDO_CAN], 1, batch);
	return store_run(store, UNDO_CAN, "note what can be undone", error);
}

int store_undo_never(struct store *store, int64_t batch, struct error *error)
{
	sqlite3_bind_int64(store->statement[UNDO_NEVER], 1, batch);
	return store_run(store, UNDO_NEVER, "note what cannot be undone", error);
}
