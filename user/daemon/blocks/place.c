// SPDX-License-Identifier: GPL-2.0-only
/* Places the entries of a prefix in the maps. */
#include <errno.h>
#include <string.h>

#include "blocks_internal.h"
#include "base/log.h"
#include "net/action_rank.h"

const struct prefix_set *blocks_allowed(const struct blocks *blocks)
{
	return &blocks->prefixes->allowed;
}

uint32_t blocks_count(const struct blocks *blocks)
{
	return sources_count(blocks->blocklist) + blocks->prefixes->blocked.count;
}

struct block_target blocks_target(const struct blocks *blocks, const struct prefix *prefix)
{
	return block_target_of_stored(&blocks->rules, &blocks->maps->meta->seed, prefix);
}

void effective_add(struct effective_action *effective, const struct store_block *block)
{
	if (block->until_ms && block->until_ms <= clock_wall_ms())
		return; /* it has expired, but a full store keeps it for a while */
	if (!effective->any ||
	    action_rank(block->kind == STORE_THROTTLE, block->rate, block->burst) <
		    action_rank(effective->kind == STORE_THROTTLE, effective->rate,
				effective->burst))
		*effective =
			(struct effective_action){true, block->kind, block->rate, block->burst};
}

static bool want_row(const struct store_block *block, void *data)
{
	effective_add(data, block);
	return true;
}

static int effective_at(struct blocks *blocks, const struct prefix *prefix,
			struct effective_action *effective, struct error *error)
{
	*effective = (struct effective_action){};
	return store_block_deciding(blocks->store, prefix, NULL, clock_wall_ms(), want_row,
				    effective, error);
}

/* The info for the maps, or -errno. The entry was accepted earlier: if it has no limit of its own
 * any more, as in a store of a version that did not check, it gets the nearest stricter one. A row
 * names its number, so nothing is held for it: an expiry belongs to no change that would release
 * it.
 */
static int info_of(struct blocks *blocks, const struct effective_action *effective,
		   struct error *error)
{
	uint64_t held = blocks->throttles.held;
	int number;

	if (effective->kind == STORE_BLOCK)
		return 0;
	number = throttles_number(&blocks->throttles, effective->rate, effective->burst, error);
	if (number == -ERANGE)
		number = throttles_number(&blocks->throttles, effective->rate, effective->rate,
					  error);
	if (number == -EDQUOT)
		number = throttles_nearest(&blocks->throttles, effective->rate);
	blocks->throttles.held = held;
	return number < 0 ? number : S64_BLOCK_THROTTLE | number;
}

/* --- placing --- */

/* Must the parts of the source be checked first? */
static bool has_finer(const struct blocks *blocks, const struct prefix *prefix)
{
	return prefix_set_within(&blocks->prefixes->allowed, prefix) ||
	       prefix_set_within(&blocks->prefixes->blocked, prefix) ||
	       (prefix_is_v4(prefix) && blocks->allowed_forms);
}

/* An entry in force of an unknown prefix may be within it, if anything was before. */
static bool may_have_finer(const struct blocks *blocks, uint64_t src_key)
{
	int info =
		blocks->unnamed[STORE_PREFIX].count ? sources_info(blocks->blocklist, src_key) : -1;

	return info >= 0 && info & S64_BLOCK_FINER;
}

bool blocks_is_shadowed(const struct blocks *blocks, const struct prefix *prefix)
{
	return prefix_set_around(&blocks->prefixes->allowed, prefix) != NULL;
}

/* A prefix that is a part of a source changes what the source's entry says. */
static struct block_target source_around(const struct blocks *blocks, const struct prefix *prefix)
{
	struct prefix address = {.address = prefix->address, .length = 128};
	struct source source =
		source_rules_identify(&blocks->rules, &blocks->maps->meta->seed, &address);

	if (prefix->length <= source.length || !prefix_contains(&source.shown, prefix))
		return (struct block_target){};
	return blocks_target(blocks, &source.shown);
}

