// SPDX-License-Identifier: GPL-2.0-only
#include "store.h"

#include <errno.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/config.h"
#include "base/log.h"
#include "store_internal.h"
#include "daemon/store/log/audit_log.h"
#include "daemon/loop/task.h"
#include "base/time.h"

#define JOURNAL_BYTES_KEPT "16777216" /* keep this much of a write-ahead log that was longer */

#define UNDO_COLUMNS "number, at_ms, action, who, address, length, origin, detail, undo, login"

static const char *const statements[STATEMENT_COUNT] = {
	[BLOCK_PUT] =
		"INSERT OR REPLACE INTO block (" BLOCK_COLUMNS ") VALUES (?,?,?,?,?,?,?,?,?,?,?)",
	[BLOCK_PUT_ALL] = "INSERT OR REPLACE INTO block (" BLOCK_COLUMNS ") SELECT " BLOCK_COLUMNS
			  " FROM " STORE_BULK_SOURCE,
	[BLOCK_REMOVE] = "DELETE FROM block WHERE address = ? AND length = ?",
	[BLOCK_REMOVE_ORIGIN] = "DELETE FROM block WHERE address = ? AND length = ? AND origin = ?",
	[BLOCK_REMOVE_SAID] =
		"DELETE FROM block WHERE address = ? AND length = ? AND origin = ? AND said = ?",
	[BLOCK_AT] = "SELECT " BLOCK_COLUMNS " FROM block WHERE address = ? AND length = ?",
	[BLOCK_ALL] = "SELECT " BLOCK_COLUMNS " FROM block ORDER BY address, length, origin, said",
	[BLOCK_OF_CONFIG] =
		"SELECT " BLOCK_COLUMNS
		" FROM block INDEXED BY block_config WHERE origin = '" STORE_ORIGIN_CONFIG
		"' ORDER BY address, length, said",
	[BLOCK_WITHIN] = "SELECT " BLOCK_COLUMNS " FROM block WHERE address BETWEEN ? AND ? "
			 "AND length >= ?",
	[BLOCK_BEHIND] = "SELECT " BLOCK_COLUMNS
			 " FROM block WHERE (address, length, origin, said) > (?,?,?,?) "
			 "ORDER BY address, length, origin, said LIMIT ?",
	/* the index covers only rows with an end, and is used only if the query says so too */
	[ENDS_AFTER] =
		"SELECT address, length, until_ms, EXISTS (SELECT 1 FROM block AS other WHERE "
		"other.address = block.address AND other.length = block.length AND "
		"(other.until_ms = 0 OR other.until_ms > ?4)) FROM block INDEXED BY block_until "
		"WHERE (until_ms, address, length) > (?1,?2,?3) AND until_ms > 0 AND until_ms <= ?4 "
		"ORDER BY until_ms, address, length",
	[ENDS_LOG] =
		"INSERT INTO change (at_ms, action, who, source, address, length, origin, reason, ticket, "
		"until_ms, detail) SELECT ?3, 'end', ?4, ?5, address, length, origin, reason, ticket, until_ms, "
		"block_detail(kind, rate, burst, said) "
		"FROM block INDEXED BY block_until WHERE until_ms > 0 AND until_ms <= ?1 "
		"ORDER BY until_ms, address, length, origin, said LIMIT ?2",
	[ENDS_LAST] =
		"SELECT until_ms, address, length, origin, said FROM block INDEXED BY block_until "
		"WHERE until_ms > 0 AND until_ms <= ? "
		"ORDER BY until_ms, address, length, origin, said LIMIT 1 OFFSET ?",
	/* a range of the index goes in one pass; a LIMIT would take a table of the keys, and a second search for each */
	[ENDS_REMOVE] = "DELETE FROM block INDEXED BY block_until WHERE until_ms > 0 AND "
			"(until_ms, address, length, origin, said) <= (?,?,?,?,?)",
	[ENDS_REMOVE_ALL] =
		"DELETE FROM block INDEXED BY block_until WHERE until_ms > 0 AND until_ms <= ?",
	[BLOCK_NEXT_END] = "SELECT min(until_ms) FROM block WHERE until_ms > 0",
	[ALLOW_PUT] = "INSERT OR REPLACE INTO allow (address, length, origin, reason, start_ms) "
		      "VALUES (?,?,?,?,?)",
	[ALLOW_REMOVE] = "DELETE FROM allow WHERE address = ? AND length = ?",
	[ALLOW_REMOVE_ORIGIN] = "DELETE FROM allow WHERE address = ? AND length = ? AND origin = ?",
	[RATE_ALL] = "SELECT number, rate, burst FROM rate ORDER BY number",
	[RATE_PUT] = "INSERT OR REPLACE INTO rate (number, rate, burst) VALUES (?,?,?)",
	[RATE_USED] =
		"SELECT 1 FROM rate, block WHERE number = ? AND kind = 1 AND block.rate = rate.rate AND "
		"block.burst = rate.burst LIMIT 1",
	[RATE_PRUNE] =
		"DELETE FROM rate WHERE number = ? AND NOT EXISTS (SELECT 1 FROM block WHERE kind = 1 AND "
		"block.rate = rate.rate AND block.burst = rate.burst)",
	[ALLOW_ALL] = STORE_ALLOWLIST,
	[ALLOW_AT] = "SELECT " STORE_ALLOW_COLUMNS " FROM allow WHERE address = ? AND length = ?",
	[IFACE_PUT] = "INSERT OR REPLACE INTO interface (name, mode, filter) VALUES (?,?,?)",
	[IFACE_REMOVE] = "DELETE FROM interface WHERE name = ?",
	[IFACE_ALL] = "SELECT name, mode, filter FROM interface ORDER BY name",
	[IFACE_SEE] = "INSERT OR IGNORE INTO seen_interface (name) VALUES (?)",
	[IFACE_SEEN] = "SELECT 1 FROM seen_interface WHERE name = ?",
	[FEED_AT] = "SELECT taken_ms FROM feed WHERE origin = ? AND digest = ?",
	[FEED_PUT] = "INSERT OR REPLACE INTO feed (origin, digest, taken_ms) VALUES (?,?,?)",
	[UNNAMED_ALL] = "SELECT place, key FROM unnamed ORDER BY place, key",
	[UNNAMED_PUT] = "INSERT OR REPLACE INTO unnamed (place, key) VALUES (?,?)",
	[UNNAMED_REMOVE] = "DELETE FROM unnamed WHERE place = ? AND key = ?",
	[LOG_ADD] =
		"INSERT INTO change (at_ms, action, uid, pid, who, source, address, length, origin, "
		"reason, ticket, until_ms, detail, batch, undoable, undo, login_uid, login) VALUES "
		"(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[LOG_LAST] = "SELECT seq FROM sqlite_sequence WHERE name = 'change'",
	[LOG_AFTER] = "SELECT " LOG_COLUMNS " FROM change WHERE number > ? ORDER BY number LIMIT ?",
	/* those who become the same user by sudo undo their own changes, not each other's */
	[UNDO_LAST] =
		"SELECT max(number) FROM change WHERE uid = ?1 AND login_uid IS ?2 AND undoable = 1",
	/* the first row has the number itself; an OR of both would be sorted again for each piece
	 */
	[UNDO_ROWS] = "SELECT * FROM (SELECT " UNDO_COLUMNS
		      " FROM change WHERE batch = ?1 AND number < ?2 "
		      "ORDER BY number DESC LIMIT ?3) UNION ALL SELECT " UNDO_COLUMNS
		      " FROM change WHERE number = ?1 AND "
		      "number < ?2 ORDER BY number DESC LIMIT ?3",
	[UNDO_LATER] =
		"SELECT at_ms, action, who, login FROM change WHERE address = ? AND length = ? AND origin = ? AND "
		"number > ? ORDER BY number DESC LIMIT 1",
	[UNDO_DONE] = "UPDATE change SET undoable = NULL WHERE number = ?",
	[UNDO_CAN] = "UPDATE change SET undoable = 1 WHERE number = ? AND undoable IS NULL",
	[UNDO_NEVER] = "UPDATE change SET undoable = 2 WHERE number = ? AND undoable IS NOT 2",
	[UNDO_NEVER_LAST] =
		"SELECT " UNDO_COLUMNS " FROM change "
		"WHERE uid = ?1 AND login_uid IS ?3 AND undoable = 2 AND number > ?2 ORDER BY number DESC LIMIT 1",
	[UNCONFIRMED_GET] = "SELECT before, digest, until_ms, who FROM unconfirmed",
	[UNCONFIRMED_PUT] =
		"INSERT OR REPLACE INTO unconfirmed (only, before, digest, until_ms, who) VALUES (1,?,?,?,?)",
	[UNCONFIRMED_REMOVE] = "DELETE FROM unconfirmed",
	[LOG_PRUNE_OLD] =
		"DELETE FROM change WHERE number IN (SELECT number FROM change WHERE at_ms < ? "
		"ORDER BY at_ms LIMIT ?)",
	[LOG_PRUNE_MANY] =
		"DELETE FROM change WHERE number IN (SELECT number FROM change WHERE number <= "
		"(SELECT max(number) FROM change) - ? ORDER BY number LIMIT ?)",
	[HITS_PUT] =
		"INSERT OR REPLACE INTO hit (address, length, hits, last_hit) VALUES (?,?,?,?)",
	[HITS_FORGET] = "DELETE FROM hit WHERE address = ?1 AND length = ?2 AND NOT EXISTS "
			"(SELECT 1 FROM block WHERE block.address = ?1 AND block.length = ?2)",
	[HITS_ALL] = "SELECT address, length, hits, last_hit FROM hit ORDER BY address, length",
	[HITS_AFTER] =
		"SELECT address, length, EXISTS (SELECT 1 FROM block WHERE block.address = hit.address AND "
		"block.length = hit.length) FROM hit WHERE (address, length) > (?,?) "
		"ORDER BY address, length LIMIT ?",
	[BEGIN] = "BEGIN IMMEDIATE",
	[BEGIN_IDLE] = "BEGIN",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
};

