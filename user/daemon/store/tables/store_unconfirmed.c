// SPDX-License-Identifier: GPL-2.0-only
#include "store_unconfirmed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/store_internal.h"

#define QUERY "SELECT before, digest, until_ms, who FROM unconfirmed"

void store_unconfirmed_free(struct store_unconfirmed *record)
{
	free(record->before);
	*record = (struct store_unconfirmed){};
}

static int take(sqlite3_stmt *statement, struct store_unconfirmed *record)
{
	int step = sqlite3_step(statement);
	const char *who;

	*record = (struct store_unconfirmed){};
	if (step != SQLITE_ROW)
		return step == SQLITE_DONE ? -ENOENT : -EIO;
	record->bytes = sqlite3_column_bytes(statement, 0);
	record->before = malloc(record->bytes + 1);
	if (!record->before)
		return -ENOMEM;
	if (record->bytes)
		memcpy(record->before, sqlite3_column_blob(statement, 0), record->bytes);
	record->digest = sqlite3_column_int64(statement, 1);
	record->until_ms = sqlite3_column_int64(statement, 2);
	who = (const char *)sqlite3_column_text(statement, 3);
	snprintf(record->who, sizeof(record->who), "%s", who ? who : "");
	return 0;
}

int store_unconfirmed_get(struct store *store, struct store_unconfirmed *record,
			  struct error *error)
{
	sqlite3_stmt *statement = store->statement[UNCONFIRMED_GET];
	int err = take(statement, record);

	if (err == -EIO)
		err = store_error(store, error, "read");
	else if (err == -ENOMEM)
		error_set(error, err, "out of memory");
	store_statement_done(statement);
	return err;
}

/* Changes nothing, not even the write-ahead log: whoever opens the store needs to see it first. */
int store_unconfirmed_peek(const char *directory, struct store_unconfirmed *record)
{
	sqlite3_stmt *statement = NULL;
	char path[4096];
	sqlite3 *db = NULL;
	int err = -ENOENT;

	store_library_begin(directory);
	*record = (struct store_unconfirmed){};
	if (snprintf(path, sizeof(path), "%s/slash64.db", directory) >= (int)sizeof(path))
		return -ENOENT;
	if (!sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) &&
	    !sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) &&
	    !sqlite3_prepare_v2(db, QUERY, -1, &statement, NULL))
		err = take(statement, record);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return err;
}

int store_unconfirmed_put(struct store *store, const struct store_unconfirmed *record,
			  struct error *error)
{
	sqlite3_stmt *statement = store->statement[UNCONFIRMED_PUT];

	sqlite3_bind_blob(statement, 1, record->before, record->bytes, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, record->digest);
	sqlite3_bind_int64(statement, 3, record->until_ms);
	store_bind_text(statement, 4, record->who);
	return store_run(store, UNCONFIRMED_PUT, "note what is to be confirmed", error);
}

int store_unconfirmed_remove(struct store *store, struct error *error)
{
	return store_run(store, UNCONFIRMED_REMOVE, "forget what is confirmed", error);
}
