// SPDX-License-Identifier: GPL-2.0-only
#include "blocks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks_internal.h"
#include "log.h"
#include "store_log.h"

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
		return; /* it has ended, and where the store is full, stays in it for a while */
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

/* The info of the tables, or -errno. What is asked for has been accepted: where it has no limit of its own any more, as
 * in a store of a version that did not look, it gets the nearest that is stricter.
 */
static int info_of(struct blocks *blocks, const struct wanted *wanted, struct error *error)
{
	int number;

	if (wanted->kind == STORE_BLOCK)
		return 0;
	number = throttles_number(&blocks->throttles, wanted->rate, wanted->burst, error);
	if (number == -ERANGE)
		number = throttles_number(&blocks->throttles, wanted->rate, wanted->rate, error);
	if (number == -EDQUOT)
		number = throttles_nearest(&blocks->throttles, wanted->rate);
	return number < 0 ? number : S64_BLOCK_THROTTLE | number;
}

/* A throttle is checked, and has its number, when it is accepted: when what is stricter ends, it comes into force and
 * nobody is there to be told that it cannot.
 */
static int reserve(struct blocks *blocks, const struct store_block *block, struct error *error)
{
	int number;

	if (block->kind != STORE_THROTTLE)
		return 0;
	number = throttles_number(&blocks->throttles, block->rate, block->burst, error);
	return number < 0 ? number : 0;
}

/* --- placing --- */

/* Must what is within the site be asked first? */
static bool has_finer(const struct blocks *blocks, const struct prefix *prefix)
{
	return prefix_set_within(&blocks->prefixes->allowed, prefix) ||
	       prefix_set_within(&blocks->prefixes->blocked, prefix) ||
	       (prefix_is_v4(prefix) && blocks->allowed_forms);
}

/* What is in force without a name may lie within it, if anything did before. */
static bool may_have_finer(const struct blocks *blocks, uint64_t site)
{
	int info = blocks->unnamed[STORE_PREFIX].count ? sites_info(blocks->sites, site) : -1;

	return info >= 0 && info & S64_BLOCK_FINER;
}

static bool is_shadowed(const struct blocks *blocks, const struct prefix *prefix)
{
	return prefix_set_around(&blocks->prefixes->allowed, prefix) != NULL;
}

/* A prefix that is a part of a site changes what the site has to say. */
static struct unit site_around(const struct blocks *blocks, const struct prefix *prefix)
{
	struct prefix address = {.address = prefix->address, .length = 128};
	struct source source = site_rules_source(&blocks->rules, &blocks->tables->meta->seed, &address);

	if (prefix->length <= source.length || !prefix_contains(&source.shown, prefix))
		return (struct unit){};
	return blocks_unit(blocks, &source.shown);
}

/* Where `info` is below 0: nothing is wanted, or an allowed prefix is around it. */
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

/* The site around a part of it asks for its parts first, or no more; that it is blocked stays as it is. */
static int settle_around(struct blocks *blocks, const struct prefix *part)
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

int blocks_settle_wanted(struct blocks *blocks, const struct prefix *prefix, const struct wanted *wanted,
			 struct error *error)
{
	struct unit unit = blocks_unit(blocks, prefix);
	int info = -1, err;

	if (wanted->any && !is_shadowed(blocks, prefix)) {
		info = info_of(blocks, wanted, error);
		if (info < 0)
			return info;
	}
	err = place(blocks, &unit, info);
	if (!err && !unit.is_site)
		err = settle_around(blocks, prefix);
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

/* Open where it cannot be as it is wanted: a source must not stay blocked for ever by what has ended. */
int blocks_settle(struct blocks *blocks, const struct prefix *prefix)
{
	char text[PREFIX_TEXT_MAX];
	struct error error;
	int err = blocks_bring(blocks, prefix, &error);

	if (err) {
		struct unit unit = blocks_unit(blocks, prefix);

		log_error("%s: the block is not in force: %s", prefix_format(prefix, text), error.text);
		place(blocks, &unit, -1);
	}
	return err;
}

/* --- one --- */

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

static bool same_text(const char *a, const char *b)
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
			       block->until_ms == own->until_ms && same_text(block->reason, own->reason) &&
			       same_text(block->ticket, own->ticket);
	return true;
}

/* Ends what store_begin() began: a change and its row of the log, both or neither. */
static int store_end(struct blocks *blocks, int err, struct error *error)
{
	if (!err)
		return store_commit(blocks->store, error);
	store_rollback(blocks->store);
	return err;
}

static int store_put(struct blocks *blocks, const struct store_block *block, struct error *error)
{
	int err = store_begin(blocks->store, error);

	if (err)
		return err;
	err = store_block_put(blocks->store, block, error);
	if (!err)
		err = store_log_block(blocks->store, store_kind_names[block->kind], block, error);
	return store_end(blocks, err, error);
}