/* Statements that upgrade a store from version i - 1 to version i. Never changed after a release;
 * only added to.
 */
static const char *const migrations[STORE_SCHEMA + 1] = {
	[1] = "CREATE TABLE block ("
	      "  address BLOB NOT NULL CHECK (length(address) = 16),"
	      "  length INTEGER NOT NULL CHECK (length BETWEEN 0 AND 128),"
	      "  origin TEXT NOT NULL,"
	      "  reason TEXT,"
	      "  ticket TEXT,"
	      "  start_ms INTEGER NOT NULL,"
	      "  until_ms INTEGER NOT NULL,"
	      "  PRIMARY KEY (address, length, origin)"
	      ") WITHOUT ROWID;"
	      "CREATE INDEX block_until ON block (until_ms) WHERE until_ms > 0;"
	      "CREATE TABLE allow ("
	      "  address BLOB NOT NULL CHECK (length(address) = 16),"
	      "  length INTEGER NOT NULL CHECK (length BETWEEN 0 AND 128),"
	      "  origin TEXT NOT NULL,"
	      "  reason TEXT,"
	      "  start_ms INTEGER NOT NULL,"
	      "  PRIMARY KEY (address, length, origin)"
	      ") WITHOUT ROWID;"
	      "CREATE TABLE interface ("
	      "  name TEXT PRIMARY KEY,"
	      "  mode INTEGER NOT NULL,"
	      "  filter INTEGER NOT NULL"
	      ") WITHOUT ROWID;",
	[2] = "ALTER TABLE block ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;"
	      "ALTER TABLE block ADD COLUMN rate INTEGER NOT NULL DEFAULT 0;"
	      "ALTER TABLE block ADD COLUMN burst INTEGER NOT NULL DEFAULT 0;"
	      "CREATE INDEX block_throttled ON block (rate, burst) WHERE kind = 1;"
	      "CREATE TABLE rate ("
	      "  number INTEGER PRIMARY KEY,"
	      "  rate INTEGER NOT NULL,"
	      "  burst INTEGER NOT NULL"
	      ");",
	[3] = "CREATE TABLE change ("
	      "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
	      "  at_ms INTEGER NOT NULL,"
	      "  action TEXT NOT NULL,"
	      "  uid INTEGER,"
	      "  pid INTEGER,"
	      "  who TEXT NOT NULL,"
	      "  source TEXT NOT NULL,"
	      "  address BLOB,"
	      "  length INTEGER,"
	      "  origin TEXT,"
	      "  reason TEXT,"
	      "  ticket TEXT,"
	      "  until_ms INTEGER,"
	      "  detail TEXT"
	      ");"
	      "CREATE INDEX change_at ON change (at_ms);"
	      "CREATE INDEX change_prefix ON change (address, length) WHERE address IS NOT NULL;",
	/* what was listed by address is kept by address; a feed taken before is recognised */
	[4] = "CREATE TABLE block_4 ("
	      "  address BLOB NOT NULL CHECK (length(address) = 16),"
	      "  length INTEGER NOT NULL CHECK (length BETWEEN 0 AND 128),"
	      "  origin TEXT NOT NULL,"
	      "  said BLOB NOT NULL CHECK (length(said) IN (0, 17)),"
	      "  reason TEXT,"
	      "  ticket TEXT,"
	      "  start_ms INTEGER NOT NULL,"
	      "  until_ms INTEGER NOT NULL,"
	      "  kind INTEGER NOT NULL,"
	      "  rate INTEGER NOT NULL,"
	      "  burst INTEGER NOT NULL,"
	      "  PRIMARY KEY (address, length, origin, said)"
	      ") WITHOUT ROWID;"
	      "INSERT INTO block_4 SELECT address, length, origin, x'', reason, ticket, start_ms, until_ms, kind, "
	      "rate, burst FROM block ORDER BY address, length, origin;"
	      "DROP TABLE block;"
	      "ALTER TABLE block_4 RENAME TO block;"
	      "CREATE INDEX block_until ON block (until_ms) WHERE until_ms > 0;"
	      "CREATE INDEX block_throttled ON block (rate, burst) WHERE kind = 1;"
	      /* a reload looks for those among a million others */
	      "CREATE INDEX block_config ON block (address, length, said) WHERE origin = '" STORE_ORIGIN_CONFIG
	      "';"
	      "CREATE TABLE feed ("
	      "  origin TEXT PRIMARY KEY,"
	      "  digest INTEGER NOT NULL,"
	      "  taken_ms INTEGER NOT NULL"
	      ") WITHOUT ROWID;"
	      "CREATE TABLE seen_interface (name TEXT PRIMARY KEY) WITHOUT ROWID;"
	      /* entries in force when a store was lost, whose prefixes are unknown */
	      "CREATE TABLE unnamed ("
	      "  place INTEGER NOT NULL,"
	      "  key INTEGER NOT NULL,"
	      "  PRIMARY KEY (place, key)"
	      ") WITHOUT ROWID;"
	      /* changes of a person with several rows, and the data needed to undo them */
	      "ALTER TABLE change ADD COLUMN batch INTEGER;"
	      "ALTER TABLE change ADD COLUMN undoable INTEGER;"
	      "ALTER TABLE change ADD COLUMN undo TEXT;"
	      "ALTER TABLE change ADD COLUMN login_uid INTEGER;"
	      "ALTER TABLE change ADD COLUMN login TEXT;"
	      "CREATE INDEX change_batch ON change (batch) WHERE batch IS NOT NULL;"
	      "CREATE INDEX change_undoable ON change (uid, login_uid, undoable) WHERE undoable IS NOT NULL;"
	      /* the configuration before one that waits for its confirmation */
	      "CREATE TABLE unconfirmed ("
	      "  only INTEGER PRIMARY KEY CHECK (only = 1),"
	      "  before BLOB NOT NULL,"
	      "  digest INTEGER NOT NULL,"
	      "  until_ms INTEGER NOT NULL,"
	      "  who TEXT NOT NULL"
	      ");"
	      "CREATE TABLE hit ("
	      "  address BLOB NOT NULL CHECK (length(address) = 16),"
	      "  length INTEGER NOT NULL CHECK (length BETWEEN 0 AND 128),"
	      "  hits INTEGER NOT NULL,"
	      "  last_hit INTEGER NOT NULL,"
	      "  PRIMARY KEY (address, length)"
	      ") WITHOUT ROWID;",
};

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
	const char *advice = "";
	int err = -EIO;

	switch (code & 0xff) {
	case SQLITE_FULL:
		err = -ENOSPC;
		advice = "; make room on the disk, nothing was changed";
		break;
	case SQLITE_READONLY:
		err = -EROFS;
		advice = "; make it writable, nothing was changed";
		break;
	case SQLITE_BUSY:
		err = -EBUSY;
		return error_set(
			error, -EBUSY,
			"another process holds the store %s, and nothing was changed; 'fuser %s' finds it: end it, and try again",
			store->path, store->path);
		break;
	case SQLITE_IOERR:
		advice = "; see what 'dmesg' says of the disk";
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
		advice = "; move it away and restore a backup";
		break;
	}
	error_set(error, err, "cannot %s in the store %s: %s%s", what, store->path,
		  sqlite3_errmsg(store->db), advice);
	return note_failure(store, error, err);
}

