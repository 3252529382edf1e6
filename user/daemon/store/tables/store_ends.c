// SPDX-License-Identifier: GPL-2.0-only
/* Expired blocks: found by their index, from where the last search stopped, and deleted from the
 * store a piece at a time.
 */
#include <slash64/types.h>
#include <string.h>

#include "daemon/store/store_internal.h"

/* The callback asked to stop, nothing is left, or a failure; 1: others have the end and the prefix of
 * the last one, and the search goes on behind all of them.
 */
static int ends_until_repeated(struct store *store, struct store_end *behind, int64_t now_ms,
			       store_end_each_t each, void *data, struct error *error)
{
	sqlite3_stmt *statement = store->statement[ENDS_AFTER];
	struct store_end from = *behind;
	bool repeats = false, any = false;
	int step, err = 0;

	sqlite3_bind_int64(statement, 1, from.until_ms);
	sqlite3_bind_blob(statement, 2, &from.prefix.address, sizeof(from.prefix.address),
			  SQLITE_STATIC);
	sqlite3_bind_int(statement, 3, from.prefix.length);
	sqlite3_bind_int64(statement, 4, now_ms);
	while (!repeats && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct store_end end = {.until_ms = sqlite3_column_int64(statement, 2),
					.others = sqlite3_column_int(statement, 3)};

		if (!store_take_prefix(statement, &end.prefix))
			continue; /* it is not in force */
		repeats = any && end.until_ms == behind->until_ms &&
			  !prefix_compare(&end.prefix, &behind->prefix);
		if (repeats)
			break;
		any = true;
		*behind = end;
		if (!each(behind, data))
			break;
	}
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		err = store_error(store, error, "read");
	store_statement_done(statement);
	return err ? err : repeats;
}

int store_ends_after(struct store *store, struct store_end *behind, int64_t now_ms,
		     store_end_each_t each, void *data, struct error *error)
{
	int more;

	do
		more = ends_until_repeated(store, behind, now_ms, each, data, error);
	while (more > 0);
	return more;
}

static int log_ends(struct store *store, int64_t now_ms, unsigned int limit, struct error *error)
{
	sqlite3_stmt *statement = store->statement[ENDS_LOG];

	sqlite3_bind_int64(statement, 1, now_ms);
	sqlite3_bind_int64(statement, 2, limit);
	sqlite3_bind_int64(statement, 3, now_ms);
	store_bind_text(statement, 4, actor_itself.who);
	store_bind_text(statement, 5, actor_itself.source);
	return store_run(store, ENDS_LOG, "log ends", error);
}

/* The same rows: up to the last of them or, where there are fewer, all that have ended. */
static int remove_ends(struct store *store, int64_t now_ms, unsigned int limit, struct error *error)
{
	sqlite3_stmt *last = store->statement[ENDS_LAST];
	sqlite3_stmt *statement = store->statement[ENDS_REMOVE];
	int step, err;

	sqlite3_bind_int64(last, 1, now_ms);
	sqlite3_bind_int64(last, 2, (int64_t)limit - 1);
	step = sqlite3_step(last);
	if (step == SQLITE_ROW) {
		for (int column = 0; column < sqlite3_column_count(last); column++)
			sqlite3_bind_value(statement, column + 1,
					   sqlite3_column_value(last, column));
		store_statement_done(last);
		return store_run(store, ENDS_REMOVE, "end blocks", error);
	}
	err = step == SQLITE_DONE ? 0 : store_error(store, error, "read");
	store_statement_done(last);
	if (err)
		return err;
	sqlite3_bind_int64(store->statement[ENDS_REMOVE_ALL], 1, now_ms);
	return store_run(store, ENDS_REMOVE_ALL, "end blocks", error);
}

int store_ends_remove(struct store *store, int64_t now_ms, unsigned int limit, struct error *error)
{
	int removed = 0, err = store_begin(store, error);

	if (err)
		return err;
	if (!S64_MISTAKE(END_UNLOGGED))
		err = log_ends(store, now_ms, limit, error);
	if (!err)
		err = remove_ends(store, now_ms, limit, error);
	if (!err)
		removed = sqlite3_changes(store->db);
	if (!err)
		err = store_commit(store, error);
	else
		store_rollback(store);
	return err ? err : removed;
}

int64_t store_blocks_next_end(struct store *store)
{
	sqlite3_stmt *statement = store->statement[BLOCK_NEXT_END];
	int64_t end = 0;

	if (sqlite3_step(statement) == SQLITE_ROW)
		end = sqlite3_column_int64(statement, 0);
	store_statement_done(statement);
	return end;
}
