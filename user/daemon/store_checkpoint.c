// SPDX-License-Identifier: GPL-2.0-only
#include "store_checkpoint.h"

#include <errno.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "store_internal.h"
#include "task.h"

#define VFS_NAME "slash64-checkpoint"

/* What sqlite calls for a file of that connection: its own methods, but for those that copy pages. */
struct paced {
	sqlite3_io_methods methods; /* first: the file points here */
	const sqlite3_io_methods *real;
	struct store_checkpoint *checkpoint;
};

struct store_checkpoint {
	struct store *store;
	struct task *task;
	sqlite3 *db;
	sqlite3_vfs vfs, *real;
	struct paced database, log;
	int pages, copied; /* of the log; -1: it is not known */
};

/* --- the files --- */

static const struct paced *paced_of(const sqlite3_file *file)
{
	return (const struct paced *)file->pMethods;
}

static void breathe(const struct paced *paced)
{
	struct task *task = paced->checkpoint->task;

	if (task_is_busy(task) && task_is_due(task))
		task_pause(task);
}

static int paced_read(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
	const struct paced *paced = paced_of(file);
	int code = paced->real->xRead(file, bytes, n, at);

	breathe(paced);
	return code;
}

static int paced_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	const struct paced *paced = paced_of(file);
	int code = paced->real->xWrite(file, bytes, n, at);

	breathe(paced);
	return code;
}

static void pace_file(struct store_checkpoint *checkpoint, struct paced *paced, sqlite3_file *file)
{
	paced->checkpoint = checkpoint;
	paced->real = file->pMethods;
	paced->methods = *file->pMethods;
	paced->methods.xRead = paced_read;
	paced->methods.xWrite = paced_write;
	file->pMethods = &paced->methods;
}

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
	struct store_checkpoint *checkpoint =
		(struct store_checkpoint *)((char *)vfs - offsetof(struct store_checkpoint, vfs));
	int code = checkpoint->real->xOpen(checkpoint->real, path, file, flags, out_flags);

	if (code == SQLITE_OK && flags & SQLITE_OPEN_MAIN_DB)
		pace_file(checkpoint, &checkpoint->database, file);
	else if (code == SQLITE_OK && flags & SQLITE_OPEN_WAL)
		pace_file(checkpoint, &checkpoint->log, file);
	return code;
}

/* The locks of both connections are known to the one that is real. */
static int register_vfs(struct store_checkpoint *checkpoint)
{
	checkpoint->real = sqlite3_vfs_find(NULL);
	if (!checkpoint->real)
		return SQLITE_ERROR;
	checkpoint->vfs = *checkpoint->real;
	checkpoint->vfs.pNext = NULL;
	checkpoint->vfs.zName = VFS_NAME;
	checkpoint->vfs.xOpen = open_file;
	return sqlite3_vfs_register(&checkpoint->vfs, 0);
}

/* --- a checkpoint --- */

static void run(void *data)
{
	struct store_checkpoint *checkpoint = data;

	checkpoint->pages = checkpoint->copied = -1;
	sqlite3_wal_checkpoint_v2(checkpoint->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &checkpoint->pages,
				  &checkpoint->copied);
}

static void done(void *data)
{
	struct store_checkpoint *checkpoint = data;

	store_checkpoint_done(checkpoint->store, checkpoint->pages, checkpoint->copied);
}

void store_checkpoint_begin(struct store_checkpoint *checkpoint)
{
	task_run(checkpoint->task, run, done, checkpoint);
}

bool store_checkpoint_is_busy(const struct store_checkpoint *checkpoint)
{
	return checkpoint && task_is_busy(checkpoint->task);
}

/* --- start and end --- */

/* A connection has no log before it has read something. */
static int connect_to(struct store_checkpoint *checkpoint, struct error *error)
{
	struct store failed = {};

	if (!register_vfs(checkpoint) &&
	    !sqlite3_open_v2(checkpoint->store->path, &checkpoint->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			     VFS_NAME) &&
	    !sqlite3_busy_timeout(checkpoint->db, STORE_PATIENCE_START_MS) &&
	    !sqlite3_exec(checkpoint->db, "PRAGMA synchronous = FULL; SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL,
			  NULL) &&
	    !sqlite3_busy_timeout(checkpoint->db, 0))
		return 0;
	failed.db = checkpoint->db;
	snprintf(failed.path, sizeof(failed.path), "%s", checkpoint->store->path);
	return store_error(&failed, error, "open it a second time");
}

int store_checkpoint_open(struct store_checkpoint **out, struct store *store, struct event_base *base,
			  struct error *error)
{
	struct store_checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));
	int err = 0;

	if (!checkpoint || !(checkpoint->task = task_new(base))) {
		free(checkpoint);
		return error_set(error, -ENOMEM, "out of memory");
	}
	checkpoint->store = store;
	err = connect_to(checkpoint, error);
	if (err) {
		store_checkpoint_close(checkpoint);
		return err;
	}
	*out = checkpoint;
	return 0;
}

void store_checkpoint_close(struct store_checkpoint *checkpoint)
{
	if (!checkpoint)
		return;
	task_finish(checkpoint->task);
	sqlite3_close(checkpoint->db);
	if (checkpoint->real)
		sqlite3_vfs_unregister(&checkpoint->vfs);
	task_free(checkpoint->task);
	free(checkpoint);
}
