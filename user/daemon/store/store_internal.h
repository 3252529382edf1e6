/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of the store. */
#ifndef SLASH64_DAEMON_STORE_STORE_INTERNAL_H
#define SLASH64_DAEMON_STORE_STORE_INTERNAL_H

#include <sqlite3.h>

#include "store.h"
#include "store_files.h"
#include "daemon/store/log/audit_log.h"

enum statement {
	BLOCK_PUT,
	BLOCK_PUT_ALL,
	BLOCK_REMOVE,
	BLOCK_REMOVE_ORIGIN,
	BLOCK_REMOVE_SAID,
	BLOCK_AT,
	BLOCK_FIND,
	BLOCK_OF_ORIGIN,
	BLOCK_NEXT_ORIGIN,
	BLOCK_NEXT_ACTION,
	BLOCK_OF_ACTION,
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
	LOG_LAST,
	LOG_AFTER,
	UNCONFIRMED_GET,
	UNCONFIRMED_PUT,
	UNCONFIRMED_REMOVE,
	PROPOSAL_PUT,
	PROPOSAL_PRUNE,
	PROPOSAL_ALL,
	PROPOSAL_NEXT,
	PROPOSAL_NEXT_PUT,
	IDENTITY,
	HISTOGRAM_PUT,
	HISTOGRAM_ALL,
	HISTOGRAM_PRUNE,
	HISTOGRAM_DAY_PUT,
	HISTOGRAM_DAYS_ALL,
	HISTOGRAM_DAYS_PRUNE,
	FUSE_ADD,
	FUSE_FORGET,
	FUSE_ALL,
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

/* The same columns for an allowed prefix as for a block. */
#define STORE_ALLOW_COLUMNS "address, length, origin, reason, NULL, start_ms, 0, 0, 0, 0, NULL"
#define STORE_ALLOWLIST	    "SELECT " STORE_ALLOW_COLUMNS " FROM allow ORDER BY address, length, origin"

#define LOG_COLUMNS                                                                               \
	"number, at_ms, action, uid, pid, who, source, address, length, origin, reason, ticket, " \
	"until_ms, detail, login_uid, login"

#define STORE_SAID_BYTES \
	17 /* of `said`: the address, and its length; no bytes if it is the prefix itself */

#define STORE_BULK_SOURCE "listed" /* the virtual table of a list (store_bulk.c) */

/* The list being written. */
struct store_bulk {
	store_next_t next;
	void *data;
};

struct store {
	sqlite3 *db;
	char path[4096];
	sqlite3_stmt *statement[STATEMENT_COUNT];
	unsigned int depth; /* of store_begin() */
	/* the failure by which sqlite rolled the transaction back; lost_err 0: unknown, or none */
	struct error lost;
	int lost_err;
	bool is_new;
	bool suspended; /* a change has paused: writes by others would become a part of it */
	bool committing;
	struct store_files files;
	/* what others read by meanwhile: its connection and its statements; NULL: the change's own
	 */
	struct store *apart;
	void (*breathe)(void *data, bool at_once);
	void *breathe_data;
	bool told_senseless;
	bool has_said; /* rows of addresses were seen or written; a start sees all rows */
	void (*on_commit)(void *data); /* NULL: nobody is told */
	void *on_commit_data;
	const struct store_undo_writer *undo_writer; /* NULL: nothing can be taken back */
	/* of a change whose first row is in the transaction under way (actor.h); NULL: none */
	int64_t *first_row;
	struct task *task; /* of a reader that pauses; NULL: it does not */
	struct store_bulk bulk;
	int wal_pages;		   /* in the write-ahead log, at the last commit */
	int wal_pages_left;	   /* of these, pages that are not in the database yet */
	uint64_t checkpoint_at_ns; /* not before; CLOCK_MONOTONIC */
	bool log_is_lost;	   /* it was deleted: nothing may be in it alone */
	int64_t written_ms;	   /* the last commit of this run; 0: none */
	int64_t failed_ms;	   /* failures after it; 0: none */
	char failure[ERROR_TEXT_MAX];
};

/* The tables, made or upgraded: a transaction that the caller commits; nothing to do: none. */
int store_migrate(struct store *store, struct error *error);

/* All statements, and the functions they call. */
int store_prepare(struct store *store, struct error *error);
int store_bulk_register(struct store *store, struct error *error);
int store_log_register(struct store *store, struct error *error);

/* A read-only connection of its own, and its statement. -errno: nothing is left open. */
int store_reader_open(const struct store *store, struct store *reader, struct error *error);

/* Reads in pieces: within the task it pauses when its turn is over. */
void store_reader_pace(struct store *reader, struct task *task);

/* From now on store_checkpoint() maintains the write-ahead log. */
void store_care_begin(struct store *store);

/* A checkpoint has finished: how many pages the log had, and how many of them are in the database;
 * -1: unknown.
 */
void store_checkpoint_done(struct store *store, int pages, int copied);

void store_statement_done(sqlite3_stmt *statement);
void store_bind_said(sqlite3_stmt *statement, int column, const struct prefix *said);
void store_bind_text(sqlite3_stmt *statement, int column, const char *text);
/* Its first two columns. */
void store_bind_prefix(sqlite3_stmt *statement, const struct prefix *prefix);
/* Runs a statement that returns no rows. */
int store_run(struct store *store, enum statement which, const char *what, struct error *error);
/* -EBUSY: a change has paused, and its transaction takes no writes of others. */
int store_is_busy(struct error *error);

/* Refuses what would be written after the transaction was rolled back, with the reason. */
int store_check_whole(const struct store *store, struct error *error);

/* sqlite's error, for a person; returns -errno. */
int store_error(struct store *store, struct error *error, const char *what);

/* The columns of BLOCK_COLUMNS. -EUCLEAN if they cannot have been written by slash64d: sqlite
 * trusts the pages of a damaged file, and checks no constraints when it reads.
 */
int store_row_to_block(struct store *store, sqlite3_stmt *statement, struct store_block *block,
		       struct error *error);

/* All rows of a statement of BLOCK_COLUMNS; invalid ones are left out and reported. */
int store_each_row(struct store *store, enum statement which, store_block_each_t each, void *data,
		   struct error *error);
void store_tell_senseless(struct store *store, size_t rows);

/* The rows of a prefix; only those `of_origin` unless the origin is NULL. -ENOENT if there are
 * none.
 */
int store_remove_row(struct store *store, enum statement all, enum statement of_origin,
		     const struct prefix *prefix, const char *origin, struct error *error);

/* The first two columns. */
bool store_take_prefix(sqlite3_stmt *statement, struct prefix *prefix);

/* "... is damaged"; returns -EUCLEAN. */
int store_damaged(struct store *store, struct error *error);

#endif
