// SPDX-License-Identifier: GPL-2.0-only
#include "audit_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/store_internal.h"
#include "store_undo.h"
#include "base/time.h"

#define DETAIL_MAX 128
#define BEFORE_MAX 768
#define SQL_MAX	   2048

static void bind_number(sqlite3_stmt *statement, int column, int64_t value, int64_t none)
{
	if (value == none)
		sqlite3_bind_null(statement, column);
	else
		sqlite3_bind_int64(statement, column, value);
}

/* The fields of a row that refer to a person's change: for its first row, its own number in *first.
 */
static int note_undoable(struct store *store, const struct actor *actor,
			 const struct store_change *change, int64_t *first, struct error *error)
{
	bool can = change->undo || change->by_rows;

	*first = 0;
	if (!actor->first_row || actor->undoes || change->is_nothing)
		return 0;
	if (change->stands || !*actor->first_row)
		*first = can ? STORE_UNDOABLE : STORE_NOT_UNDOABLE;
	if (!*actor->first_row)
		return 0;
	return can ? store_undo_can(store, *actor->first_row, error) :
		     store_undo_never(store, *actor->first_row, error);
}

/* A rollback takes the number back with the row. */
static void note_first_row(struct store *store, const struct actor *actor)
{
	*actor->first_row = sqlite3_last_insert_rowid(store->db);
	store->first_row = store->depth ? actor->first_row : NULL;
}

int store_log_add(struct store *store, const struct actor *actor, const struct store_change *change,
		  struct error *error)
{
	sqlite3_stmt *statement = store->statement[LOG_ADD];
	int64_t undoable;
	int err = note_undoable(store, actor, change, &undoable, error);

	if (err)
		return err;
	sqlite3_bind_int64(statement, 1, clock_wall_ms());
	store_bind_text(statement, 2, change->action);
	bind_number(statement, 3, actor->uid, -1);
	bind_number(statement, 4, actor->pid, -1);
	store_bind_text(statement, 5, actor->who);
	store_bind_text(statement, 6, actor->source);
	if (change->has_prefix) {
		sqlite3_bind_blob(statement, 7, &change->prefix.address,
				  sizeof(change->prefix.address), SQLITE_STATIC);
		sqlite3_bind_int(statement, 8, change->prefix.length);
	}
	store_bind_text(statement, 9, change->origin);
	store_bind_text(statement, 10, change->reason);
	store_bind_text(statement, 11, change->ticket);
	bind_number(statement, 12, change->until_ms, 0);
	store_bind_text(statement, 13, change->detail);
	/* the first row of a change with several rows stands for all of it; the others refer to it
	 */
	bind_number(statement, 14, actor->first_row ? *actor->first_row : 0, 0);
	bind_number(statement, 15, undoable, 0);
	store_bind_text(statement, 16, actor->first_row ? change->undo : NULL);
	bind_number(statement, 17, actor->login_uid, -1);
	store_bind_text(statement, 18, *actor->login ? actor->login : NULL);
	err = store_run(store, LOG_ADD, "log a change", error);
	if (!err && actor->first_row && !*actor->first_row)
		note_first_row(store, actor);
	return err;
}

/* What the log says about a block beyond its columns; "" for nothing. */
static const char *write_detail(const struct store_block *block, char detail[DETAIL_MAX])
{
	char said[PREFIX_TEXT_MAX];
	int n = 0;

	detail[0] = '\0';
	if (block->kind == STORE_THROTTLE && block->rate)
		n = snprintf(detail, DETAIL_MAX, "rate %u, burst %u", block->rate, block->burst);
	if (block->said.length)
		snprintf(detail + n, DETAIL_MAX - n, "%sgiven as %s", n ? "; " : "",
			 prefix_format_said(&block->said, said));
	return detail;
}

/* block_detail(kind, rate, burst, said), for rows that SQL statements insert. */
static void sql_block_detail(sqlite3_context *context, int count, sqlite3_value **argument)
{
	struct store_block block = {
		.kind = sqlite3_value_int(argument[0]) ? STORE_THROTTLE : STORE_BLOCK,
		.rate = sqlite3_value_int64(argument[1]),
		.burst = sqlite3_value_int64(argument[2]),
	};
	const void *said = sqlite3_value_blob(argument[3]);
	char detail[DETAIL_MAX];

	(void)count;
	if (sqlite3_value_bytes(argument[3]) == STORE_SAID_BYTES)
		memcpy(&block.said, said, STORE_SAID_BYTES);
	if (*write_detail(&block, detail))
		sqlite3_result_text(context, detail, -1, SQLITE_TRANSIENT);
}

int store_log_register(struct store *store, struct error *error)
{
	if (sqlite3_create_function(store->db, "block_detail", 4, SQLITE_UTF8, NULL,
				    sql_block_detail, NULL, NULL))
		return store_error(store, error, "log ends");
	return 0;
}

