// SPDX-License-Identifier: GPL-2.0-only
/* Dry runs: what would be refused, without doing it. */
#include <errno.h>

#include "blocks_internal.h"

static bool has_room(const struct blocks *blocks, const struct prefix *prefix)
{
	struct block_target target = blocks_target(blocks, prefix);

	if (blocks_is_shadowed(blocks, prefix))
		return true;
	return target.is_source ? sources_have_room(blocks->blocklist, target.src_key) :
				  prefixes_have_room(blocks->prefixes, prefix);
}

int blocks_try(const struct blocks *blocks, const struct store_block *block, struct error *error)
{
	int err = store_try(blocks->store, error);

	if (!err && block->kind == STORE_THROTTLE)
		err = throttles_try(&blocks->throttles, block->rate, block->burst, 0, error);
	if (err < 0)
		return err;
	return has_room(blocks, &block->prefix) ? 0 : blocks_full(blocks, &block->prefix, error);
}

/* --- many --- */

static int try_rate(const struct blocks *blocks, struct blocks_rehearsal *rehearsal,
		    const struct store_block *block)
{
	struct error ignored;
	int free;

	if (block->kind != STORE_THROTTLE)
		return 0;
	for (unsigned int i = 0; i < rehearsal->rates; i++)
		if (rehearsal->given[i].rate == block->rate &&
		    rehearsal->given[i].burst == block->burst)
			return 0;
	free = throttles_try(&blocks->throttles, block->rate, block->burst, rehearsal->rates,
			     &ignored);
	if (free <= 0)
		return free;
	rehearsal->given[rehearsal->rates].rate = block->rate;
	rehearsal->given[rehearsal->rates++].burst = block->burst;
	return 0;
}

/* A list leaves the reserve to changes by hand. */
static bool list_has_room(const struct blocks *blocks, struct blocks_rehearsal *rehearsal,
			  const struct prefix *prefix)
{
	const struct s64_meta *meta = blocks->maps->meta;
	struct block_target target = blocks_target(blocks, prefix);
	uint32_t *taken = target.is_source ? &rehearsal->sources : &rehearsal->prefixes;
	uint32_t keys = target.is_source ? sources_count(blocks->blocklist) :
					   blocks->prefixes->buckets.keys;
	uint32_t room = target.is_source ? meta->blocks : meta->prefixes;
	bool is_there = target.is_source ? sources_info(blocks->blocklist, target.src_key) >= 0 :
					   prefixes_info(blocks->prefixes, prefix) >= 0;

	if (is_there || blocks_is_shadowed(blocks, prefix))
		return true;
	if (keys + *taken + blocks_reserve_of(room) >= room || !has_room(blocks, prefix))
		return false;
	++*taken;
	return true;
}

int blocks_try_next(const struct blocks *blocks, struct blocks_rehearsal *rehearsal,
		    const struct store_block *block)
{
	int err = try_rate(blocks, rehearsal, block);

	/* entries of several origins for one prefix take one slot */
	if (err || !prefix_compare(&rehearsal->last, &block->prefix))
		return err;
	rehearsal->last = block->prefix;
	return list_has_room(blocks, rehearsal, &block->prefix) ? 0 : -ENOSPC;
}
