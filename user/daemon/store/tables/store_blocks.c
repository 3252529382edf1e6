// SPDX-License-Identifier: GPL-2.0-only
/* The store: blocks and throttles. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/store_internal.h"

_Static_assert(offsetof(struct prefix, length) == STORE_SAID_BYTES - 1,
	       "what was said is stored as it is in memory");

void store_bind_said(sqlite3_stmt *statement, int column, const struct prefix *said)
{
	sqlite3_bind_blob(statement, column, said, said->length ? STORE_SAID_BYTES : 0,
			  SQLITE_STATIC);
}

int store_block_put(struct store *store, const struct store_block *block, struct error *error)
{
	sqlite3_stmt *statement = store->statement[BLOCK_PUT];

	store_bind_prefix(statement, &block->prefix);
	store_bind_text(statement, 3, block->origin);
	store_bind_text(statement, 4, block->reason);
	store_bind_text(statement, 5, block->ticket);
	sqlite3_bind_int64(statement, 6, block->start_ms);
	sqlite3_bind_int64(statement, 7, block->until_ms);
	sqlite3_bind_int(statement, 8, block->kind);
	sqlite3_bind_int64(statement, 9, block->rate);
	sqlite3_bind_int64(statement, 10, block->burst);
	store_bind_said(statement, 11, &block->said);
	store->has_said |= block->said.length != 0;
	return store_run(store, BLOCK_PUT, "write a block", error);
}

int store_block_remove(struct store *store, const struct prefix *prefix, const char *origin,
		       struct error *error)
{
	return store_remove_row(store, BLOCK_REMOVE, BLOCK_REMOVE_ORIGIN, prefix, origin, error);
}

int store_block_remove_said(struct store *store, const struct prefix *prefix, const char *origin,
			    const struct prefix *said, struct error *error)
{
	store_bind_said(store->statement[BLOCK_REMOVE_SAID], 4, said);
	return store_remove_row(store, BLOCK_REMOVE_SAID, BLOCK_REMOVE_SAID, prefix, origin, error);
}

int store_block_at(struct store *store, const struct prefix *prefix, store_block_each_t each,
		   void *data, struct error *error)
{
	store_bind_prefix(store->statement[BLOCK_AT], prefix);
	return store_each_row(store, BLOCK_AT, each, data, error);
}

int store_blocks(struct store *store, store_block_each_t each, void *data, struct error *error)
{
	return store_each_row(store, BLOCK_ALL, each, data, error);
}

int store_blocks_of_config(struct store *store, store_block_each_t each, void *data,
			   struct error *error)
{
	return store_each_row(store, BLOCK_OF_CONFIG, each, data, error);
}

int store_blocks_within(struct store *store, const struct prefix *prefix, store_block_each_t each,
			void *data, struct error *error)
{
	sqlite3_stmt *statement = store->statement[BLOCK_WITHIN];
	struct in6_addr last = prefix->address;

	for (int bit = prefix->length; bit < 128; bit++)
		last.s6_addr[bit / 8] |= 0x80 >> bit % 8;
	sqlite3_bind_blob(statement, 1, &prefix->address, sizeof(prefix->address), SQLITE_STATIC);
	sqlite3_bind_blob(statement, 2, &last, sizeof(last), SQLITE_STATIC);
	sqlite3_bind_int(statement, 3, prefix->length);
	return store_each_row(store, BLOCK_WITHIN, each, data, error);
}

void store_place_take(struct store_place_of_row *place, const struct store_block *row)
{
	place->prefix = row->prefix;
	place->said = row->said;
	snprintf(place->origin, sizeof(place->origin), "%s", row->origin);
	place->set = true;
}

struct counted {
	store_block_each_t each;
	void *data;
	int rows;
};

static bool count_row(const struct store_block *row, void *data)
{
	struct counted *counted = data;

	counted->rows++;
	return counted->each(row, counted->data);
}

int store_blocks_behind(struct store *store, const struct store_place_of_row *place,
			unsigned int limit, store_block_each_t each, void *data,
			struct error *error)
{
	sqlite3_stmt *statement = store->statement[BLOCK_BEHIND];
	const struct store_place_of_row from = *place; /* the rows may move meanwhile */
	struct counted counted = {each, data, 0};
	int err;

	if (from.set)
		store_bind_prefix(statement, &from.prefix);
	else
		sqlite3_bind_blob(statement, 1, "", 0, SQLITE_STATIC);
	store_bind_text(statement, 3, from.origin);
	store_bind_said(statement, 4, &from.said);
	sqlite3_bind_int64(statement, 5, limit);
	err = store_each_row(store, BLOCK_BEHIND, count_row, &counted, error);
	return err ? err : counted.rows;
}
