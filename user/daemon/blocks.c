// SPDX-License-Identifier: GPL-2.0-only
#include "blocks.h"

#include <errno.h>
#include <slash64/site.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"

#define SITE_LENGTH 64

int64_t clock_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Only a /64 of its own is a site by its prefix. */
static int site_of(const struct prefix *prefix, uint64_t *site, struct error *error)
{
	char text[PREFIX_TEXT_MAX];
	uint64_t hi = prefix_hi(prefix);

	if (prefix->length != SITE_LENGTH)
		return error_set(error, -EINVAL, "%s cannot be blocked: only a /64 can",
				 prefix_format(prefix, text));
	if (s64_is_link_local(hi) || s64_is_multicast(hi) || !hi)
		return error_set(error, -EINVAL, "%s cannot be blocked: no single source is behind it",
				 prefix_format(prefix, text));
	/* The whole IPv4 Internet is in the one (RFC 6052 2.1), all clients of a server in the other (RFC
	 * 4380 4).
	 */
	if (hi == 0x0064ff9b00000000ULL || hi >> 32 == 0x20010000)
		return error_set(error, -EINVAL,
				 "%s cannot be blocked: it is %s, with many sources behind it",
				 prefix_format(prefix, text),
				 hi >> 48 == 0x64 ? "the prefix of translators (NAT64)" :
						    "a Teredo server's");
	*site = hi;
	return 0;
}

/* Bring the table to what store and allowed prefixes say of a /64. */
static int site_update(struct blocks *blocks, const struct prefix *prefix, bool blocked)
{
	uint64_t site = prefix_hi(prefix);

	if (!blocked || allows_around(&blocks->allows, prefix)) {
		sites_remove(blocks->sites, site);
		return 0;
	}
	return sites_put(blocks->sites, site,
			 allows_within(&blocks->allows, prefix) ? S64_BLOCK_HAS_HOLE : 0);
}

int blocks_put(struct blocks *blocks, const struct store_block *block, struct error *error)
{
	char text[PREFIX_TEXT_MAX], around_text[PREFIX_TEXT_MAX];
	const struct prefix *around = allows_around(&blocks->allows, &block->prefix);
	bool was_blocked;
	uint64_t site;
	int err;

	err = site_of(&block->prefix, &site, error);
	if (err)
		return err;
	if (around)
		return error_set(error, -EEXIST,
				 "%s is not blocked: it is within the allowed prefix %s; 'slash64 disallow %s' first",
				 prefix_format(&block->prefix, text), prefix_format(around, around_text),
				 around_text);
	/* The table first, as the attack is running; acknowledged is what is in the store as well. */
	was_blocked = sites_has(blocks->sites, site);
	err = site_update(blocks, &block->prefix, true);
	if (err) {
		blocks->refused_full++;
		return error_set(error, err,
				 "%s is not blocked: the table is full (%u blocks); raise state.blocks or unblock some",
				 prefix_format(&block->prefix, text), blocks->sites->count);
	}
	err = store_block_put(blocks->store, block, error);
	if (err && !was_blocked)
		sites_remove(blocks->sites, site);
	return err;
}

int blocks_remove(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		  struct error *error)
{
	char text[PREFIX_TEXT_MAX];
	int err = store_block_remove(blocks->store, prefix, origin, error);

	if (err == -ENOENT)
		return error_set(error, err, "%s is not blocked; 'slash64 list' shows what is",
				 prefix_format(prefix, text));
	if (err)
		return err;
	return site_update(blocks, prefix, store_block_has(blocks->store, prefix));
}

/* --- allowed prefixes --- */

static bool update_one(const struct store_block *block, void *data)
{
	struct blocks *blocks = data;
	char text[PREFIX_TEXT_MAX];

	if (block->prefix.length == SITE_LENGTH && site_update(blocks, &block->prefix, true))
		log_error("%s: the table is full; the block is not in force",
			  prefix_format(&block->prefix, text));
	return true;
}

/* Blocks within an allowed prefix, or around it, stand in the table otherwise than before. */
static int update_around(struct blocks *blocks, const struct prefix *prefix, struct error *error)
{
	struct prefix around = *prefix;

	if (prefix->length > SITE_LENGTH)
		around = prefix_around(&prefix->address, SITE_LENGTH);
	return store_blocks_within(blocks->store, &around, update_one, blocks, error);
}