int store_log_block(struct store *store, const struct actor *actor, const char *action,
		    const struct store_block *block, struct error *error)
{
	return store_log_block_change(store, actor, action, block, "", NULL, error);
}

int store_log_block_change(struct store *store, const struct actor *actor, const char *action,
			   const struct store_block *block, const char *before, const char *undo,
			   struct error *error)
{
	struct store_change change = {
		.action = action,
		.has_prefix = true,
		.prefix = block->prefix,
		.origin = block->origin,
		.reason = block->reason,
		.ticket = block->ticket,
		.until_ms = block->until_ms,
		.undo = undo,
	};
	char detail[DETAIL_MAX + BEFORE_MAX];
	size_t n = strlen(write_detail(block, detail));

	if (*before)
		snprintf(detail + n, sizeof(detail) - n, "%s%s", n ? "; " : "", before);
	if (*detail)
		change.detail = detail;
	return store_log_add(store, actor, &change, error);
}

static int prune(struct store *store, enum statement which, int64_t bound, unsigned int limit,
		 struct error *error)
{
	int err;

	sqlite3_bind_int64(store->statement[which], 1, bound);
	sqlite3_bind_int(store->statement[which], 2, limit);
	err = store_run(store, which, "forget old changes", error);
	return err ? err : sqlite3_changes(store->db);
}

int store_log_prune(struct store *store, int64_t before_ms, int64_t keep, unsigned int limit,
		    struct error *error)
{
	int gone = prune(store, LOG_PRUNE_OLD, before_ms, limit, error);

	if (!gone)
		gone = prune(store, LOG_PRUNE_MANY, keep, limit, error);
	return gone < 0 ? gone : gone > 0;
}

/* --- reading --- */

struct store_log {
	struct store reader; /* of the reader, its connection and the path */
	sqlite3_stmt *statement;
};

/* A prefix has at most as many prefixes around it as it has bits. */
static int write_query(const struct store_log_filter *filter, char *sql, size_t bytes)
{
	const char *near = "";

	if (filter->has_prefix)
		near = " AND ((address BETWEEN :first AND :last AND length >= :length) OR around(address, length))";
	return snprintf(sql, bytes,
			filter->reverse ? "SELECT " LOG_COLUMNS
					  " FROM change WHERE 1%s%s%s%s ORDER BY number DESC "
					  "LIMIT :limit" :
			filter->limit < 0 || filter->has_after ?
					  "SELECT " LOG_COLUMNS
					  " FROM change WHERE 1%s%s%s%s ORDER BY number "
					  "LIMIT :limit" :
					  "SELECT * FROM (SELECT " LOG_COLUMNS
					  " FROM change WHERE 1%s%s%s%s "
					  "ORDER BY number DESC LIMIT :limit) ORDER BY number",
			filter->has_after ? " AND number > :after" : "",
			filter->since_ms ? " AND at_ms >= :since" : "",
			filter->until_ms ? " AND at_ms < :until" : "", near);
}

/* Does the row's prefix contain the requested one? */
static void sql_around(sqlite3_context *context, int count, sqlite3_value **argument)
{
	const struct prefix *inner = sqlite3_user_data(context);
	struct prefix outer = {};
	bool around = false;

	(void)count;
	if (sqlite3_value_bytes(argument[0]) == sizeof(outer.address)) {
		memcpy(&outer.address, sqlite3_value_blob(argument[0]), sizeof(outer.address));
		outer.length = sqlite3_value_int(argument[1]);
		around = prefix_contains(&outer, inner);
	}
	sqlite3_result_int(context, around);
}

static void bind_named(sqlite3_stmt *statement, const char *name, int64_t value)
{
	int at = sqlite3_bind_parameter_index(statement, name);

	if (at)
		sqlite3_bind_int64(statement, at, value);
}

static void bind_address(sqlite3_stmt *statement, const char *name, const struct in6_addr *address)
{
	int at = sqlite3_bind_parameter_index(statement, name);

	if (at)
		sqlite3_bind_blob(statement, at, address, sizeof(*address), SQLITE_TRANSIENT);
}

static void bind_filter(sqlite3_stmt *statement, const struct store_log_filter *filter)
{
	struct in6_addr last = filter->prefix.address;

	for (int bit = filter->prefix.length; bit < 128; bit++)
		last.s6_addr[bit / 8] |= 0x80 >> bit % 8;
	bind_address(statement, ":first", &filter->prefix.address);
	bind_address(statement, ":last", &last);
	bind_named(statement, ":length", filter->prefix.length);
	bind_named(statement, ":after", filter->after);
	bind_named(statement, ":since", filter->since_ms);
	bind_named(statement, ":until", filter->until_ms);
	bind_named(statement, ":limit", filter->limit);
}

int store_log_open(struct store *store, const struct store_log_filter *filter,
		   struct store_log **out, struct error *error)
{
	struct store_log *log = calloc(1, sizeof(*log));
	struct prefix *inner = malloc(sizeof(*inner));
	char sql[SQL_MAX];
	int err;

