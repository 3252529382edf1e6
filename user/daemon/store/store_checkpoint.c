// SPDX-License-Identifier: GPL-2.0-only
#include "store_checkpoint.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "store_files.h"
#include "store_internal.h"
#include "daemon/loop/task.h"

struct store_checkpoint {
	struct store *store;
	struct task *task;
	sqlite3 *db;
	struct store_files files;
	int pages, copied; /* of the log; -1: unknown */
};

static void breathe(void *data, bool at_once)
{
	struct task *task = data;

	if (task_is_busy(task) && (at_once || task_is_due(task)))
		task_pause(task);
}

static void run(void *data)
{
	struct store_checkpoint *checkpoint = data;

	checkpoint->pages = checkpoint->copied = -1;
	sqlite3_wal_checkpoint_v2(checkpoint->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
				  &checkpoint->pages, &checkpoint->copied);
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

	if (!store_files_begin(&checkpoint->files) &&
	    !sqlite3_open_v2(checkpoint->store->path, &checkpoint->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, checkpoint->files.name) &&
	    !sqlite3_busy_timeout(checkpoint->db, STORE_PATIENCE_START_MS) &&
	    !sqlite3_exec(checkpoint->db,
			  "PRAGMA synchronous = FULL; SELECT 1 FROM sqlite_schema LIMIT 1", NULL,
			  NULL, NULL) &&
	    !sqlite3_busy_timeout(checkpoint->db, 0))
		return 0;
	failed.db = checkpoint->db;
	snprintf(failed.path, sizeof(failed.path), "%s", checkpoint->store->path);
	return store_error(&failed, error, "open it a second time");
}

int store_checkpoint_open(struct store_checkpoint **out, struct store *store, struct turns *turns,
			  struct error *error)
{
	struct store_checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));
	int err = 0;

	if (!checkpoint || !(checkpoint->task = task_new(turns))) {
		free(checkpoint);
		return error_set(error, -ENOMEM, "out of memory");
	}
	checkpoint->store = store;
	checkpoint->files.copies = true;
	checkpoint->files.breathe = breathe;
	checkpoint->files.data = checkpoint->task;
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
	store_files_end(&checkpoint->files);
	task_free(checkpoint->task);
	free(checkpoint);
}
