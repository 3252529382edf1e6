// SPDX-License-Identifier: GPL-2.0-only
/* Transactions, which may be nested: the outermost one counts. Whatever rolls one back, an inner
 * rollback or sqlite itself (SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM), the depth stays until its
 * owners have ended it, and nothing is written meanwhile: each statement would be a commit of its
 * own.
 */
#include "store_internal.h"

#include <errno.h>
#include <slash64/maps.h>

static void roll_back(struct store *store)
{
	struct error ignored;

	if (!sqlite3_get_autocommit(store->db))
		store_run(store, ROLLBACK, "roll back", &ignored);
}

int store_check_whole(const struct store *store, struct error *error)
{
	if (!store->depth || !sqlite3_get_autocommit(store->db))
		return 0;
	if (store->lost_err) {
		*error = store->lost;
		return store->lost_err;
	}
	return error_set(
		error, -EIO,
		"a part of the change could not be written in the store %s, and nothing was changed",
		store->path);
}

static int begin(struct store *store, enum statement how, struct error *error)
{
	int err;

	if (store->suspended)
		return store_is_busy(error);
	if (!store->depth) {
		roll_back(store); /* of an earlier one, whose rollback failed */
		store->lost_err = 0;
	}
	/* an inner one always begins: its owner ends it, also if all of it was rolled back */
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
		return store_check_whole(store, error);
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
	if (store->suspended)
		return;
	roll_back(store);
	if (store->first_row)
		*store->first_row = 0;
	store->first_row = NULL;
	if (store->depth)
		store->depth--;
}
