// SPDX-License-Identifier: GPL-2.0-only
/* Many rows in one statement: the entries of a list are a virtual table that one INSERT reads from.
 * A statement for each row would spend half of its time on starting and finishing.
 */
#include <errno.h>
#include <string.h>

#include "store_internal.h"

struct source {
	sqlite3_vtab table; /* sqlite's part; must be first */
	struct store *store;
};

struct cursor {
	sqlite3_vtab_cursor cursor; /* sqlite's part; must be first */
	struct store *store;
	const struct store_block *block; /* NULL after the last */
	sqlite3_int64 row;
};

enum column {
	COLUMN_ADDRESS,
	COLUMN_LENGTH,
	COLUMN_ORIGIN,
	COLUMN_REASON,
	COLUMN_TICKET,
	COLUMN_START,
	COLUMN_UNTIL,
	COLUMN_KIND,
	COLUMN_RATE,
	COLUMN_BURST,
	COLUMN_SAID,
};

static int source_connect(sqlite3 *db, void *store, int argc, const char *const *argv,
			  sqlite3_vtab **out, char **why)
{
	struct source *source;

	(void)argc;
	(void)argv;
	(void)why;
	if (sqlite3_declare_vtab(db, "CREATE TABLE x (" BLOCK_COLUMNS ")"))
		return SQLITE_ERROR;
	source = sqlite3_malloc(sizeof(*source));
	if (!source)
		return SQLITE_NOMEM;
	memset(source, 0, sizeof(*source));
	source->store = store;
	*out = &source->table;
	return SQLITE_OK;
}

static int source_disconnect(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

static int source_plan(sqlite3_vtab *table, sqlite3_index_info *plan)
{
	(void)table;
	plan->estimatedCost = 1e6;
	return SQLITE_OK;
}

static int source_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	struct cursor *cursor = sqlite3_malloc(sizeof(*cursor));

	if (!cursor)
		return SQLITE_NOMEM;
	memset(cursor, 0, sizeof(*cursor));
	cursor->store = ((struct source *)table)->store;
	*out = &cursor->cursor;
	return SQLITE_OK;
}

static int source_close(sqlite3_vtab_cursor *cursor)
{
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static int source_next(sqlite3_vtab_cursor *at)
{
	struct cursor *cursor = (struct cursor *)at;
	const struct store_bulk *bulk = &cursor->store->bulk;

	cursor->block = bulk->next ? bulk->next(bulk->data) : NULL;
	cursor->row++;
	return SQLITE_OK;
}

static int source_filter(sqlite3_vtab_cursor *at, int number, const char *text, int argc,
			 sqlite3_value **argv)
{
	(void)number;
	(void)text;
	(void)argc;
	(void)argv;
	((struct cursor *)at)->row = 0;
	return source_next(at);
}

static int source_eof(sqlite3_vtab_cursor *at)
{
	return !((struct cursor *)at)->block;
}

/* The entries must stay unchanged until the statement has finished. */
static void result_text(sqlite3_context *context, const char *text)
{
	if (text)
		sqlite3_result_text(context, text, -1, SQLITE_STATIC);
}

static int source_column(sqlite3_vtab_cursor *at, sqlite3_context *context, int column)
{
	const struct store_block *block = ((struct cursor *)at)->block;

	switch ((enum column)column) {
	case COLUMN_ADDRESS:
		sqlite3_result_blob(context, &block->prefix.address, sizeof(block->prefix.address),
				    SQLITE_STATIC);
		break;
	case COLUMN_LENGTH:
		sqlite3_result_int(context, block->prefix.length);
		break;
	case COLUMN_ORIGIN:
		result_text(context, block->origin);
		break;
	case COLUMN_REASON:
		result_text(context, block->reason);
		break;
	case COLUMN_TICKET:
		result_text(context, block->ticket);
		break;
	case COLUMN_START:
		sqlite3_result_int64(context, block->start_ms);
		break;
	case COLUMN_UNTIL:
		sqlite3_result_int64(context, block->until_ms);
		break;
	case COLUMN_KIND:
		sqlite3_result_int(context, block->kind);
		break;
	case COLUMN_RATE:
		sqlite3_result_int64(context, block->rate);
		break;
	case COLUMN_BURST:
		sqlite3_result_int64(context, block->burst);
		break;
	case COLUMN_SAID:
		((struct cursor *)at)->store->has_said |= block->said.length != 0;
		sqlite3_result_blob(context, &block->said,
				    block->said.length ? STORE_SAID_BYTES : 0, SQLITE_STATIC);
		break;
	}
	return SQLITE_OK;
}

static int source_row(sqlite3_vtab_cursor *at, sqlite3_int64 *row)
{
	*row = ((struct cursor *)at)->row;
	return SQLITE_OK;
}

int store_bulk_register(struct store *store, struct error *error)
{
	static const sqlite3_module module = {
		.xConnect = source_connect,
		.xBestIndex = source_plan,
		.xDisconnect = source_disconnect,
		.xOpen = source_open,
		.xClose = source_close,
		.xFilter = source_filter,
		.xNext = source_next,
		.xEof = source_eof,
		.xColumn = source_column,
		.xRowid = source_row,
	};

	if (sqlite3_create_module(store->db, STORE_BULK_SOURCE, &module, store))
		return store_error(store, error, "take lists");
	return 0;
}

int store_blocks_put(struct store *store, store_next_t next, void *data, struct error *error)
{
	int err;

	store->bulk = (struct store_bulk){next, data};
	err = store_run(store, BLOCK_PUT_ALL, "write a list", error);
	store->bulk = (struct store_bulk){};
	return err;
}
