// SPDX-License-Identifier: GPL-2.0-only
/* Maintenance of the store's files: checkpoints the write-ahead log before it grows long, and tells
 * whether another process holds the store.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "store_internal.h"
#include "daemon/loop/changes.h"
#include "daemon/loop/turn.h"
#include "base/time.h"

#define CHECKPOINT_PAGES    500 /* 2 MB, which is copied in about half a turn */
#define CHECKPOINT_RETRY_NS 1000000000ULL
#define WAL_FRAME_BYTES	    (4096 + 24)

/* Called after each commit, instead of sqlite's own checkpoint, which would be a part of the
 * commit.
 */
static int on_commit(void *data, sqlite3 *db, const char *name, int pages)
{
	struct store *store = data;

	(void)db;
	(void)name;
	store->wal_pages = store->wal_pages_left = pages;
	store->written_ms = clock_wall_ms();
	store->failed_ms = 0;
	store->files.failed = false;
	if (store->log_is_lost && pages <= CHECKPOINT_PAGES)
		store_checkpoint(store);
	if (store->on_commit)
		store->on_commit(store->on_commit_data);
	return SQLITE_OK;
}

void store_on_commit(struct store *store, void (*function)(void *data), void *data)
{
	store->on_commit = function;
	store->on_commit_data = data;
}

void store_care_begin(struct store *store)
{
	sqlite3_wal_hook(store->db, on_commit, store);
}

void store_set_patience(struct store *store, int ms)
{
	sqlite3_busy_timeout(store->db, ms);
}

bool store_checkpoint_is_due(const struct store *store)
{
	return store->wal_pages_left > (store->log_is_lost ? 0 : CHECKPOINT_PAGES) &&
	       !store->depth && !store->suspended && turn_now_ns() >= store->checkpoint_at_ns;
}

/* If a reader still needs the rest, wait a second before the next attempt. What was written
 * meanwhile may be the rest, and comes next.
 */
void store_checkpoint_done(struct store *store, int pages, int copied)
{
	bool known = pages >= 0 && copied >= 0;

	store->wal_pages_left = known ? store->wal_pages - copied : store->wal_pages;
	store->checkpoint_at_ns =
		!known || copied < pages ? turn_now_ns() + CHECKPOINT_RETRY_NS : 0;
}

/* Copies only what no reader needs any more, and waits for nobody. */
void store_checkpoint(struct store *store)
{
	int pages = -1, copied = -1;

	sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
	if (pages >= 0)
		store->wal_pages = pages; /* of an earlier run, at a start */
	store_checkpoint_done(store, pages, copied);
}

/* A change in a deleted log would be gone with this process, and for new connections it is not
 * there: from now on, each is copied into the database at once.
 */
bool store_log_was_lost(struct store *store)
{
	bool was_lost = store->log_is_lost;

	store->log_is_lost = store_files_log_is_lost(&store->files);
	return store->log_is_lost && !was_lost;
}

static bool is_moved(const struct store *store)
{
	int moved = 0;

	return sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
	       moved;
}

uint64_t store_wal_bytes(const struct store *store)
{
	return (uint64_t)store->wal_pages * WAL_FRAME_BYTES;
}

/* The change may have paused in the middle of a statement, or of its commit: its connection must
 * not be used by others.
 */
static void swap_apart(struct store *store)
{
	struct store *apart = store->apart;
	sqlite3 *db = store->db;

	store->db = apart->db;
	apart->db = db;
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_stmt *statement = store->statement[i];

		store->statement[i] = apart->statement[i];
		apart->statement[i] = statement;
	}
}

static void store_set_suspended(struct store *store, bool suspended)
{
	if (store->apart && store->suspended != suspended)
		swap_apart(store);
	store->suspended = suspended;
}

static void breathe_in_commit(void *data, bool at_once)
{
	struct store *store = data;

	if (store->committing)
		store->breathe(store->breathe_data, at_once);
}

static void breathe(void *data, bool at_once)
{
	if (at_once)
		changes_pause(data);
	else
		changes_breathe(data);
}

/* A transaction belongs to its change: what others do meanwhile is no part of it. */
static void on_pause(void *data, bool paused)
{
	store_set_suspended(data, paused);
}

int store_follow_changes(struct store *store, struct changes *changes, struct error *error)
{
	int err;

	store->apart = calloc(1, sizeof(*store->apart));
	if (!store->apart)
		return error_set(error, -ENOMEM, "out of memory");
	err = store_reader_open(store, store->apart, error);
	if (!err)
		err = store_prepare(store->apart, error);
	if (err)
		return err;
	store->breathe = breathe;
	store->breathe_data = changes;
	store->files.data = store;
	store->files.breathe = breathe_in_commit;
	changes_on_pause(changes, on_pause, store);
	return 0;
}

/* Starting a write transaction and writing nothing costs two locks, and tells. */
bool store_is_held(struct store *store)
{
	struct error ignored;
	int err;

	if (store->depth || store->suspended)
		return false; /* we hold it */
	err = store_begin(store, &ignored);
	if (!err)
		store_rollback(store);
	return err == -EBUSY;
}

/* Rows are deleted from the oldest end, so their numbers tell how many there are. */
static void count_changes(const struct store *store, struct store_condition *condition)
{
	static const char sql[] =
		"SELECT (SELECT max(number) FROM change) - (SELECT min(number) FROM change) + 1,"
		" (SELECT at_ms FROM change ORDER BY number DESC LIMIT 1)";
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(store->db, sql, sizeof(sql), &statement, NULL))
		return;
	if (sqlite3_step(statement) == SQLITE_ROW) {
		condition->changes = sqlite3_column_int64(statement, 0);
		condition->last_change_ms = sqlite3_column_int64(statement, 1);
	}
	sqlite3_finalize(statement);
}

void store_condition(const struct store *store, struct store_condition *condition)
{
	struct statvfs disk;
	struct stat file;

	memset(condition, 0, sizeof(*condition));
	condition->path = store->path;
	condition->log_bytes = store_wal_bytes(store);
	condition->written_ms = store->written_ms;
	condition->failed_ms = store->failed_ms;
	condition->failure = store->failed_ms ? store->failure : NULL;
	condition->is_lost = stat(store->path, &file);
	condition->bytes = condition->is_lost ? 0 : file.st_size;
	condition->is_lost |= is_moved(store);
	condition->log_is_lost = store->log_is_lost;
	count_changes(store, condition);
	if (!statvfs(store->path, &disk)) {
		condition->is_read_only = disk.f_flag & ST_RDONLY;
		condition->disk_free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	}
}
