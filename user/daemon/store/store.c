// SPDX-License-Identifier: GPL-2.0-only
#include "store.h"

#include <errno.h>
#include <slash64/maps.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store_internal.h"
#include "daemon/loop/task.h"
#include "base/time.h"

#define JOURNAL_BYTES_KEPT "16777216" /* keep this much of a write-ahead log that was longer */

const char *const store_kind_names[] = {"block", "throttle", NULL};

/* sqlite calls some failures of the disk damage to the file, which may be whole. */
static bool disk_failed(const struct store *store)
{
	int last = 0;

	sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_LAST_ERRNO, &last);
	return store->files.failed || last == EIO;
}

/* For `status`. */
static int note_failure(struct store *store, const struct error *error, int err)
{
	store->failed_ms = clock_wall_ms();
	snprintf(store->failure, sizeof(store->failure), "%s", error->text);
	return err;
}

int store_error(struct store *store, struct error *error, const char *what)
{
	int code = sqlite3_errcode(store->db);
	const char *advice = NULL;
	int err = -EIO;

	switch (code & 0xff) {
	case SQLITE_FULL:
		err = -ENOSPC;
		advice = "make room on the disk, nothing was changed";
		break;
	case SQLITE_READONLY:
		err = -EROFS;
		advice = "make it writable, nothing was changed";
		break;
	case SQLITE_BUSY:
		err = -EBUSY;
		return error_set(
			error, -EBUSY,
			"another process holds the store %s, and nothing was changed; 'fuser %s' finds it: end it, and try again",
			store->path, store->path);
		break;
	case SQLITE_IOERR:
		advice = "see what 'dmesg' says of the disk";
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		if (disk_failed(store))
			return note_failure(
				store, error,
				error_set(
					error, -EIO,
					"cannot %s in the store %s: the disk cannot be read; keep the store, which may be whole, and see what 'dmesg' says of the disk",
					what, store->path));
		err = -EUCLEAN;
		advice = "move it away and restore a backup";
		break;
	}
	if (advice)
		error_set(error, err, "cannot %s in the store %s: %s; %s", what, store->path,
			  sqlite3_errmsg(store->db), advice);
	else
		error_set(error, err, "cannot %s in the store %s: %s", what, store->path,
			  sqlite3_errmsg(store->db));
	return note_failure(store, error, err);
}

int store_damaged(struct store *store, struct error *error)
{
	return error_set(error, -EUCLEAN,
			 "the store %s is damaged: invalid row; move it away and restore a backup",
			 store->path);
}

/* A write-ahead log, synced on every commit: an acknowledged change is on disk. */
static int configure(struct store *store, struct error *error)
{
	store_set_patience(store, STORE_PATIENCE_START_MS);
	if (sqlite3_exec(store->db,
			 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			 "PRAGMA journal_size_limit = " JOURNAL_BYTES_KEPT ";"
			 "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF",
			 NULL, NULL, NULL))
		return store_error(store, error, "set the journal");
	/* or a statement with `origin = ?` is compiled anew for each row, as the index of one origin might do for it */
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
	if (S64_MISTAKE(COMMIT_UNSYNCED))
		sqlite3_exec(store->db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	store_care_begin(store);
	return 0;
}

void store_library_begin(const char *directory)
{
	/* one thread, so no locks are needed; a second call comes too late, and changes nothing */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	/* sorting a list of a million does not fit its cache, and other directories are out of reach */
	setenv("SQLITE_TMPDIR", directory, 1);
}

int store_open(struct store **out, const char *directory, struct error *error)
{
	struct store *store;
	int err;

	if (mkdir(directory, 0750) && errno != EEXIST)
		return error_set(error, -errno, "cannot make the state directory %s: %s", directory,
				 strerror(errno));
	store_library_begin(directory);
	store = calloc(1, sizeof(*store));
	if (!store)
		return error_set(error, -ENOMEM, "out of memory");
	snprintf(store->path, sizeof(store->path), "%s/slash64.db", directory);
	if (store_files_begin(&store->files) ||
	    sqlite3_open_v2(store->path, &store->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    store->files.name)) {
		err = store_error(store, error, "open it");
		store_close(store);
		return err;
	}
	err = configure(store, error);
	if (!err)
		err = store_migrate(store, error);
	if (!err)
		err = store_prepare(store, error);
	if (!err && store->depth && !store->is_new)
		err = store_commit(store, error);
	/* The last writes of a killed run may be in the write-ahead log but not on the disk. What
	 * this run finds and reports must be on the disk.
	 */
	if (!err && !store->is_new && !S64_MISTAKE(START_UNSYNCED))
		store_checkpoint(store);
	if (err) {
		store_close(store);
		return err;
	}
	*out = store;
	return 0;
}

int store_reader_open(const struct store *store, struct store *reader, struct error *error)
{
	int err = 0;

	memcpy(reader->path, store->path, sizeof(store->path));
	if (sqlite3_open_v2(store->path, &reader->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) ||
	    sqlite3_exec(reader->db, "PRAGMA query_only = ON", NULL, NULL, NULL)) {
		err = store_error(reader, error, "read");
		sqlite3_close(reader->db);
		reader->db = NULL;
	}
	return err;
}

#define STEPS_UNASKED 400 /* of sqlite's virtual machine: some 20 us */

/* Between two steps of a statement, which may have millions of them before it returns a row. */
static int on_progress(void *data)
{
	struct task *task = ((struct store *)data)->task;

	if (!task_is_given_up(task) && task_is_due(task))
		task_pause(task);
	return task_is_given_up(task);
}

void store_reader_pace(struct store *reader, struct task *task)
{
	reader->task = task;
	sqlite3_progress_handler(reader->db, STEPS_UNASKED, on_progress, reader);
}

bool store_is_new(const struct store *store)
{
	return store->is_new;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	store_close(store->apart);
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(store->statement[i]);
	sqlite3_close(store->db);
	store_files_end(&store->files);
	free(store);
}