int blocks_allow(struct blocks *blocks, const struct store_block *allow, struct error *error)
{
	char text[PREFIX_TEXT_MAX];
	int err;

	if (tables_allow_set(blocks->tables, &allow->prefix))
		return error_set(error, -errno, "cannot allow %s: %s%s",
				 prefix_format(&allow->prefix, text), strerror(errno),
				 errno == ENOSPC ? "; disallow some" : "");
	err = store_allow_put(blocks->store, allow, error);
	if (err) {
		if (!allows_around(&blocks->allows, &allow->prefix))
			tables_allow_clear(blocks->tables, &allow->prefix);
		return err;
	}
	if (allows_add(&blocks->allows, &allow->prefix))
		return error_set(error, -ENOMEM, "out of memory");
	return update_around(blocks, &allow->prefix, error);
}

struct allow_search {
	const struct prefix *prefix;
	bool found;
};

static bool allow_search_one(const struct store_block *allow, void *data)
{
	struct allow_search *search = data;

	search->found = search->found || !prefix_compare(&allow->prefix, search->prefix);
	return !search->found;
}

int blocks_disallow(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		    struct error *error)
{
	struct allow_search search = {.prefix = prefix};
	char text[PREFIX_TEXT_MAX];
	int err = store_allow_remove(blocks->store, prefix, origin, error);

	if (err == -ENOENT)
		return error_set(error, err, "%s is not an allowed prefix; 'slash64 allow' lists them",
				 prefix_format(prefix, text));
	if (err)
		return err;
	err = store_allows(blocks->store, allow_search_one, &search, error);
	if (err || search.found)
		return err; /* another origin allows it still */
	allows_remove(&blocks->allows, prefix);
	err = update_around(blocks, prefix, error);
	/* Last, when no block asks there any more. */
	tables_allow_clear(blocks->tables, prefix);
	return err;
}

/* --- from the configuration --- */

struct stale {
	const struct config_prefixes *list;
	struct prefix *entry;
	size_t count;
	bool out_of_memory;
};

static bool list_has(const struct config_prefixes *list, const struct prefix *prefix)
{
	for (size_t i = 0; i < list->count; i++)
		if (!prefix_compare(&list->entry[i].prefix, prefix))
			return true;
	return false;
}

/* What the configuration does not have any more. */
static bool gather_stale(const struct store_block *row, void *data)
{
	struct stale *stale = data;

	if (strcmp(row->origin, STORE_ORIGIN_CONFIG) || list_has(stale->list, &row->prefix))
		return true;
	if ((stale->count & (stale->count - 1)) == 0) {
		size_t room = stale->count ? stale->count * 2 : 1;
		struct prefix *grown = realloc(stale->entry, room * sizeof(*grown));

		if (!grown) {
			stale->out_of_memory = true;
			return false;
		}
		stale->entry = grown;
	}
	stale->entry[stale->count++] = row->prefix;
	return true;
}

static struct store_block row_of(const struct config_prefix *entry)
{
	return (struct store_block){
		.prefix = entry->prefix,
		.origin = STORE_ORIGIN_CONFIG,
		.reason = entry->reason[0] ? entry->reason : NULL,
		.start_ms = clock_wall_ms(),
	};
}

/* Rows that are there already keep their start. */
struct start {
	const struct prefix *prefix;
	int64_t start_ms;
};

static bool find_start(const struct store_block *row, void *data)
{
	struct start *start = data;

	if (!prefix_compare(&row->prefix, start->prefix) && !strcmp(row->origin, STORE_ORIGIN_CONFIG))
		start->start_ms = row->start_ms;
	return true;
}

static int configure_allows(struct blocks *blocks, const struct config *config, struct error *error)
{
	struct stale stale = {.list = &config->allow};
	int err = store_allows(blocks->store, gather_stale, &stale, error);

	for (size_t i = 0; i < config->allow.count && !err; i++) {
		struct store_block row = row_of(&config->allow.entry[i]);
		struct start start = {&row.prefix, row.start_ms};

		err = store_allows(blocks->store, find_start, &start, error);
		row.start_ms = start.start_ms;
		if (!err)
			err = blocks_allow(blocks, &row, error);
	}
	for (size_t i = 0; i < stale.count && !err; i++)
		err = blocks_disallow(blocks, &stale.entry[i], STORE_ORIGIN_CONFIG, error);
	free(stale.entry);
	return err;
}