/* said NULL: all of the origin. */
static int store_remove(struct blocks *blocks, const struct prefix *prefix, const char *origin,
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
	return store_end(blocks, err, error);
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
	err = reserve(blocks, block, error);
	/* The table first, as the attack is running; acknowledged is what is in the store as well. */
	blocks_want(&others.wanted, block);
	if (!err) {
		err = blocks_settle_wanted(blocks, &block->prefix, &others.wanted, error);
		if (err == -ENOSPC)
			full(blocks, &block->prefix, error);
	}
	if (!err && !others.same)
		err = store_put(blocks, block, error);
	err = store_end(blocks, err, error);
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
	int err = store_remove(blocks, prefix, origin, said, error);

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

/* --- many --- */

#define PREFETCH_AHEAD	  8
#define LOGGED_SINGLY_MAX 10000

static void prefetch(const struct blocks *blocks, const struct blocks_change *change)
{
	struct unit unit = blocks_unit(blocks, &change->block.prefix);

	if (unit.is_site)
		sites_prefetch(blocks->sites, unit.site);
}

static uint32_t reserve_of(uint32_t entries)
{
	uint32_t share = entries / BLOCKS_RESERVE_SHARE;

	return share < BLOCKS_RESERVE_MAX ? share : BLOCKS_RESERVE_MAX;
}

/* Would a list take what is kept for a person? What is in a table already, or comes into none,
 * takes nothing. */
static bool is_reserved(const struct blocks *blocks, const struct prefix *prefix)
{
	const struct s64_meta *meta = blocks->tables->meta;
	const struct prefixes *prefixes = blocks->prefixes;
	bool sites_low = sites_count(blocks->sites) + reserve_of(meta->blocks) >= meta->blocks;
	bool prefixes_low = prefixes->buckets.keys + reserve_of(meta->prefixes) >= meta->prefixes;
	struct unit unit;

	if (!sites_low && !prefixes_low)
		return false;
	unit = blocks_unit(blocks, prefix);
	if (is_shadowed(blocks, prefix))
		return false;
	return unit.is_site ? sites_low && sites_info(blocks->sites, unit.site) < 0
			    : prefixes_low && prefixes_info(prefixes, prefix) < 0;
}

/* put[0..count) are of one prefix, and come into force as one; but for throttles that find no number. */
static int apply_group(struct blocks *blocks, struct blocks_change *put, size_t count,
		       struct error *error)
{
	struct wanted wanted = put->others;
	int err;

	for (size_t i = 0; i < count; i++) {
		err = reserve(blocks, &put[i].block, error);
		if (err && err != -EDQUOT && err != -ERANGE)
			return err;
		put[i].refused = err;
		if (!err)
			blocks_want(&wanted, &put[i].block);
	}
	err = is_reserved(blocks, &put->block.prefix)
		      ? -ENOSPC
		      : blocks_settle_wanted(blocks, &put->block.prefix, &wanted, error);
	if (err != -ENOSPC)
		return err;
	blocks->refused_full += count;
	for (size_t i = 0; i < count; i++)
		put[i].refused = err;
	return 0;
}

static int apply_puts(struct blocks *blocks, struct blocks_change *put, size_t puts,
		      struct error *error)
{
	size_t count;
	int err = 0;

	for (size_t at = 0; at < puts && !err; at += count) {
		if (at + PREFETCH_AHEAD < puts)
			prefetch(blocks, &put[at + PREFETCH_AHEAD]);
		for (count = 1; at + count < puts; count++)
			if (prefix_compare(&put[at].block.prefix, &put[at + count].block.prefix))
				break;
		err = apply_group(blocks, &put[at], count, error);
	}
	return err;
}

/* A list of many is logged as one, and, where it is not too long, entry by entry. */
static int log_list(struct blocks *blocks, size_t puts, size_t removes, const char *origin,
		    struct error *error)
{
	struct store_change change = {.action = "import", .origin = origin};
	char detail[96];

	if (!puts && !removes)
		return 0;
	snprintf(detail, sizeof(detail), "%zu put, %zu removed%s", puts, removes,
		 puts + removes > LOGGED_SINGLY_MAX ? "; too many to log each" : "");
	change.detail = detail;
	return store_log_add(blocks->store, &change, error);
}

struct puts {
	const struct blocks_change *put;
	size_t count, at;
};

static const struct store_block *next_put(void *data)
{
	struct puts *puts = data;

	while (puts->at < puts->count && puts->put[puts->at].refused)
		puts->at++;
	return puts->at < puts->count ? &puts->put[puts->at++].block : NULL;
}

static int store_puts(struct blocks *blocks, const struct blocks_change *put, size_t count, bool singly,
		      struct error *error)
{
	struct puts puts = {put, count, 0};
	const struct store_block *block;
	int err = 0;

	if (!singly)
		return store_blocks_put(blocks->store, next_put, &puts, error);
	while (!err && (block = next_put(&puts)))
		err = store_put(blocks, block, error);
	return err;
}

static int store_changes(struct blocks *blocks, const struct blocks_change *put, size_t puts,
			 const struct blocks_key *remove, size_t removes, const char *origin,
			 struct error *error)
{
	bool singly = puts + removes <= LOGGED_SINGLY_MAX;
	int err = store_begin(blocks->store, error);

	if (err)
		return err;
	err = log_list(blocks, puts, removes, origin, error);
	for (size_t i = 0; i < removes && !err; i++) {
		const struct blocks_key *key = &remove[i];

		err = singly ? store_remove(blocks, &key->prefix, origin, &key->said, error)
			     : store_block_remove_said(blocks->store, &key->prefix, origin,
						       &key->said, error);
		if (err == -ENOENT && !singly)
			err = 0;
	}
	if (!err)
		err = store_puts(blocks, put, puts, singly, error);
	return store_end(blocks, err, error);
}

int blocks_apply(struct blocks *blocks, struct blocks_change *put, size_t puts,
		 const struct blocks_key *remove, size_t removes, const char *origin,
		 struct error *error)
{
	int err = store_begin(blocks->store, error);

	if (err)
		return err;
	err = apply_puts(blocks, put, puts, error);
	if (!err)
		err = store_changes(blocks, put, puts, remove, removes, origin, error);
	err = store_end(blocks, err, error);
	if (err) {
		/* back to what the store still says */
		for (size_t i = 0; i < puts; i++)
			blocks_settle(blocks, &put[i].block.prefix);
		throttles_reload(&blocks->throttles);
		return err;
	}
	for (size_t i = 0; i < removes; i++)
		blocks_settle(blocks, &remove[i].prefix);
	/* what is refused stays what it was, if it was */
	for (size_t i = 0; i < puts; i++)
		if (put[i].refused && put[i].refused != -ENOSPC)
			blocks_settle(blocks, &put[i].block.prefix);
	throttles_release(&blocks->throttles);
	return 0;
}

/* --- allowed prefixes --- */

static bool settle_row(const struct store_block *block, void *data)
{
	blocks_settle(data, &block->prefix);
	return true;
}

/* Does it touch the form of a translator or a tunnel? */
static bool touches_form(const struct blocks *blocks, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < blocks->rules.count; i++) {
		const struct s64_site_rule *rule = &blocks->rules.rule[i];
		struct prefix form = site_rule_prefix(rule);

		if (rule->kind != S64_SITE_NAT64 && rule->kind != S64_SITE_TEREDO &&
		    rule->kind != S64_SITE_6TO4)
			continue;
		if (prefix_contains(prefix, &form) || prefix_contains(&form, prefix))
			return true;
	}
	return false;
}

