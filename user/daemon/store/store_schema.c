// SPDX-License-Identifier: GPL-2.0-only
/* The tables of the store, and the way to them from those of an earlier version. */
#include "store_internal.h"

#include <errno.h>
#include <stdio.h>

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
	      /* a source may be listed by very many addresses: what they come to is looked up (store_deciding.c) */
	      "CREATE INDEX block_by_address ON block (address, length, kind, rate, burst, until_ms) "
	      "WHERE said <> x'';"
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
	      /* what was decided about proposals of detection, and the number of the next */
	      "CREATE TABLE proposal ("
	      "  id INTEGER PRIMARY KEY,"
	      "  rule TEXT NOT NULL,"
	      "  address BLOB NOT NULL CHECK (length(address) = 16),"
	      "  length INTEGER NOT NULL CHECK (length BETWEEN 0 AND 128),"
	      "  applied INTEGER NOT NULL,"
	      "  step INTEGER NOT NULL,"
	      "  since_ms INTEGER NOT NULL,"
	      "  decided_ms INTEGER NOT NULL,"
	      "  until_ms INTEGER NOT NULL,"
	      "  applied_until_ms INTEGER NOT NULL,"
	      "  by_rule INTEGER NOT NULL,"
	      "  share REAL NOT NULL"
	      ");"
	      /* another one for each store: numbers of the log mean something only within it */
	      "CREATE TABLE identity ("
	      "  only INTEGER PRIMARY KEY CHECK (only = 1),"
	      "  text TEXT NOT NULL"
	      ");"
	      "INSERT INTO identity VALUES (1, lower(hex(randomblob(16))));"
	      /* how fast sources sent, by day and class */
	      "CREATE TABLE histogram ("
	      "  day INTEGER NOT NULL,"
	      "  class TEXT NOT NULL,"
	      "  rate INTEGER NOT NULL,"
	      "  seconds INTEGER NOT NULL,"
	      "  sketch BLOB NOT NULL,"
	      "  PRIMARY KEY (day, class, rate)"
	      ") WITHOUT ROWID;"
	      "CREATE TABLE histogram_day ("
	      "  day INTEGER PRIMARY KEY,"
	      "  seconds INTEGER NOT NULL,"
	      "  since_s INTEGER NOT NULL"
	      ");"
	      /* what rules did by themselves in the last hour */
	      "CREATE TABLE fuse ("
	      "  at_ms INTEGER NOT NULL,"
	      "  blown INTEGER NOT NULL"
	      ");"
	      "CREATE TABLE proposal_number ("
	      "  only INTEGER PRIMARY KEY CHECK (only = 1),"
	      "  next INTEGER NOT NULL"
	      ");"
	      "CREATE TABLE hit ("
	      "  address BLOB NOT NULL CHECK (length(address) = 16),"
	      "  length INTEGER NOT NULL CHECK (length BETWEEN 0 AND 128),"
	      "  hits INTEGER NOT NULL,"
	      "  last_hit INTEGER NOT NULL,"
	      "  PRIMARY KEY (address, length)"
	      ") WITHOUT ROWID;",
};

int store_migrate(struct store *store, struct error *error)
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
