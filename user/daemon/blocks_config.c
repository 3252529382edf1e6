// SPDX-License-Identifier: GPL-2.0-only
#include "blocks_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "store_log.h"

/* Rows of the origin "config" as the store has them. */
struct rows {
	struct row {
		struct prefix prefix;
		int64_t start_ms;
	} *entry;
	size_t count;
	bool out_of_memory;
};

static bool gather(const struct store_block *row, void *data)
{
	struct rows *rows = data;

	if (strcmp(row->origin, STORE_ORIGIN_CONFIG))
		return true;
	if ((rows->count & (rows->count - 1)) == 0) {
		size_t room = rows->count ? rows->count * 2 : 1;
		struct row *grown = realloc(rows->entry, room * sizeof(*grown));

		if (!grown) {
			rows->out_of_memory = true;
			return false;
		}
		rows->entry = grown;
	}
	rows->entry[rows->count++] = (struct row){row->prefix, row->start_ms};
	return true;
}

/* The start of a row that is there already; else now. */
static int64_t start_of(const struct rows *rows, const struct prefix *prefix)
{
	for (size_t i = 0; i < rows->count; i++)
		if (!prefix_compare(&rows->entry[i].prefix, prefix))
			return rows->entry[i].start_ms;
	return clock_wall_ms();
}

static bool list_has(const struct config_prefixes *list, const struct prefix *prefix)
{
	for (size_t i = 0; i < list->count; i++)
		if (!prefix_compare(&list->entry[i].prefix, prefix))
			return true;
	return false;
}

static struct store_block row_of(const struct rows *rows, const struct config_prefix *entry)
{
	return (struct store_block){
		.prefix = entry->prefix,
		.origin = STORE_ORIGIN_CONFIG,
		.reason = entry->reason[0] ? entry->reason : NULL,
		.start_ms = start_of(rows, &entry->prefix),
	};
}

static int out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory for the lists of the configuration");
}

static int configure_allows(struct blocks *blocks, const struct config *config, struct error *error)
{
	struct rows rows = {};
	int err = store_allows(blocks->store, gather, &rows, error);

	if (!err && rows.out_of_memory)
		err = out_of_memory(error);
	for (size_t i = 0; i < config->allow.count && !err; i++) {
		struct store_block row = row_of(&rows, &config->allow.entry[i]);

		err = blocks_allow(blocks, &row, error);
	}
	for (size_t i = 0; i < rows.count && !err; i++)
		if (!list_has(&config->allow, &rows.entry[i].prefix))
			err = blocks_disallow(blocks, &rows.entry[i].prefix, STORE_ORIGIN_CONFIG, error);
	free(rows.entry);
	return err;
}

static int configure_blocks(struct blocks *blocks, const struct config *config, const bool *refused,
			    struct error *error)
{
	struct rows rows = {};
	int err = store_blocks_of(blocks->store, STORE_ORIGIN_CONFIG, gather, &rows, error);

	if (!err && rows.out_of_memory)
		err = out_of_memory(error);
	for (size_t i = 0; i < config->block.count && !err; i++) {
		struct store_block row = row_of(&rows, &config->block.entry[i]);

		if (!refused[i])
			err = blocks_put(blocks, &row, error);
	}
	for (size_t i = 0; i < rows.count && !err; i++)
		if (!list_has(&config->block, &rows.entry[i].prefix))
			err = blocks_remove(blocks, &rows.entry[i].prefix, STORE_ORIGIN_CONFIG, error);
	free(rows.entry);
	return err;
}

/* A list that contradicts itself, before any of it is done. */
static int check_lists(const struct config *config, struct error *error)
{
	char text[PREFIX_TEXT_MAX], around[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < config->block.count; i++) {
		const struct config_prefix *block = &config->block.entry[i];

		for (size_t j = 0; j < config->allow.count && !block->force; j++)
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

/* One that was in force before stays: what stands around the router may have come later. */
static int check_rails(struct blocks *blocks, struct guards *guards, const struct config *config,
		       bool strict, bool *refused, struct error *error)
{
	for (size_t i = 0; i < config->block.count; i++) {
		const struct config_prefix *entry = &config->block.entry[i];
		struct error why;
		enum guard guard = guards_check(guards, &entry->prefix, NULL, 0, &why);

		if (guard == GUARD_NONE || (entry->force && guard != GUARD_EVERYTHING))
			continue;
		refused[i] = true;
		error_set(error, -EPERM, "%s:%u: %s, and force: true here", config->file, entry->line,
			  why.text);
		if (strict)
			return -EPERM;
		log_error("%s", error->text);
	}
	return 0;
}

int blocks_configure(struct blocks *blocks, struct guards *guards, const struct config *config,
		     bool strict, struct error *error)
{
	bool *refused = calloc(config->block.count + 1, sizeof(*refused));
	int err = refused ? check_lists(config, error) : out_of_memory(error);
	struct store_actor before, actor;

	/* who asked for a reload has changed what the file says */
	store_get_actor(blocks->store, &before);
	actor = before;
	snprintf(actor.source, sizeof(actor.source), "config %.180s", config->file);
	store_set_actor(blocks->store, &actor);

	if (!err)
		err = check_rails(blocks, guards, config, strict, refused, error);
	if (!err)
		err = blocks_set_rules(blocks, &config->rules, error);
	if (!err)
		err = configure_allows(blocks, config, error);
	if (!err)
		err = configure_blocks(blocks, config, refused, error);
	store_set_actor(blocks->store, &before);
	free(refused);
	return err;
}