/* `info` below 0: nothing is wanted, or an allowed prefix is around it. */
static int place(struct blocks *blocks, const struct block_target *target, int info)
{
	if (target->is_source) {
		if (info < 0)
			return sources_remove(blocks->blocklist, target->src_key), 0;
		if (has_finer(blocks, &target->prefix) || may_have_finer(blocks, target->src_key))
			info |= S64_BLOCK_FINER;
		return sources_put(blocks->blocklist, target->src_key, info);
	}
	if (prefix_set_has(&blocks->prefixes->allowed, &target->prefix))
		return prefixes_put(blocks->prefixes, &target->prefix, S64_PREFIX_ALLOW);
	if (info < 0)
		return prefixes_remove(blocks->prefixes, &target->prefix), 0;
	return prefixes_put(blocks->prefixes, &target->prefix, info);
}

/* Sets whether the source around a part of it checks its parts first; whether it is blocked stays
 * the same.
 */
int blocks_sync_around(struct blocks *blocks, const struct prefix *part)
{
	struct block_target around = source_around(blocks, part);
	int info = around.is_source ? sources_info(blocks->blocklist, around.src_key) : -1;

	if (info < 0)
		return 0;
	if (!blocks->unnamed[STORE_PREFIX].count)
		info &= ~S64_BLOCK_FINER;
	return sources_put(blocks->blocklist, around.src_key,
			   has_finer(blocks, &around.prefix) ? info | S64_BLOCK_FINER : info);
}

int blocks_sync_effective(struct blocks *blocks, const struct prefix *prefix,
			  const struct effective_action *effective, struct error *error)
{
	struct block_target target = blocks_target(blocks, prefix);
	int info = -1, err;

	if (!effective->any && unnamed_keep(blocks, prefix))
		return 0;
	unnamed_note(blocks, prefix);
	if (effective->any && !blocks_is_shadowed(blocks, prefix)) {
		info = info_of(blocks, effective, error);
		if (info < 0)
			return info;
	}
	err = place(blocks, &target, info);
	if (!err && !target.is_source)
		err = blocks_sync_around(blocks, prefix);
	if (err)
		error_set(error, err, err == -ENOSPC ? "the table is full" : "%s", strerror(-err));
	return err;
}

int blocks_bring(struct blocks *blocks, const struct prefix *prefix, struct error *error)
{
	struct effective_action effective;
	int err = effective_at(blocks, prefix, &effective, error);

	return err ? err : blocks_sync_effective(blocks, prefix, &effective, error);
}

static bool is_refused_by_maps(int err)
{
	return err == -ENOSPC || err == -EDQUOT || err == -ERANGE;
}

/* Open where the maps cannot have it as it is wanted: a source must not stay blocked for ever by what has ended. Where the
 * store does not say what is wanted, what is in force stays. `known` NULL: the store is asked.
 */
static int sync(struct blocks *blocks, const struct prefix *prefix,
		const struct effective_action *known)
{
	char text[PREFIX_TEXT_MAX];
	struct effective_action effective = {};
	struct error error;
	int err = known ? 0 : effective_at(blocks, prefix, &effective, &error);
	bool unknown = err;

	if (!err)
		err = blocks_sync_effective(blocks, prefix, known ? known : &effective, &error);
	if (unknown || (err && !is_refused_by_maps(err))) {
		unsynced_add(blocks, prefix, error.text);
	} else if (err) {
		struct block_target target = blocks_target(blocks, prefix);

		log_error("%s: the block is not in force: %s", prefix_format(prefix, text),
			  error.text);
		place(blocks, &target, -1);
	}
	return err;
}

int blocks_sync(struct blocks *blocks, const struct prefix *prefix)
{
	return sync(blocks, prefix, NULL);
}

int blocks_end(struct blocks *blocks, const struct store_end *end)
{
	static const struct effective_action nothing;

	return sync(blocks, &end->prefix, end->others ? NULL : &nothing);
}