int store_damaged(struct store *store, struct error *error)
{
	return error_set(error, -EUCLEAN,
			 "the store %s is damaged: invalid row; move it away and restore a backup",
			 store->path);
}

static int migrate(struct store *store, struct error *error)
{
	sqlite3_stmt *statement;
	int version = -1;
	char sql[64];

	if (sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &statement, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	if (version < 0)
		return store_error(store, error, "read the version");
	store->is_new = version == 0;
	if (version > STORE_SCHEMA)
		return error_set(
			error, -EINVAL,
			"the store %s is of a later version (%d) than this slash64d knows (%d); upgrade slash64d",
			store->path, version, STORE_SCHEMA);
	if (version == STORE_SCHEMA)
		return 0;
	if (sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL))
		return store_error(store, error, "begin");
	store->depth = 1;
	while (version++ < STORE_SCHEMA)
		if (sqlite3_exec(store->db, migrations[version], NULL, NULL, NULL))
			return store_error(store, error, "make the tables");
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", STORE_SCHEMA);
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL))
		return store_error(store, error, "make the tables");
	return 0;
}

/* A new store is one transaction until it is complete: an interrupted one is no store, and is
 * created again.
 */
int store_complete(struct store *store, struct error *error)
{
	if (!store->is_new)
		return 0;
	store->is_new = false;
	return store_commit(store, error);
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

int store_prepare(struct store *store, struct error *error)
{
	int err = store_bulk_register(store, error);

	if (!err)
		err = store_log_register(store, error);
	for (int i = 0; i < STATEMENT_COUNT && !err; i++)
		if (sqlite3_prepare_v3(store->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &store->statement[i], NULL))
			err = store_error(store, error, "prepare");
	return err;
}

int store_open(struct store **out, const char *directory, struct error *error)
{
	struct store *store;
	int err;

	if (mkdir(directory, 0750) && errno != EEXIST)
		return error_set(error, -errno, "cannot make the state directory %s: %s", directory,
				 strerror(errno));
	/* one thread, so no locks are needed; a second call comes too late, and changes nothing */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	/* sorting a list of a million does not fit its cache */
	setenv("SQLITE_TMPDIR", directory, 1);
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
		err = migrate(store, error);
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

/* --- helpers for statements --- */

void store_bind_prefix(sqlite3_stmt *statement, const struct prefix *prefix)
{
	sqlite3_bind_blob(statement, 1, &prefix->address, sizeof(prefix->address), SQLITE_STATIC);
	sqlite3_bind_int(statement, 2, prefix->length);
}

void store_bind_text(sqlite3_stmt *statement, int column, const char *text)
{
	if (text)
		sqlite3_bind_text(statement, column, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, column);
}

void store_statement_done(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

static int store_is_busy(struct error *error)
{
	return error_set(error, -EBUSY,
			 "a change of many blocks is being written; try again in a moment");
}

/* Runs a statement that returns no rows. */
int store_run(struct store *store, enum statement which, const char *what, struct error *error)
{
	sqlite3_stmt *statement = store->statement[which];
	int err = 0;

	if (store->suspended)
		err = store_is_busy(error);
	else if (sqlite3_step(statement) != SQLITE_DONE)
		err = store_error(store, error, what);
	store_statement_done(statement);
	return err;
}

/* --- transactions --- */

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
	return error_set(error, (code & 0xff) == SQLITE_FULL ? -ENOSPC : -EIO,
			 "cannot write in the store %s: %s%s", store->path, sqlite3_errstr(code),
			 (code & 0xff) == SQLITE_FULL ?
				 "; make room on the disk, nothing was changed" :
				 "");
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
