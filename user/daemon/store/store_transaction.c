// SPDX-License-Identifier: GPL-2.0-only
/* Transactions, which may be nested: the outermost one counts. */
#include "store_internal.h"

#include <errno.h>
#include <slash64/maps.h>

static int begin(struct store *store, enum statement how, struct error *error)
{
	int err;

	if (store->suspended)
		return store_is_busy(error);
	err = store->depth ? 0 : store_run(store, how, "begin", error);

	if (!err)
		store->depth++;
	return err;
}

int store_begin(struct store *store, struct error *error)
{
	return begin(store, BEGIN, error);
}

int store_begin_idle(struct store *store, struct error *error)
{
	return begin(store, BEGIN_IDLE, error);
}

int store_commit(struct store *store, struct error *error)
{
	int err;

	if (store->depth > 1 && !S64_MISTAKE(COMMIT_INNER)) {
		store->depth--;
		return 0;
	}
	store->committing = true;
	err = store_run(store, COMMIT, "commit", error);
	store->committing = false;
	if (err)
		store_rollback(store);
	else
		store->first_row = NULL;
	store->depth = 0;
	return err;
}

int store_flush(struct store *store, struct error *error)
{
	int code = sqlite3_db_cacheflush(store->db);

	/* SQLITE_BUSY: a page that a statement still holds, which ends with the commit */
	if (code == SQLITE_OK || code == SQLITE_BUSY)
		return 0;
	/* the connection does not keep the code */
	if ((code & 0xff) == SQLITE_FULL)
		return error_set(
			error, -ENOSPC,
			"cannot write in the store %s: %s; make room on the disk, nothing was changed",
			store->path, sqlite3_errstr(code));
	return error_set(error, -EIO, "cannot write in the store %s: %s", store->path,
			 sqlite3_errstr(code));
}

int store_try(struct store *store, struct error *error)
{
	int err;

	if (store->depth)
		return 0;
	err = store_begin(store, error);
	if (!err)
		store_rollback(store);
	return err;
}

void store_rollback(struct store *store)
{
	struct error ignored;

	if (store->suspended)
		return;
	if (!sqlite3_get_autocommit(store->db))
		store_run(store, ROLLBACK, "roll back", &ignored);
	if (store->first_row)
		*store->first_row = 0;
	store->first_row = NULL;
	store->depth = 0;
}
