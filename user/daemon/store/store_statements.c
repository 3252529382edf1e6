// SPDX-License-Identifier: GPL-2.0-only
/* The text of every statement, prepared once, and what all of them need. */
#include "store_internal.h"

#include <errno.h>

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
	[BLOCK_FIND] = "SELECT " BLOCK_COLUMNS
		       " FROM block WHERE address = ? AND length = ? AND origin = ? AND said = ?",
	[BLOCK_OF_ORIGIN] =
		"SELECT " BLOCK_COLUMNS
		" FROM block WHERE address = ? AND length = ? AND origin = ? ORDER BY said",
	[BLOCK_NEXT_ORIGIN] = "SELECT " BLOCK_COLUMNS
			      " FROM block WHERE address = ? AND length = ? AND origin > ? "
			      "ORDER BY origin, said",
	/* not > (?,?,?): sqlite would pass all rows that are equal to it, one by one; here and below */
	[BLOCK_NEXT_ACTION] =
		"SELECT kind, rate, burst FROM block INDEXED BY block_by_address "
		"WHERE address = ? AND length = ? AND said <> x'' AND (kind, rate, burst) >= (?,?,? + 1) "
		"ORDER BY kind, rate, burst LIMIT 1",
	[BLOCK_OF_ACTION] =
		"SELECT " BLOCK_COLUMNS " FROM block INDEXED BY block_by_address "
		"WHERE address = ? AND length = ? AND said <> x'' AND kind = ? AND rate = ? AND burst = ? "
		"AND until_ms BETWEEN ? AND ? ORDER BY until_ms",
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
		"(other.origin, other.said) <> (block.origin, block.said)) FROM block INDEXED BY block_until "
		"WHERE (until_ms, address, length) >= (?1,?2,?3 + 1) AND until_ms > 0 AND until_ms <= ?4 "
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
	[PROPOSAL_PUT] =
		"INSERT OR REPLACE INTO proposal (id, rule, address, length, applied, step, since_ms, "
		"decided_ms, until_ms, applied_until_ms, by_rule, share) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
	[PROPOSAL_PRUNE] = "DELETE FROM proposal WHERE id <= (SELECT id FROM proposal ORDER BY id "
			   "DESC LIMIT 1 OFFSET ?)",
	[PROPOSAL_ALL] = "SELECT address, length, id, rule, applied, step, since_ms, decided_ms, "
			 "until_ms, applied_until_ms, by_rule, share FROM proposal ORDER BY id",
	[PROPOSAL_NEXT] = "SELECT next FROM proposal_number",
	[PROPOSAL_NEXT_PUT] = "INSERT OR REPLACE INTO proposal_number (only, next) VALUES (1,?)",
	[HISTOGRAM_PUT] = "INSERT OR REPLACE INTO histogram (day, class, rate, seconds, sketch) "
			  "VALUES (?,?,?,?,?)",
	[HISTOGRAM_ALL] = "SELECT day, class, rate, seconds, sketch FROM histogram",
	[HISTOGRAM_PRUNE] = "DELETE FROM histogram WHERE (day, class) = "
			    "(SELECT day, class FROM histogram WHERE day < ? OR day > ? LIMIT 1)",
	[HISTOGRAM_DAY_PUT] =
		"INSERT OR REPLACE INTO histogram_day (day, seconds, since_s) VALUES (?,?,?)",
	[HISTOGRAM_DAYS_ALL] = "SELECT day, seconds, since_s FROM histogram_day",
	[HISTOGRAM_DAYS_PRUNE] = "DELETE FROM histogram_day WHERE day < ? OR day > ?",
	[IDENTITY] = "SELECT text FROM identity",
	[FUSE_ADD] = "INSERT INTO fuse (at_ms, blown) VALUES (?,?)",
	[FUSE_FORGET] = "DELETE FROM fuse WHERE at_ms < ?",
	[FUSE_ALL] = "SELECT at_ms, blown FROM fuse ORDER BY at_ms",
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

int store_is_busy(struct error *error)
{
	return error_set(error, -EBUSY,
			 "a change of many blocks is being written; try again in a moment");
}

/* The first failure counts: what follows fails because of it. */
static void note_lost(struct store *store, const struct error *error, int err)
{
	if (!store->depth || store->lost_err || !sqlite3_get_autocommit(store->db))
		return;
	store->lost = *error;
	store->lost_err = err;
}

int store_run(struct store *store, enum statement which, const char *what, struct error *error)
{
	sqlite3_stmt *statement = store->statement[which];
	int err = 0;

	if (store->suspended)
		err = store_is_busy(error);
	else if (which != ROLLBACK)
		err = store_check_whole(store, error);
	if (!err && sqlite3_step(statement) != SQLITE_DONE) {
		err = store_error(store, error, what);
		note_lost(store, error, err);
	}
	store_statement_done(statement);
	return err;
}
