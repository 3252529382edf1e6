// SPDX-License-Identifier: GPL-2.0-only
/* Allowed prefixes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks_internal.h"
#include "log.h"
#include "store_log.h"

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
	int err = blocks_settle_around(blocks, allowed);

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
	int err = blocks_settle_around(blocks, allowed);

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

struct allow_search {
	const struct store_block *own;
	bool same; /* the store says just that already */
};

static bool allow_is_same(const struct store_block *row, void *data)
{
	struct allow_search *search = data;

	if (!strcmp(row->origin, search->own->origin))
		search->same = row->start_ms == search->own->start_ms &&
			       blocks_same_text(row->reason, search->own->reason);
	return true;
}

static int store_allow(struct blocks *blocks, const struct store_block *allow, struct error *error)
{
	struct allow_search search = {.own = allow};
	int err = store_allow_at(blocks->store, &allow->prefix, allow_is_same, &search, error);

	if (err || search.same)
		return err;
	err = store_begin(blocks->store, error);
	if (err)
		return err;
	err = store_allow_put(blocks->store, allow, error);
	if (!err)
		err = store_log_block(blocks->store, "allow", allow, error);
	return blocks_store_end(blocks, err, error);
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
	return blocks_store_end(blocks, err, error);
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