struct bring {
	struct blocks *blocks;
	struct error *error;
	int err; /* the first */
};

static bool bring_row(const struct store_block *block, void *data)
{
	struct bring *bring = data;

	bring->err = blocks_bring(bring->blocks, &block->prefix, bring->error);
	return !bring->err;
}

int blocks_bring_near(struct blocks *blocks, const struct prefix *allowed, struct error *error)
{
	const struct prefix all_v4 = prefix_of_v4(0, 0);
	struct bring bring = {blocks, error, 0};
	int err = settle_around(blocks, allowed);

	if (err)
		return error_set(error, err, "%s", strerror(-err));
	err = store_blocks_within(blocks->store, allowed, bring_row, &bring, error);
	if (!err && !bring.err && touches_form(blocks, allowed))
		err = store_blocks_within(blocks->store, &all_v4, bring_row, &bring, error);
	return err ? err : bring.err;
}

/* Blocks within an allowed prefix, or around it, stand in the tables otherwise than before. */
static int settle_near(struct blocks *blocks, const struct prefix *allowed, struct error *error)
{
	int err = settle_around(blocks, allowed);

	if (!err)
		err = store_blocks_within(blocks->store, allowed, settle_row, blocks, error);
	return err;
}

static int settle_v4(struct blocks *blocks, struct error *error)
{
	struct prefix all = prefix_of_v4(0, 0);

	return store_blocks_within(blocks->store, &all, settle_row, blocks, error);
}

void blocks_count_forms(struct blocks *blocks)
{
	const struct prefix *allowed = NULL;

	blocks->allowed_forms = 0;
	while ((allowed = prefix_set_next(blocks_allowed(blocks), allowed)))
		blocks->allowed_forms += touches_form(blocks, allowed);
}

