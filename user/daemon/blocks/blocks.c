// SPDX-License-Identifier: GPL-2.0-only
/* One block or throttle: put, and taken back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/block_copy.h"
#include "blocks_internal.h"
#include "base/log.h"
#include "base/array.h"
#include "daemon/store/log/audit_log.h"
#include "daemon/store/log/undo_text.h"

/* A throttle is checked, and gets its number, when it is accepted. When a stricter entry expires it
 * comes into force, and nobody is there to be told that it cannot.
 */
int blocks_reserve_rate(struct blocks *blocks, const struct store_block *block, struct error *error)
{
	int number;

	if (block->kind != STORE_THROTTLE || S64_MISTAKE(THROTTLE_UNCHECKED))
		return 0;
	number = throttles_number(&blocks->throttles, block->rate, block->burst, error);
	return number < 0 ? number : 0;
}

int blocks_full(const struct blocks *blocks, const struct prefix *prefix, struct error *error)
{
	char text[PREFIX_TEXT_MAX];
	bool is_source = blocks_target(blocks, prefix).is_source;

	return error_set(
		error, -ENOSPC,
		"%s is not blocked: the table is full (%u %s); raise maps.%s or unblock some",
		prefix_format(prefix, text),
		is_source ? sources_count(blocks->blocklist) : blocks->prefixes->buckets.keys,
		is_source ? "blocks" : "prefixes", is_source ? "blocks" : "prefixes");
}

/* Combines what an origin wants with the entries of the others. */
struct others {
	const struct store_block *own;
	struct effective_action effective;
	struct block_copy before; /* the origin's existing entry */
	int err;
};

static bool want_row_of_others(const struct store_block *block, void *data)
{
	struct others *others = data;

	effective_add(&others->effective, block);
	return true;
}

static bool keep_own(const struct store_block *block, void *data)
{
	struct others *others = data;

	others->err = block_copy_take(&others->before, block);
	return false;
}

/* Ends what store_begin() started: a change and its row of the log, both or neither. */
int blocks_store_end(struct blocks *blocks, int err, struct error *error)
{
	if (!err)
		return store_commit(blocks->store, error);
	store_rollback(blocks->store);
	return err;
}

static int gather_others(struct blocks *blocks, struct others *others, struct error *error)
{
	const struct store_block *own = others->own;
	int err = store_block_deciding(blocks->store, &own->prefix, own, clock_wall_ms(),
				       want_row_of_others, others, error);

	if (!err)
		err = store_block_find(blocks->store, &own->prefix, own->origin, &own->said,
				       keep_own, others, error);
	if (!err && others->err)
		err = error_set(error, others->err, "out of memory");
	return err;
}

/* An end of it forgets the hits, so they are kept with it. */
static char *undo_text(const struct blocks *blocks, const struct store_block *before,
		       const struct store_block *after)
{
	uint32_t last_hit = 0;
	uint64_t hits = 0;

	if (!after)
		blocks_hits(blocks, &before->prefix, &hits, &last_hit);
	return undo_of_block(blocks->store, before, after, hits, last_hit);
}

/* `before` NULL: there was nothing, as far as is known. */
static int log_put(struct blocks *blocks, const struct actor *actor, const char *action,
		   const struct store_block *block, const struct store_block *before,
		   struct error *error)
{
	char *undo = undo_text(blocks, before, block);
	char text[BLOCK_BEFORE_MAX] = "";
	int err;

	if (before)
		block_before(before, block, text);
	err = store_log_block_change(blocks->store, actor, action, block, text, undo, error);
	free(undo);
	return err;
}

static int put_row(struct blocks *blocks, const struct actor *actor, const char *action,
		   const struct store_block *block, const struct store_block *before,
		   struct error *error)
{
	int err = store_begin(blocks->store, error);

	if (err)
		return err;
	err = store_block_put(blocks->store, block, error);
	if (!err)
		err = log_put(blocks, actor, action, block, before, error);
	return blocks_store_end(blocks, err, error);
}

int blocks_store_put(struct blocks *blocks, const struct actor *actor,
		     const struct store_block *block, struct error *error)
{
	struct block_copy before = {};
	int err = block_copy_find(blocks->store, &block->prefix, block->origin, &block->said,
				  &before, error);

	if (!err)
		err = put_row(blocks, actor, store_kind_names[block->kind], block,
			      before.found ? &before.row : NULL, error);
	block_copy_free(&before);
	return err;
}

