/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the store share. */
#ifndef SLASH64_DAEMON_STORE_INTERNAL_H
#define SLASH64_DAEMON_STORE_INTERNAL_H

#include <sqlite3.h>

#include "store.h"
#include "store_files.h"
#include "audit_log.h"

enum statement {
	BLOCK_PUT,
	BLOCK_PUT_ALL,
	BLOCK_REMOVE,
	BLOCK_REMOVE_ORIGIN,
	BLOCK_REMOVE_SAID,
	BLOCK_AT,
	BLOCK_ALL,
	BLOCK_OF_CONFIG,
	BLOCK_WITHIN,
	BLOCK_BEHIND,
	BLOCK_NEXT_END,
	ENDS_AFTER,
	ENDS_LOG,
	ENDS_LAST,
	ENDS_REMOVE,
	ENDS_REMOVE_ALL,
	RATE_ALL,
	RATE_PUT,
	RATE_PRUNE,
	RATE_USED,
	ALLOW_PUT,
	ALLOW_REMOVE,
	ALLOW_REMOVE_ORIGIN,
	ALLOW_ALL,
	ALLOW_AT,
	IFACE_PUT,
	IFACE_REMOVE,
	IFACE_ALL,
	FEED_AT,
	FEED_PUT,
	IFACE_SEE,
	IFACE_SEEN,
	UNNAMED_ALL,
	UNNAMED_PUT,
	UNNAMED_REMOVE,
	LOG_ADD,
	UNCONFIRMED_GET,
	UNCONFIRMED_PUT,
	UNCONFIRMED_REMOVE,
	UNDO_LAST,
	UNDO_ROWS,
	UNDO_LATER,
	UNDO_DONE,
	UNDO_CAN,
	UNDO_NEVER,
	UNDO_NEVER_LAST,
	LOG_PRUNE_OLD,
	LOG_PRUNE_MANY,
	HITS_PUT,
	HITS_FORGET,
	HITS_ALL,
	HITS_AFTER,
	BEGIN,
	BEGIN_IDLE,
	COMMIT,
	ROLLBACK,
	STATEMENT_COUNT
};

#define BLOCK_COLUMNS \
	"address, length, origin, reason, ticket, start_ms, until_ms, kind, rate, burst, said"
#define BLOCK_COLUMN_COUNT 11

/* Those of an allowed prefix, as of a block. */
#define STORE_ALLOW_COLUMNS "address, length, origin, reason, NULL, start_ms, 0, 0, 0, 0, NULL"
#define STORE_ALLOWS	    "SELECT " STORE_ALLOW_COLUMNS " FROM allow ORDER BY address, length, origin"

#define STORE_SAID_BYTES \
	17 /* of `said`: the address, and its length; no bytes where it is the prefix itself */

#define STORE_BULK_SOURCE "listed" /* what a list is to SQL (store_bulk.c) */

/* The list that is being written. */
struct store_bulk {
	store_next_t next;
	void *data;
};

struct store {
	sqlite3 *db;
	char path[4096];
	sqlite3_stmt *statement[STATEMENT_COUNT];
	unsigned int depth; /* of store_begin() */
	bool is_new;
	bool suspended; /* a change has paused: what others write would be a part of it */
	bool committing;
	struct store_files files;
	/* what others read by meanwhile: its connection and its statements; NULL: the change's own */
	struct store *apart;
	void (*breathe)(void *data, bool at_once);
	void *breathe_data;
	bool told_senseless;
	bool has_said; /* rows of addresses were seen, or written; all rows are seen at a start */
	struct store_actor actor;
	struct store_actor paused_actor;	     /* of a change that has paused */
	const struct store_undo_writer *undo_writer; /* NULL: nothing can be taken back */
	int64_t batch_kept;			     /* of the actor's change, what is committed */
	struct task *task; /* of a reader that pauses; NULL: it does not */
	struct store_bulk bulk;
	int wal_pages;		   /* in the write-ahead log, at the last commit */
	int wal_pages_left;	   /* of them, those that are not in the database yet */
	uint64_t checkpoint_at_ns; /* not before; CLOCK_MONOTONIC */
	int64_t written_ms;	   /* the last commit of this run; 0: none */
	int64_t failed_ms;	   /* what failed behind that; 0: nothing */
	char failure[ERROR_TEXT_MAX];
};

/* All statements, and what they call. */
int store_prepare(struct store *store, struct error *error);
int store_bulk_register(struct store *store, struct error *error);
int store_log_register(struct store *store, struct error *error);

/* A connection of its own that only reads, and its statement. -errno, with nothing left open. */
int store_reader_open(const struct store *store, struct store *reader, struct error *error);

/* What it reads, it reads in pieces: within the task it pauses when its turn is over. */
void store_reader_pace(struct store *reader, struct task *task);

/* From now on the write-ahead log is looked after by store_checkpoint(). */
void store_care_begin(struct store *store);

/* A checkpoint has ended: how many pages the log had, and how many of them are in the database; -1: nobody knows. */
void store_checkpoint_done(struct store *store, int pages, int copied);

void store_statement_done(sqlite3_stmt *statement);
void store_bind_text(sqlite3_stmt *statement, int column, const char *text);
/* Its first two columns. */
void store_bind_prefix(sqlite3_stmt *statement, const struct prefix *prefix);
int store_run(struct store *store, enum statement which, const char *what, struct error *error);

/* What sqlite says went wrong, for a person; returns -errno. */
int store_error(struct store *store, struct error *error, const char *what);

/* The columns of BLOCK_COLUMNS. -EUCLEAN where they are no row that was ever written: sqlite takes what is in the
 * pages of a damaged file for what it is, and asks for no constraint when it reads.
 */
int store_row_to_block(struct store *store, sqlite3_stmt *statement, struct store_block *block,
		       struct error *error);

/* All rows of a statement of BLOCK_COLUMNS; what makes no sense is left out, and told of. */
int store_each_row(struct store *store, enum statement which, store_block_each_t each, void *data,
		   struct error *error);
void store_tell_senseless(struct store *store, size_t rows);

/* Those of a prefix; `of_origin` where the origin is not NULL. -ENOENT where there is none. */
int store_remove_row(struct store *store, enum statement all, enum statement of_origin,
		     const struct prefix *prefix, const char *origin, struct error *error);

/* The first two columns. */
bool store_take_prefix(sqlite3_stmt *statement, struct prefix *prefix);

/* "... is damaged"; returns -EUCLEAN. */
int store_damaged(struct store *store, struct error *error);

#endif