static bool allow_is_same(const struct store_block *row, void *data)
{
	struct others *others = data;

	if (!strcmp(row->origin, others->own->origin))
		others->same = row->start_ms == others->own->start_ms &&
			       same_text(row->reason, others->own->reason);
	return true;
}

static int store_allow(struct blocks *blocks, const struct store_block *allow, struct error *error)
{
	struct others others = {.own = allow};
	int err = store_allow_at(blocks->store, &allow->prefix, allow_is_same, &others, error);

	if (err || others.same)
		return err;
	err = store_begin(blocks->store, error);
	if (err)
		return err;
	err = store_allow_put(blocks->store, allow, error);
	if (!err)
		err = store_log_block(blocks->store, "allow", allow, error);
	return store_end(blocks, err, error);
}

static int store_disallow(struct blocks *blocks, const struct prefix *prefix, const char *origin,
			  struct error *error)
{
	struct store_block gone = {.prefix = *prefix, .origin = origin};
	int err = store_begin(blocks->store, error);

	if (err)
		return err;
	err = store_allow_remove(blocks->store, prefix, origin, error);
	if (!err)
		err = store_log_block(blocks->store, "disallow", &gone, error);
	return store_end(blocks, err, error);
}

int blocks_allow(struct blocks *blocks, const struct store_block *allow, struct error *error)
{
	bool known = prefix_set_has(blocks_allowed(blocks), &allow->prefix);
	char text[PREFIX_TEXT_MAX];
	int err = prefixes_put(blocks->prefixes, &allow->prefix, S64_PREFIX_ALLOW);

	if (err)
		return error_set(error, err, "cannot allow %s: %s", prefix_format(&allow->prefix, text),
				 err == -ENOSPC ? "the table is full; raise state.prefixes or disallow some" :
						  strerror(-err));
	err = store_allow(blocks, allow, error);
	if (err) {
		if (!known) {
			prefixes_remove(blocks->prefixes, &allow->prefix);
			blocks_settle(blocks, &allow->prefix);
		}
		return err;
	}
	if (known)
		return 0;
	blocks->allowed_forms += touches_form(blocks, &allow->prefix);
	err = settle_near(blocks, &allow->prefix, error);
	return err || !touches_form(blocks, &allow->prefix) ? err : settle_v4(blocks, error);
}

static bool is_found(const struct store_block *allow, void *data)
{
	(void)allow;
	*(bool *)data = true;
	return false;
}

int blocks_disallow(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		    struct error *error)
{
	bool allowed_still = false;
	char text[PREFIX_TEXT_MAX];
	int err = store_disallow(blocks, prefix, origin, error);

	if (err == -ENOENT)
		return error_set(error, err, "%s is not an allowed prefix; 'slash64 allow' lists them",
				 prefix_format(prefix, text));
	if (!err)
		err = store_allow_at(blocks->store, prefix, is_found, &allowed_still, error);
	if (err || allowed_still)
		return err; /* another origin allows it still */
	prefixes_remove(blocks->prefixes, prefix);
	blocks->allowed_forms -= touches_form(blocks, prefix);
	err = settle_near(blocks, prefix, error);
	return err || !touches_form(blocks, prefix) ? err : settle_v4(blocks, error);
}

/* --- hits --- */

static const struct prefix *blocked_around(const struct blocks *blocks, const struct prefix *source)
{
	return prefix_set_around(&blocks->prefixes->blocked, source);
}

void blocks_hit(struct blocks *blocks, uint64_t site, uint64_t hi, uint64_t lo, bool by_prefix,
		uint32_t packets, uint32_t now)
{
	struct prefix source = prefix_of_bits(hi, lo, 128);
	struct prefix v4 = prefix_of_v4(s64_site_v4(site), 32);
	const struct prefix *found = NULL;

	if (!by_prefix) {
		sites_hit(blocks->sites, site, packets, now);
		return;
	}
	/* as the fast path searches (bpf/blocks.h) */
	if (s64_site_is_v4(site))
		found = blocked_around(blocks, &v4);
	if (!found)
		found = blocked_around(blocks, &source);
	if (found)
		prefixes_hit(blocks->prefixes, found, packets, now);
}

void blocks_hits(const struct blocks *blocks, const struct prefix *prefix, uint64_t *hits,
		 uint32_t *last_hit)
{
	struct unit unit = blocks_unit(blocks, prefix);

	if (unit.is_site)
		sites_hits(blocks->sites, unit.site, hits, last_hit);
	else
		prefixes_hits(blocks->prefixes, prefix, hits, last_hit);
}
