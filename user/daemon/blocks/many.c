// SPDX-License-Identifier: GPL-2.0-only
/* Many blocks at once: what an import adds and removes. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks_internal.h"
#include "base/log.h"
#include "daemon/store/log/audit_log.h"

#define PREFETCH_AHEAD	  8
#define PUTS_A_BREATH	  64
#define LOGGED_SINGLY_MAX 10000

static void prefetch(const struct blocks *blocks, const struct blocks_change *change)
{
	struct block_target target = blocks_target(blocks, &change->block.prefix);

	if (target.is_source)
		sources_prefetch(blocks->blocklist, target.src_key);
}

uint32_t blocks_reserve_of(uint32_t entries)
{
	uint32_t share = entries / BLOCKS_RESERVE_SHARE;

	return share < BLOCKS_RESERVE_MAX ? share : BLOCKS_RESERVE_MAX;
}

/* Would a list use what is reserved for changes by hand? Entries that are in a map already, or go
 * into none, use nothing.
 */
static bool is_reserved(const struct blocks *blocks, const struct prefix *prefix)
{
	const struct s64_meta *meta = blocks->maps->meta;
	const struct prefixes *prefixes = blocks->prefixes;
	bool sources_low =
		sources_count(blocks->blocklist) + blocks_reserve_of(meta->blocks) >= meta->blocks;
	bool prefixes_low =
		prefixes->buckets.keys + blocks_reserve_of(meta->prefixes) >= meta->prefixes;
	struct block_target target;

	if (!sources_low && !prefixes_low)
		return false;
	target = blocks_target(blocks, prefix);
	if (blocks_is_shadowed(blocks, prefix))
		return false;
	return target.is_source ?
		       sources_low && sources_info(blocks->blocklist, target.src_key) < 0 :
		       prefixes_low && prefixes_info(prefixes, prefix) < 0;
}

/* put[0..count) have one prefix, and come into force together; except for throttles that find no
 * number.
 */
static int apply_group(struct blocks *blocks, struct blocks_change *put, size_t count,
		       struct error *error)
{
	struct effective_action effective = put->others;
	int err;

	for (size_t i = 0; i < count; i++) {
		err = blocks_reserve_rate(blocks, &put[i].block, error);
		if (err && err != -EDQUOT && err != -ERANGE)
			return err;
		put[i].refused = err;
		if (!err)
			effective_add(&effective, &put[i].block);
		changes_breathe(blocks->changes);
	}
	err = is_reserved(blocks, &put->block.prefix) ?
		      -ENOSPC :
		      blocks_sync_effective(blocks, &put->block.prefix, &effective, error);
	if (err != -ENOSPC)
		return err;
	if (S64_MISTAKE(FULL_IGNORED))
		return 0;
	blocks->refused_full += count;
	for (size_t i = 0; i < count; i++) {
		put[i].refused = err;
		changes_breathe(blocks->changes);
	}
	return 0;
}

/* How many have the prefix of the first one: it may be listed by very many addresses. */
static size_t count_group(struct blocks *blocks, const struct blocks_change *put, size_t puts)
{
	size_t count = 1;

	while (count < puts && !prefix_compare(&put->block.prefix, &put[count].block.prefix)) {
		count++;
		changes_breathe(blocks->changes);
	}
	return count;
}

static int apply_puts(struct blocks *blocks, struct blocks_change *put, size_t puts,
		      size_t *refused, struct error *error)
{
	size_t count;
	int err = 0;

	for (size_t at = 0; at < puts && !err; at += count) {
		if (at + PREFETCH_AHEAD < puts)
			prefetch(blocks, &put[at + PREFETCH_AHEAD]);
		count = count_group(blocks, &put[at], puts - at);
		err = apply_group(blocks, &put[at], count, error);
		for (size_t i = 0; i < count; i++) {
			*refused += put[at + i].refused != 0;
			changes_breathe(blocks->changes);
		}
	}
	return err;
}

/* A long list is logged as one row, and a shorter one also entry by entry. */
static int log_list(struct blocks *blocks, const struct actor *actor, size_t taken, size_t removes,
		    uint64_t left_out, const char *origin, struct error *error)
{
	struct store_change change = {.action = "import", .origin = origin};
	char detail[128], not_taken[48] = "";

	if (!taken && !removes)
		return 0;
	if (left_out)
		snprintf(not_taken, sizeof(not_taken), ", %" PRIu64 " not imported", left_out);
	snprintf(detail, sizeof(detail), "%zu put, %zu removed%s%s", taken, removes, not_taken,
		 taken + removes > LOGGED_SINGLY_MAX ? "; too many to log each" : "");
	change.detail = detail;
	change.by_rows = taken + removes <= LOGGED_SINGLY_MAX;
	return store_log_add(blocks->store, actor, &change, error);
}

struct puts {
	struct changes *changes;
	const struct blocks_change *put;
	size_t count, at;
};

/* As many as fit into a turn: a statement cannot pause, because others would use its connection
 * meanwhile. Refused entries count too: there may be a million of them in a row.
 */