/* Records the previous state, so that the change can be undone (store_undo.h). */
int blocks_store_remove(struct blocks *blocks, const struct actor *actor,
			const struct prefix *prefix, const char *origin, const struct prefix *said,
			const struct blocks_why *why, struct error *error)
{
	struct store_block gone = {.prefix = *prefix, .origin = origin, .said = *said};
	struct block_copy before = {};
	char *undo = NULL;
	int err = block_copy_find(blocks->store, prefix, origin, said, &before, error);

	if (!err)
		err = store_begin(blocks->store, error);
	if (err)
		goto out;
	if (why) {
		gone.reason = why->reason;
		gone.ticket = why->ticket;
	}
	if (before.found)
		undo = undo_text(blocks, &before.row, NULL);
	err = store_block_remove_said(blocks->store, prefix, origin, said, error);
	if (!err)
		err = store_hits_forget(blocks->store, prefix, error);
	if (!err)
		err = store_log_block_change(blocks->store, actor, "unblock", &gone, "", undo,
					     error);
	err = blocks_store_end(blocks, err, error);
out:
	free(undo);
	block_copy_free(&before);
	return err;
}

/* The change has ended: a failure leaves nothing in the maps, nor among the numbers of throttles.
 */
static void sync_failed(struct blocks *blocks, const struct prefix *prefix)
{
	if (!S64_MISTAKE(FAILED_STAYS))
		blocks_sync(blocks, prefix);
	throttles_reload(&blocks->throttles);
}

int blocks_put(struct blocks *blocks, const struct actor *actor, const struct store_block *block,
	       struct error *error)
{
	return blocks_put_as(blocks, actor, store_kind_names[block->kind], block, error);
}

int blocks_put_as(struct blocks *blocks, const struct actor *actor, const char *action,
		  const struct store_block *block, struct error *error)
{
	struct others others = {.own = block};
	const struct store_block *before;
	struct error ignored;
	int err = gather_others(blocks, &others, error);

	if (!err)
		err = store_begin(blocks->store, error);
	if (err)
		goto out;
	before = others.before.found ? &others.before.row : NULL;
	err = blocks_reserve_rate(blocks, block, error);
	/* The map first, because the attack is running; acknowledged once it is in the store too.
	 */
	effective_add(&others.effective, block);
	if (!err) {
		err = blocks_sync_effective(blocks, &block->prefix, &others.effective, error);
		if (err == -ENOSPC) {
			blocks->refused_full++;
			blocks_full(blocks, &block->prefix, error);
		}
	}
	if (!err &&
	    !(before && block_says_same(before, block) && before->start_ms == block->start_ms))
		err = put_row(blocks, actor, action, block, before, error);
	err = blocks_store_end(blocks, err, error);
	if (err)
		sync_failed(blocks, &block->prefix);
	else if (unnamed_name(blocks, &block->prefix, &ignored))
		log_warning("entries whose prefix was unknown end with the next start: %s",
			    ignored.text);
	throttles_release(&blocks->throttles);
out:
	block_copy_free(&others.before);
	return err;
}

/* --- taking back --- */

int blocks_remove_said(struct blocks *blocks, const struct actor *actor,
		       const struct prefix *prefix, const char *origin, const struct prefix *said,
		       const struct blocks_why *why, struct error *error)
{
	int err = blocks_store_remove(blocks, actor, prefix, origin, said, why, error);

	if (err)
		return err;
	blocks_sync(blocks, prefix);
	throttles_release(&blocks->throttles);
	return 0;
}

/* Everything an origin listed of a prefix and of addresses in it. */
struct all_said {
	struct changes *changes;
	struct prefix *said;
	size_t count;
	int err;
};

static bool note_said(const struct store_block *row, void *data)
{
	struct all_said *all = data;
	struct prefix *said;

	changes_breathe(all->changes);
	said = array_add(&all->said, &all->count, sizeof(*said));
	if (!said) {
		all->err = -ENOMEM;
		return false;
	}
	*said = row->said;
	return true;
}

int blocks_remove(struct blocks *blocks, const struct actor *actor, const struct prefix *prefix,
		  const char *origin, const struct blocks_why *why, struct error *error)
{
	struct all_said all = {.changes = blocks->changes};
	int err = store_block_of(blocks->store, prefix, origin, note_said, &all, error);

	if (!err && all.err)
		err = error_set(error, all.err, "out of memory");
	if (!err && !all.count) {
		err = unnamed_remove(blocks, actor, prefix, error);
		goto out;
	}
	if (!err)
		err = store_begin(blocks->store, error);
	if (err)
		goto out;
	for (size_t i = 0; i < all.count && !err; i++) {
		err = blocks_store_remove(blocks, actor, prefix, origin, &all.said[i], why, error);
		changes_breathe(blocks->changes);
	}
	err = blocks_store_end(blocks, err, error);
	if (!err) {
		blocks_sync(blocks, prefix);
		throttles_release(&blocks->throttles);
	}
out:
	free(all.said);
	return err;
}