	if (!log || !inner) {
		free(log);
		free(inner);
		return error_set(error, -ENOMEM, "out of memory");
	}
	*inner = filter->prefix;
	write_query(filter, sql, sizeof(sql));
	err = store_reader_open(store, &log->reader, error);
	if (err)
		free(inner);
	/* sqlite frees `inner`, also on failure */
	else if (sqlite3_create_function_v2(log->reader.db, "around", 2, SQLITE_UTF8, inner,
					    sql_around, NULL, NULL, free) ||
		 sqlite3_prepare_v2(log->reader.db, sql, -1, &log->statement, NULL))
		err = store_error(&log->reader, error, "read the log");
	if (err) {
		store_log_close(log);
		return err;
	}
	bind_filter(log->statement, filter);
	*out = log;
	return 0;
}

static void copy_column(sqlite3_stmt *statement, int column, char *out, size_t bytes)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	snprintf(out, bytes, "%s", text ? text : "");
}

static int64_t number_column(sqlite3_stmt *statement, int column, int64_t none)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL ?
		       none :
		       sqlite3_column_int64(statement, column);
}

void store_log_pace(struct store_log *log, struct task *task)
{
	store_reader_pace(&log->reader, task);
}

static void take_change(sqlite3_stmt *row, struct store_change *change)
{
	memset(change, 0, sizeof(*change));
	change->number = sqlite3_column_int64(row, 0);
	change->at_ms = sqlite3_column_int64(row, 1);
	change->action = (const char *)sqlite3_column_text(row, 2);
	change->actor.uid = number_column(row, 3, -1);
	change->actor.pid = number_column(row, 4, -1);
	copy_column(row, 5, change->actor.who, sizeof(change->actor.who));
	copy_column(row, 6, change->actor.source, sizeof(change->actor.source));
	change->has_prefix = sqlite3_column_bytes(row, 7) == sizeof(change->prefix.address);
	if (change->has_prefix) {
		memcpy(&change->prefix.address, sqlite3_column_blob(row, 7),
		       sizeof(change->prefix.address));
		change->prefix.length = sqlite3_column_int(row, 8);
	}
	change->origin = (const char *)sqlite3_column_text(row, 9);
	change->reason = (const char *)sqlite3_column_text(row, 10);
	change->ticket = (const char *)sqlite3_column_text(row, 11);
	change->until_ms = number_column(row, 12, 0);
	change->detail = (const char *)sqlite3_column_text(row, 13);
	change->actor.login_uid = number_column(row, 14, -1);
	copy_column(row, 15, change->actor.login, sizeof(change->actor.login));
}

int store_log_next(struct store_log *log, struct store_change *change, struct error *error)
{
	int step = sqlite3_step(log->statement);

	if (step != SQLITE_ROW)
		return step == SQLITE_DONE ? 0 : store_error(&log->reader, error, "read the log");
	take_change(log->statement, change);
	return 1;
}

void store_log_close(struct store_log *log)
{
	if (!log)
		return;
	sqlite3_finalize(log->statement);
	sqlite3_close(log->reader.db);
	free(log);
}

/* --- following --- */

bool store_log_is_near(const struct store_change *change, const struct prefix *prefix)
{
	return change->has_prefix && (prefix_contains(prefix, &change->prefix) ||
				      prefix_contains(&change->prefix, prefix));
}

int store_log_identity(struct store *store, char identity[STORE_LOG_IDENTITY_MAX],
		       struct error *error)
{
	sqlite3_stmt *statement = store->statement[IDENTITY];
	int step = sqlite3_step(statement), err = 0;

	if (step == SQLITE_ROW)
		snprintf(identity, STORE_LOG_IDENTITY_MAX, "%s",
			 (const char *)sqlite3_column_text(statement, 0));
	else
		err = step == SQLITE_DONE ? error_set(error, -ENOENT, "the log has no identity") :
					    store_error(store, error, "read the log");
	store_statement_done(statement);
	return err;
}

int64_t store_log_last(struct store *store, struct error *error)
{
	sqlite3_stmt *statement = store->statement[LOG_LAST];
	int step = sqlite3_step(statement);
	int64_t number = step == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;

	if (step != SQLITE_ROW && step != SQLITE_DONE)
		number = store_error(store, error, "read the log");
	store_statement_done(statement);
	return number;
}

int store_log_after(struct store *store, int64_t number, unsigned int limit, store_log_each_t each,
		    void *data, struct error *error)
{
	sqlite3_stmt *statement = store->statement[LOG_AFTER];
	int step, rows = 0;

	sqlite3_bind_int64(statement, 1, number);
	sqlite3_bind_int64(statement, 2, limit);
	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct store_change change;

		take_change(statement, &change);
		rows++;
		if (!each(&change, data))
			break;
	}
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		rows = store_error(store, error, "read the log");
	store_statement_done(statement);
	return rows;
}
