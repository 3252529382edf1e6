// SPDX-License-Identifier: GPL-2.0-only
/* What keeps the files of the store in shape: the write-ahead log goes back into the database before it grows long, and
 * whether another process holds the store is known.
 */
#include <errno.h>

#include "store_internal.h"
#include "turn.h"

#define CHECKPOINT_PAGES    500 /* 2 MB, which is copied in about half a turn */
#define CHECKPOINT_RETRY_NS 1000000000ULL
#define WAL_FRAME_BYTES	    (4096 + 24)

/* Called behind each commit, in the place of sqlite's own checkpoint, which would be a part of the commit. */
static int on_commit(void *data, sqlite3 *db, const char *name, int pages)
{
	struct store *store = data;

	(void)db;
	(void)name;
	store->wal_pages = store->wal_pages_left = pages;
	return SQLITE_OK;
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
	return store->wal_pages_left > CHECKPOINT_PAGES && !store->depth && turn_now_ns() >= store->checkpoint_at_ns;
}

/* Only what no reader needs any more is copied, and nobody is waited for. Where a reader needs the rest, a second goes by
 * before it is tried again.
 */
void store_checkpoint(struct store *store)
{
	int pages = -1, copied = -1;

	sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
	store->wal_pages_left = pages >= 0 && copied >= 0 ? pages - copied : store->wal_pages;
	store->checkpoint_at_ns = store->wal_pages_left ? turn_now_ns() + CHECKPOINT_RETRY_NS : 0;
}

uint64_t store_wal_bytes(const struct store *store)
{
	return (uint64_t)store->wal_pages * WAL_FRAME_BYTES;
}

/* To begin to write, and to write nothing, costs two locks, and tells. */
bool store_is_held(struct store *store)
{
	struct error ignored;
	int err;

	if (store->depth)
		return false; /* it is ours */
	err = store_begin(store, &ignored);
	if (!err)
		store_rollback(store);
	return err == -EBUSY;
}