static int configure_blocks(struct blocks *blocks, const struct config *config, struct error *error)
{
	struct stale stale = {.list = &config->block};
	int err = store_blocks(blocks->store, NULL, UINT32_MAX, gather_stale, &stale, error);

	for (size_t i = 0; i < config->block.count && !err; i++) {
		struct store_block row = row_of(&config->block.entry[i]);
		struct start start = {&row.prefix, row.start_ms};

		err = store_blocks_within(blocks->store, &row.prefix, find_start, &start, error);
		row.start_ms = start.start_ms;
		if (!err)
			err = blocks_put(blocks, &row, error);
	}
	for (size_t i = 0; i < stale.count && !err; i++)
		err = blocks_remove(blocks, &stale.entry[i], STORE_ORIGIN_CONFIG, error);
	free(stale.entry);
	return err;
}

/* A list that contradicts itself, before any of it is done. */
static int check_lists(const struct config *config, struct error *error)
{
	char text[PREFIX_TEXT_MAX], around[PREFIX_TEXT_MAX];
	uint64_t site;

	for (size_t i = 0; i < config->block.count; i++) {
		const struct config_prefix *block = &config->block.entry[i];
		int err = site_of(&block->prefix, &site, error);

		if (err)
			return err;
		for (size_t j = 0; j < config->allow.count; j++)
			if (prefix_contains(&config->allow.entry[j].prefix, &block->prefix))
				return error_set(error, -EINVAL,
						 "%s:%u: the block %s is within the allowed prefix %s of line %u",
						 config->file, block->line,
						 prefix_format(&block->prefix, text),
						 prefix_format(&config->allow.entry[j].prefix, around),
						 config->allow.entry[j].line);
	}
	return 0;
}

int blocks_configure(struct blocks *blocks, const struct config *config, struct error *error)
{
	int err = check_lists(config, error);

	if (!err)
		err = configure_allows(blocks, config, error);
	if (!err)
		err = configure_blocks(blocks, config, error);
	return err;
}

/* --- time --- */

static bool expire_one(const struct store_block *block, void *data)
{
	struct blocks *blocks = data;
	char text[PREFIX_TEXT_MAX];

	site_update(blocks, &block->prefix, store_block_has(blocks->store, &block->prefix));
	log_info("the block of %s has ended", prefix_format(&block->prefix, text));
	return true;
}

void blocks_expire(struct blocks *blocks)
{
	int64_t next = store_blocks_next_end(blocks->store), now = clock_wall_ms();
	struct error error;

	if (!next || next > now)
		return;
	if (store_blocks_expire(blocks->store, now, expire_one, blocks, &error))
		log_error("blocks that have ended stay: %s", error.text);
}

/* --- start --- */

static bool load_allow(const struct store_block *allow, void *data)
{
	struct blocks *blocks = data;

	return !allows_add(&blocks->allows, &allow->prefix) &&
	       !tables_allow_set(blocks->tables, &allow->prefix);
}

/* Sites the store does not know: what was not acknowledged, or ended while nobody was here. */
static void drop_unknown(struct sites *sites, uint64_t site, void *data)
{
	struct blocks *blocks = data;
	struct prefix prefix = prefix_of_bits(site, 0, SITE_LENGTH);

	if (!store_block_has(blocks->store, &prefix))
		sites_remove(sites, site);
}

int blocks_init(struct blocks *blocks, struct store *store, struct sites *sites,
		const struct tables *tables, struct error *error)
{
	int err;

	memset(blocks, 0, sizeof(*blocks));
	blocks->store = store;
	blocks->sites = sites;
	blocks->tables = tables;
	err = store_allows(store, load_allow, blocks, error);
	blocks_expire(blocks);
	if (!err)
		err = store_blocks(store, NULL, UINT32_MAX, update_one, blocks, error);
	if (!err)
		sites_each(sites, drop_unknown, blocks);
	return err;
}

void blocks_free(struct blocks *blocks)
{
	allows_free(&blocks->allows);
}
