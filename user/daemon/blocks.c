// SPDX-License-Identifier: GPL-2.0-only
/* One block or throttle: put, and taken back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks_internal.h"
#include "log.h"
#include "store_log.h"

/* A throttle is checked, and has its number, when it is accepted: when what is stricter ends, it comes into force and
 * nobody is there to be told that it cannot.
 */
int blocks_reserve_rate(struct blocks *blocks, const struct store_block *block, struct error *error)
{
	int number;

	if (block->kind != STORE_THROTTLE)
		return 0;
	number = throttles_number(&blocks->throttles, block->rate, block->burst, error);
	return number < 0 ? number : 0;
}

static int full(struct blocks *blocks, const struct prefix *prefix, struct error *error)
{
	char text[PREFIX_TEXT_MAX];
	bool site = blocks_unit(blocks, prefix).is_site;

	blocks->refused_full++;
	return error_set(error, -ENOSPC,
			 "%s is not blocked: the table is full (%u %s); raise state.%s or unblock some",
			 prefix_format(prefix, text),
			 site ? sites_count(blocks->sites) : blocks->prefixes->buckets.keys,
			 site ? "blocks" : "prefixes", site ? "blocks" : "prefixes");
}

/* What an origin wants is put together with what the others do. */
struct others {
	const struct store_block *own;
	struct wanted wanted;
	bool same; /* the store says just that already */
};

bool blocks_same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool want_row_of_others(const struct store_block *block, void *data)
{
	struct others *others = data;
	const struct store_block *own = others->own;

	if (strcmp(block->origin, own->origin) || prefix_compare(&block->said, &own->said))
		blocks_want(&others->wanted, block);
	else
		others->same = block->kind == own->kind && block->rate == own->rate &&
			       block->burst == own->burst && block->start_ms == own->start_ms &&
			       block->until_ms == own->until_ms && blocks_same_text(block->reason, own->reason) &&
			       blocks_same_text(block->ticket, own->ticket);
	return true;
}

/* Ends what store_begin() began: a change and its row of the log, both or neither. */
int blocks_store_end(struct blocks *blocks, int err, struct error *error)
{
	if (!err)
		return store_commit(blocks->store, error);
	store_rollback(blocks->store);
	return err;
}

int blocks_store_put(struct blocks *blocks, const struct store_block *block, struct error *error)
{
	int err = store_begin(blocks->store, error);

	if (err)
		return err;
	err = store_block_put(blocks->store, block, error);
	if (!err)
		err = store_log_block(blocks->store, store_kind_names[block->kind], block, error);
	return blocks_store_end(blocks, err, error);
}

/* said NULL: all of the origin. */
int blocks_store_remove(struct blocks *blocks, const struct prefix *prefix, const char *origin,
			const struct prefix *said, struct error *error)
{
	struct store_block gone = {.prefix = *prefix,
				   .origin = origin,
				   .said = said ? *said : (struct prefix){}};
	int err = store_begin(blocks->store, error);

	if (err)
		return err;
	err = said ? store_block_remove_said(blocks->store, prefix, origin, said, error)
		   : store_block_remove(blocks->store, prefix, origin, error);
	if (!err)
		err = store_log_block(blocks->store, "unblock", &gone, error);
	return blocks_store_end(blocks, err, error);
}

/* The change is over: what failed leaves nothing in the tables, nor among the numbers of throttles. */
static void settle_failed(struct blocks *blocks, const struct prefix *prefix)
{
	blocks_settle(blocks, prefix);
	throttles_reload(&blocks->throttles);
}

int blocks_put(struct blocks *blocks, const struct store_block *block, struct error *error)
{
	struct others others = {.own = block};
	struct error ignored;
	int err = store_block_at(blocks->store, &block->prefix, want_row_of_others, &others, error);

	if (!err)
		err = store_begin(blocks->store, error);
	if (err)
		return err;
	err = blocks_reserve_rate(blocks, block, error);
	/* The table first, as the attack is running; acknowledged is what is in the store as well. */
	blocks_want(&others.wanted, block);
	if (!err) {
		err = blocks_settle_wanted(blocks, &block->prefix, &others.wanted, error);
		if (err == -ENOSPC)
			full(blocks, &block->prefix, error);
	}
	if (!err && !others.same)
		err = blocks_store_put(blocks, block, error);
	err = blocks_store_end(blocks, err, error);
	if (err)
		settle_failed(blocks, &block->prefix);
	else if (unnamed_name(blocks, &block->prefix, &ignored))
		log_warning("a start forgets what had no name: %s", ignored.text);
	throttles_release(&blocks->throttles);
	return err;
}

static int remove_rows(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		       const struct prefix *said, struct error *error)
{
	int err = blocks_store_remove(blocks, prefix, origin, said, error);

	if (err)
		return err;
	blocks_settle(blocks, prefix);
	throttles_release(&blocks->throttles);
	return 0;
}

int blocks_remove(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		  struct error *error)
{
	int err = remove_rows(blocks, prefix, origin, NULL, error);

	return err == -ENOENT ? unnamed_remove(blocks, prefix, error) : err;
}

int blocks_remove_said(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		       const struct prefix *said, struct error *error)
{
	return remove_rows(blocks, prefix, origin, said, error);
}
