// SPDX-License-Identifier: GPL-2.0-only
/* Places the entries of a prefix in the maps. */
#include <errno.h>
#include <string.h>

#include "blocks_internal.h"
#include "base/log.h"

const struct prefix_set *blocks_allowed(const struct blocks *blocks)
{
	return &blocks->prefixes->allowed;
}

uint32_t blocks_count(const struct blocks *blocks)
{
	return sites_count(blocks->sites) + blocks->prefixes->blocked.count;
}

struct unit blocks_unit(const struct blocks *blocks, const struct prefix *prefix)
{
	return unit_of_stored(&blocks->rules, &blocks->tables->meta->seed, prefix);
}

void blocks_want(struct wanted *wanted, const struct store_block *block)
{
	bool stricter;

	if (block->until_ms && block->until_ms <= clock_wall_ms())
		return; /* it has expired, but a full store keeps it for a while */
	stricter = !wanted->any || (wanted->kind == STORE_THROTTLE && block->kind == STORE_BLOCK) ||
		   (wanted->kind == STORE_THROTTLE &&
		    (block->rate < wanted->rate ||
		     (block->rate == wanted->rate && block->burst < wanted->burst)));

	if (stricter)
		*wanted = (struct wanted){true, block->kind, block->rate, block->burst};
}

static bool want_row(const struct store_block *block, void *data)
{
	blocks_want(data, block);
	return true;
}

static int wanted_at(struct blocks *blocks, const struct prefix *prefix, struct wanted *wanted,
		     struct error *error)
{
	*wanted = (struct wanted){};
	return store_block_at(blocks->store, prefix, want_row, wanted, error);
}

/* The info for the maps, or -errno. The entry was accepted earlier: if it has no limit of its own
 * any more, as in a store of a version that did not check, it gets the nearest stricter one. A row
 * names its number, so nothing is held for it: an expiry belongs to no change that would release
 * it.
 */
static int info_of(struct blocks *blocks, const struct wanted *wanted, struct error *error)
{
	uint64_t held = blocks->throttles.held;
	int number;

	if (wanted->kind == STORE_BLOCK)
		return 0;
	number = throttles_number(&blocks->throttles, wanted->rate, wanted->burst, error);
	if (number == -ERANGE)
		number = throttles_number(&blocks->throttles, wanted->rate, wanted->rate, error);
	if (number == -EDQUOT)
		number = throttles_nearest(&blocks->throttles, wanted->rate);
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
static bool may_have_finer(const struct blocks *blocks, uint64_t site)
{
	int info = blocks->unnamed[STORE_PREFIX].count ? sites_info(blocks->sites, site) : -1;

	return info >= 0 && info & S64_BLOCK_FINER;
}

bool blocks_is_shadowed(const struct blocks *blocks, const struct prefix *prefix)
{
	return prefix_set_around(&blocks->prefixes->allowed, prefix) != NULL;
}

/* A prefix that is a part of a source changes what the source's entry says. */
static struct unit site_around(const struct blocks *blocks, const struct prefix *prefix)
{
	struct prefix address = {.address = prefix->address, .length = 128};
	struct source source =
		site_rules_source(&blocks->rules, &blocks->tables->meta->seed, &address);

	if (prefix->length <= source.length || !prefix_contains(&source.shown, prefix))
		return (struct unit){};
	return blocks_unit(blocks, &source.shown);
}

/* `info` below 0: nothing is wanted, or an allowed prefix is around it. */
static int place(struct blocks *blocks, const struct unit *unit, int info)
{
	if (unit->is_site) {
		if (info < 0)
			return sites_remove(blocks->sites, unit->site), 0;
		if (has_finer(blocks, &unit->prefix) || may_have_finer(blocks, unit->site))
			info |= S64_BLOCK_FINER;
		return sites_put(blocks->sites, unit->site, info);
	}
	if (prefix_set_has(&blocks->prefixes->allowed, &unit->prefix))
		return prefixes_put(blocks->prefixes, &unit->prefix, S64_PREFIX_ALLOW);
	if (info < 0)
		return prefixes_remove(blocks->prefixes, &unit->prefix), 0;
	return prefixes_put(blocks->prefixes, &unit->prefix, info);
}

/* Sets whether the source around a part of it checks its parts first; whether it is blocked stays
 * the same.
 */
int blocks_settle_around(struct blocks *blocks, const struct prefix *part)
{
	struct unit around = site_around(blocks, part);
	int info = around.is_site ? sites_info(blocks->sites, around.site) : -1;

	if (info < 0)
		return 0;
	if (!blocks->unnamed[STORE_PREFIX].count)
		info &= ~S64_BLOCK_FINER;
	return sites_put(blocks->sites, around.site,
			 has_finer(blocks, &around.prefix) ? info | S64_BLOCK_FINER : info);
}

int blocks_settle_wanted(struct blocks *blocks, const struct prefix *prefix,
			 const struct wanted *wanted, struct error *error)
{
	struct unit unit = blocks_unit(blocks, prefix);
	int info = -1, err;

	if (!wanted->any && unnamed_keep(blocks, prefix))
		return 0;
	unnamed_note(blocks, prefix);
	if (wanted->any && !blocks_is_shadowed(blocks, prefix)) {
		info = info_of(blocks, wanted, error);
		if (info < 0)
			return info;
	}
	err = place(blocks, &unit, info);
	if (!err && !unit.is_site)
		err = blocks_settle_around(blocks, prefix);
	if (err)
		error_set(error, err, err == -ENOSPC ? "the table is full" : "%s", strerror(-err));
	return err;
}

int blocks_bring(struct blocks *blocks, const struct prefix *prefix, struct error *error)
{
	struct wanted wanted;
	int err = wanted_at(blocks, prefix, &wanted, error);

	return err ? err : blocks_settle_wanted(blocks, prefix, &wanted, error);
}

static bool is_refused_by_tables(int err)
{
	return err == -ENOSPC || err == -EDQUOT || err == -ERANGE;
}

/* Open where the tables cannot have it as it is wanted: a source must not stay blocked for ever by what has ended. Where the
 * store does not say what is wanted, what is in force stays. `known` NULL: the store is asked.
 */
static int settle(struct blocks *blocks, const struct prefix *prefix, const struct wanted *known)
{
	char text[PREFIX_TEXT_MAX];
	struct wanted wanted = {};
	struct error error;
	int err = known ? 0 : wanted_at(blocks, prefix, &wanted, &error);
	bool unknown = err;

	if (!err)
		err = blocks_settle_wanted(blocks, prefix, known ? known : &wanted, &error);
	if (unknown || (err && !is_refused_by_tables(err))) {
		unsettled_add(blocks, prefix, error.text);
	} else if (err) {
		struct unit unit = blocks_unit(blocks, prefix);

		log_error("%s: the block is not in force: %s", prefix_format(prefix, text),
			  error.text);
		place(blocks, &unit, -1);
	}
	return err;
}

int blocks_settle(struct blocks *blocks, const struct prefix *prefix)
{
	return settle(blocks, prefix, NULL);
}

int blocks_end(struct blocks *blocks, const struct store_end *end)
{
	static const struct wanted nothing;

	return settle(blocks, &end->prefix, end->others ? NULL : &nothing);
}