static const struct store_block *next_of_piece(void *data)
{
	struct puts *puts = data;

	while (puts->at < puts->count && !changes_are_due(puts->changes)) {
		const struct blocks_change *put = &puts->put[puts->at++];

		if (!put->refused)
			return &put->block;
	}
	return NULL;
}

static int store_puts_in_bulk(struct blocks *blocks, const struct blocks_change *put, size_t count,
			      struct error *error)
{
	struct puts puts = {blocks->changes, put, count, 0};
	int err = 0;

	while (!err && puts.at < count) {
		err = store_blocks_put(blocks->store, next_of_piece, &puts, error);
		if (puts.at < count)
			changes_pause(blocks->changes);
	}
	return err;
}

static int store_puts_singly(struct blocks *blocks, const struct actor *actor,
			     const struct blocks_change *put, size_t count, struct error *error)
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		if (!put[i].refused)
			err = blocks_store_put(blocks, actor, &put[i].block, error);
		changes_breathe(blocks->changes);
	}
	return err;
}

/* What was in force without a name has one now. */
static int name_puts(struct blocks *blocks, const struct blocks_change *put, size_t puts,
		     struct error *error)
{
	int err = 0;

	for (size_t i = 0; i < puts && !err && unnamed_count(blocks); i++) {
		if (!put[i].refused)
			err = unnamed_name(blocks, &put[i].block.prefix, error);
		changes_breathe(blocks->changes);
	}
	return err;
}

/* `taken`: puts that were not refused; `left_out`: lines of the list that were. */
static int store_changes(struct blocks *blocks, const struct actor *actor,
			 const struct blocks_change *put, size_t puts, size_t taken,
			 const struct blocks_key *remove, size_t removes, uint64_t left_out,
			 const char *origin, struct error *error)
{
	bool singly = taken + removes <= LOGGED_SINGLY_MAX;
	int err = store_begin(blocks->store, error);

	if (err)
		return err;
	err = log_list(blocks, actor, taken, removes, left_out, origin, error);
	for (size_t i = 0; i < removes && !err; i++) {
		const struct blocks_key *key = &remove[i];

		err = singly ? blocks_store_remove(blocks, actor, &key->prefix, origin, &key->said,
						   NULL, error) :
			       store_block_remove_said(blocks->store, &key->prefix, origin,
						       &key->said, error);
		if (err == -ENOENT && !singly)
			err = 0;
		changes_breathe(blocks->changes);
	}
	if (!err)
		err = singly ? store_puts_singly(blocks, actor, put, puts, error) :
			       store_puts_in_bulk(blocks, put, puts, error);
	if (!err)
		err = name_puts(blocks, put, puts, error);
	return blocks_store_end(blocks, err, error);
}

/* Once for each prefix: they are sorted. */
static void sync_next(struct blocks *blocks, const struct prefix *prefix,
		      const struct prefix *before)
{
	if (!before || prefix_compare(prefix, before))
		blocks_sync(blocks, prefix);
	changes_breathe(blocks->changes);
}

void blocks_sync_changes(struct blocks *blocks, const struct blocks_change *put, size_t puts)
{
	for (size_t i = 0; i < puts; i++)
		sync_next(blocks, &put[i].block.prefix, i ? &put[i - 1].block.prefix : NULL);
}

void blocks_sync_keys(struct blocks *blocks, const struct blocks_key *remove, size_t removes)
{
	for (size_t i = 0; i < removes; i++)
		sync_next(blocks, &remove[i].prefix, i ? &remove[i - 1].prefix : NULL);
}

/* A refused entry stays as it was, if it was there. */
static void sync_refused(struct blocks *blocks, const struct blocks_change *put, size_t puts)
{
	const struct prefix *before = NULL;

	for (size_t i = 0; i < puts; i++) {
		if (put[i].refused && put[i].refused != -ENOSPC) {
			sync_next(blocks, &put[i].block.prefix, before);
			before = &put[i].block.prefix;
		} else if (i % PUTS_A_BREATH == 0) {
			changes_breathe(blocks->changes);
		}
	}
}

int blocks_apply(struct blocks *blocks, const struct actor *actor, struct blocks_change *put,
		 size_t puts, const struct blocks_key *remove, size_t removes, uint64_t left_out,
		 const char *origin, struct error *error)
{
	int err = store_begin(blocks->store, error);
	size_t refused = 0;

	if (err)
		return err;
	err = apply_puts(blocks, put, puts, &refused, error);
	if (!err)
		err = store_changes(blocks, actor, put, puts, puts - refused, remove, removes,
				    left_out + refused, origin, error);
	err = blocks_store_end(blocks, err, error);
	if (err) {
		/* back to the store's entries */
		blocks_rolled_back(blocks);
		blocks_sync_changes(blocks, put, puts);
		throttles_reload(&blocks->throttles);
		return err;
	}
	blocks_sync_keys(blocks, remove, removes);
	if (refused)
		sync_refused(blocks, put, puts);
	throttles_release(&blocks->throttles);
	return 0;
}
