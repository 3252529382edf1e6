// SPDX-License-Identifier: GPL-2.0-only
/* The store: reading rows, whatever anybody may have written there, and deleting rows. */
#include <errno.h>
#include <string.h>

#include "config/config.h"
#include "base/log.h"
#include "store_internal.h"

static bool makes_prefix(const void *address, int64_t length, struct prefix *prefix)
{
	struct prefix cut;

	if (!address || length < 0 || length > 128)
		return false;
	memcpy(&prefix->address, address, sizeof(prefix->address));
	prefix->length = length;
	cut = prefix_around(&prefix->address, prefix->length);
	return !prefix_compare(&cut, prefix);
}

bool store_take_prefix(sqlite3_stmt *statement, struct prefix *prefix)
{
	const void *address = sqlite3_column_blob(statement, 0);

	return sqlite3_column_bytes(statement, 0) == sizeof(prefix->address) &&
	       makes_prefix(address, sqlite3_column_int64(statement, 1), prefix);
}

static bool take_said(sqlite3_stmt *statement, int column, struct prefix *said)
{
	const uint8_t *bytes = sqlite3_column_blob(statement, column);
	int n = sqlite3_column_bytes(statement, column);

	return !n || (n == STORE_SAID_BYTES && bytes[STORE_SAID_BYTES - 1] &&
		      makes_prefix(bytes, bytes[STORE_SAID_BYTES - 1], said));
}

static bool is_integer(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_type(statement, column) == SQLITE_INTEGER;
}

static bool is_rate(int64_t number)
{
	return number > 0 && number <= UINT32_MAX;
}

/* Combinations that slash64d never writes: everything at once, invalid times and kinds, a throttle
 * without a rate.
 */
static bool row_makes_sense(sqlite3_stmt *statement, const struct prefix *prefix)
{
	int64_t kind = sqlite3_column_int64(statement, 7);

	if (prefix->length < S64_PREFIX_LENGTH_MIN ||
	    (prefix_is_v4(prefix) && prefix->length == PREFIX_V4_LENGTH) ||
	    sqlite3_column_type(statement, 2) != SQLITE_TEXT)
		return false;
	if (!is_integer(statement, 5) || !is_integer(statement, 6) || !is_integer(statement, 7) ||
	    sqlite3_column_int64(statement, 6) < 0)
		return false;
	if (kind == STORE_THROTTLE)
		return is_rate(sqlite3_column_int64(statement, 8)) &&
		       is_rate(sqlite3_column_int64(statement, 9));
	return kind == STORE_BLOCK;
}

int store_row_to_block(struct store *store, sqlite3_stmt *statement, struct store_block *block,
		       struct error *error)
{
	memset(block, 0, sizeof(*block));
	if (!store_take_prefix(statement, &block->prefix) ||
	    !row_makes_sense(statement, &block->prefix))
		return store_damaged(store, error);
	block->origin = (const char *)sqlite3_column_text(statement, 2);
	block->reason = (const char *)sqlite3_column_text(statement, 3);
	block->ticket = (const char *)sqlite3_column_text(statement, 4);
	block->start_ms = sqlite3_column_int64(statement, 5);
	block->until_ms = sqlite3_column_int64(statement, 6);
	block->kind = sqlite3_column_int(statement, 7) ? STORE_THROTTLE : STORE_BLOCK;
	block->rate = sqlite3_column_int64(statement, 8);
	block->burst = sqlite3_column_int64(statement, 9);
	if (!take_said(statement, 10, &block->said))
		return store_damaged(store, error);
	store->has_said |= block->said.length != 0;
	return 0;
}

/* Somebody wrote into the store by other means, or it is damaged. One invalid row is not worth
 * losing all others: it is left out, and reported once.
 */
void store_tell_senseless(struct store *store, size_t rows)
{
	if (rows && !store->told_senseless)
		log_error(
			"the store %s has %zu invalid row%s, which %s not in force: correct it with sqlite3, or restore a backup",
			store->path, rows, rows == 1 ? "" : "s", rows == 1 ? "is" : "are");
	store->told_senseless |= rows != 0;
}

int store_each_row(struct store *store, enum statement which, store_block_each_t each, void *data,
		   struct error *error)
{
	sqlite3_stmt *statement = store->statement[which];
	size_t senseless = 0;
	int step, err = 0;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct store_block block;

		if (store_row_to_block(store, statement, &block, error))
			senseless++;
		else if (!each(&block, data))
			break;
	}
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		err = store_error(store, error, "read");
	store_statement_done(statement);
	store_tell_senseless(store, senseless);
	return err;
}

int store_remove_row(struct store *store, enum statement all, enum statement of_origin,
		     const struct prefix *prefix, const char *origin, struct error *error)
{
	enum statement which = origin ? of_origin : all;
	int err;

	store_bind_prefix(store->statement[which], prefix);
	if (origin)
		store_bind_text(store->statement[which], 3, origin);
	err = store_run(store, which, "remove a row", error);
	if (!err && !sqlite3_changes(store->db))
		return -ENOENT;
	return err;
}
