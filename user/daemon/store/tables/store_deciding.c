// SPDX-License-Identifier: GPL-2.0-only
/* The store: what the rows of a prefix come to. A source may be listed by any number of addresses,
 * and nothing here takes longer for it: whoever lists them would decide how long others wait.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/store_internal.h"

int store_block_find(struct store *store, const struct prefix *prefix, const char *origin,
		     const struct prefix *said, store_block_each_t each, void *data,
		     struct error *error)
{
	sqlite3_stmt *statement = store->statement[BLOCK_FIND];

	store_bind_prefix(statement, prefix);
	store_bind_text(statement, 3, origin);
	store_bind_said(statement, 4, said);
	return store_each_row(store, BLOCK_FIND, each, data, error);
}

int store_block_of(struct store *store, const struct prefix *prefix, const char *origin,
		   store_block_each_t each, void *data, struct error *error)
{
	store_bind_prefix(store->statement[BLOCK_OF_ORIGIN], prefix);
	store_bind_text(store->statement[BLOCK_OF_ORIGIN], 3, origin);
	return store_each_row(store, BLOCK_OF_ORIGIN, each, data, error);
}

/* --- an origin after the other --- */

struct origins {
	store_block_each_t each;
	void *data;
	char *last; /* NULL: nothing more is wanted, or out of memory */
	bool found, more;
};

/* The first valid row behind the last origin. */
static bool note_origin(const struct store_block *row, void *data)
{
	struct origins *origins = data;

	origins->found = true;
	origins->more = origins->each(row, origins->data);
	free(origins->last);
	origins->last = origins->more ? strdup(row->origin) : NULL;
	return false;
}

int store_block_origins(struct store *store, const struct prefix *prefix, store_block_each_t each,
			void *data, struct error *error)
{
	struct origins origins = {.each = each, .data = data, .last = strdup("")};
	int err = 0;

	do {
		sqlite3_stmt *statement = store->statement[BLOCK_NEXT_ORIGIN];

		if (!origins.last) {
			err = error_set(error, -ENOMEM, "out of memory");
			break;
		}
		origins.found = origins.more = false;
		store_bind_prefix(statement, prefix);
		sqlite3_bind_text(statement, 3, origins.last, -1, SQLITE_TRANSIENT);
		err = store_each_row(store, BLOCK_NEXT_ORIGIN, note_origin, &origins, error);
	} while (!err && origins.found && origins.more);
	free(origins.last);
	return err;
}

/* --- what all come to --- */

/* Of the rows for addresses in a prefix: their different actions, from the strictest on
 * (net/action_rank.h). There are as many as different rates of throttles.
 */
struct action {
	int64_t kind, rate, burst;
};

struct deciding {
	struct store *store;
	const struct prefix *prefix;
	const struct store_block *except;
	store_block_each_t each;
	void *data;
	bool found, over;
};

static bool is_left_out(const struct deciding *deciding, const struct store_block *row)
{
	return deciding->except && !strcmp(deciding->except->origin, row->origin) &&
	       !prefix_compare(&deciding->except->said, &row->said);
}

static bool take_itself(const struct store_block *row, void *data)
{
	struct deciding *deciding = data;

	if (!row->said.length && !is_left_out(deciding, row))
		deciding->over = !deciding->each(row, deciding->data);
	return !deciding->over;
}

static bool take_address(const struct store_block *row, void *data)
{
	struct deciding *deciding = data;

	if (is_left_out(deciding, row))
		return true;
	deciding->found = true;
	deciding->each(row, deciding->data);
	return false;
}

/* *action is the next one behind it. 1, or 0 if there is none. */
static int next_action(const struct deciding *deciding, struct action *action, struct error *error)
{
	sqlite3_stmt *statement = deciding->store->statement[BLOCK_NEXT_ACTION];
	int step, err = 0;

	store_bind_prefix(statement, deciding->prefix);
	sqlite3_bind_int64(statement, 3, action->kind);
	sqlite3_bind_int64(statement, 4, action->rate);
	sqlite3_bind_int64(statement, 5, action->burst);
	step = sqlite3_step(statement);
	if (step == SQLITE_ROW)
		*action = (struct action){sqlite3_column_int64(statement, 0),
					  sqlite3_column_int64(statement, 1),
					  sqlite3_column_int64(statement, 2)};
	else if (step != SQLITE_DONE)
		err = store_error(deciding->store, error, "read");
	store_statement_done(statement);
	return err ? err : step == SQLITE_ROW;
}

static int take_action(struct deciding *deciding, const struct action *action, int64_t from_ms,
		       int64_t to_ms, struct error *error)
{
	sqlite3_stmt *statement = deciding->store->statement[BLOCK_OF_ACTION];

	store_bind_prefix(statement, deciding->prefix);
	sqlite3_bind_int64(statement, 3, action->kind);
	sqlite3_bind_int64(statement, 4, action->rate);
	sqlite3_bind_int64(statement, 5, action->burst);
	sqlite3_bind_int64(statement, 6, from_ms);
	sqlite3_bind_int64(statement, 7, to_ms);
	return store_each_row(deciding->store, BLOCK_OF_ACTION, take_address, deciding, error);
}

int store_block_deciding(struct store *store, const struct prefix *prefix,
			 const struct store_block *except, int64_t now_ms, store_block_each_t each,
			 void *data, struct error *error)
{
	struct deciding deciding = {
		.store = store, .prefix = prefix, .except = except, .each = each, .data = data};
	struct action action = {-1, -1, -1};
	int more, err;

	if (!store->has_said) {
		store_bind_prefix(store->statement[BLOCK_AT], prefix);
		return store_each_row(store, BLOCK_AT, take_itself, &deciding, error);
	}
	err = store_block_origins(store, prefix, take_itself, &deciding, error);
	while (!err && !deciding.over && !deciding.found) {
		more = next_action(&deciding, &action, error);
		if (more <= 0)
			return more;
		/* without an end, and with one */
		err = take_action(&deciding, &action, 0, 0, error);
		if (!err && !deciding.found)
			err = take_action(&deciding, &action, now_ms + 1, INT64_MAX, error);
	}
	return err;
}
