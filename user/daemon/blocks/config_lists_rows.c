// SPDX-License-Identifier: GPL-2.0-only
/* The rows of the configuration's lists in the store: those before, and the changes to them. */
#include "config_lists_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/time.h"
#include "daemon/store/log/audit_log.h"

static bool gather(const struct store_block *row, void *data)
{
	struct lists_rows *rows = data;
	struct lists_row *entry;

	changes_breathe(rows->changes);
	if (strcmp(row->origin, STORE_ORIGIN_CONFIG))
		return true;
	entry = array_add(&rows->entry, &rows->count, sizeof(*entry));
	if (!entry) {
		rows->out_of_memory = true;
		return false;
	}
	*entry = (struct lists_row){row->prefix, row->start_ms, ""};
	snprintf(entry->reason, sizeof(entry->reason), "%s", row->reason ? row->reason : "");
	return true;
}

_Static_assert(offsetof(struct lists_row, prefix) == 0, "a row is compared by its prefix");

const struct lists_row *lists_row_find(const struct lists_rows *rows, const struct prefix *prefix)
{
	return rows->count ? bsearch(prefix, rows->entry, rows->count, sizeof(*rows->entry),
				     prefix_order) :
			     NULL;
}

static int order_in_pieces(const void *a, const void *b, void *changes)
{
	changes_breathe(changes);
	return prefix_order(a, b);
}

static void sort(struct lists_rows *rows)
{
	if (rows->count)
		qsort_r(rows->entry, rows->count, sizeof(*rows->entry), order_in_pieces,
			rows->changes);
}

static bool gather_hands(const struct store_block *row, void *data)
{
	struct lists *lists = data;

	changes_breathe(lists->blocks->changes);
	if (strcmp(row->origin, STORE_ORIGIN_CONFIG) &&
	    prefix_set_add(&lists->hands_allowlist, &row->prefix))
		lists->allowed.out_of_memory = true;
	return !lists->allowed.out_of_memory;
}

int lists_gather(struct lists *lists, struct error *error)
{
	struct store *store = lists->blocks->store;
	int err = store_allowlist(store, gather, &lists->allowed, error);

	if (!err)
		err = store_allowlist(store, gather_hands, lists, error);

	if (!err)
		err = store_blocks_of_config(store, gather, &lists->blocked, error);
	if (err)
		return err;
	if (lists->allowed.out_of_memory || lists->blocked.out_of_memory)
		return lists_out_of_memory(error);
	sort(&lists->allowed);
	sort(&lists->blocked);
	return 0;
}

/* Of duplicates the last entry counts, however often it is read. true: another one follows, and is
 * used.
 */
static int find_twins(struct changes *changes, const struct config_prefixes *list,
		      const bool *refused, bool **out, struct error *error)
{
	struct prefix_set behind = {};
	int err = 0;

	*out = calloc(list->count + 1, sizeof(**out));
	if (!*out)
		return lists_out_of_memory(error);
	for (size_t i = list->count; i-- > 0 && !err;) {
		const struct prefix *prefix = &list->entry[i].prefix;

		if (refused && refused[i])
			continue;
		(*out)[i] = prefix_set_has(&behind, prefix);
		err = (*out)[i] ? 0 : prefix_set_add(&behind, prefix);
		changes_breathe(changes);
	}
	prefix_set_free(&behind);
	return err ? lists_out_of_memory(error) : 0;
}

static struct store_block row_of(const struct config_prefix *entry, const struct lists_row *before)
{
	return (struct store_block){
		.prefix = entry->prefix,
		.origin = STORE_ORIGIN_CONFIG,
		.reason = entry->reason[0] ? entry->reason : NULL,
		.start_ms = before ? before->start_ms : clock_wall_ms(),
	};
}

static int write_allowlist(struct lists *lists, const struct actor *actor, struct error *error)
{
	struct changes *changes = lists->blocks->changes;
	struct store *store = lists->blocks->store;
	bool *twin;
	int err = find_twins(changes, &lists->config->allow, NULL, &twin, error);

	for (size_t i = 0; i < lists->config->allow.count && !err; i++) {
		const struct config_prefix *entry = &lists->config->allow.entry[i];
		const struct lists_row *before = lists_row_find(&lists->allowed, &entry->prefix);
		struct store_block row = row_of(entry, before);

		changes_breathe(changes);
		if (twin[i] || (before && !strcmp(before->reason, entry->reason)))
			continue;
		err = store_allow_put(store, &row, error);
		if (!err)
			err = store_log_block(store, actor, "allow", &row, error);
	}
	free(twin);
	for (size_t i = 0; i < lists->allowed.count && !err; i++) {
		struct store_block gone = {.prefix = lists->allowed.entry[i].prefix,
					   .origin = STORE_ORIGIN_CONFIG};

		changes_breathe(changes);
		if (prefix_set_has(&lists->files_allowlist, &gone.prefix))
			continue;
		err = store_allow_remove(store, &gone.prefix, STORE_ORIGIN_CONFIG, error);
		if (!err)
			err = store_log_block(store, actor, "disallow", &gone, error);
	}
	return err;
}

static int write_blocks(struct lists *lists, const struct actor *actor, struct error *error)
{
	struct changes *changes = lists->blocks->changes;
	struct store *store = lists->blocks->store;
	bool *twin;
	int err = find_twins(changes, &lists->config->block, lists->refused, &twin, error);

	for (size_t i = 0; i < lists->config->block.count && !err; i++) {
		const struct config_prefix *entry = &lists->config->block.entry[i];
		const struct lists_row *before = lists_row_find(&lists->blocked, &entry->prefix);
		struct store_block row = row_of(entry, before);

		changes_breathe(changes);
		if (lists->refused[i] || twin[i] ||
		    (before && !strcmp(before->reason, entry->reason)))
			continue;
		err = store_block_put(store, &row, error);
		if (!err)
			err = store_log_block(store, actor, store_kind_names[STORE_BLOCK], &row,
					      error);
		if (!err)
			err = unnamed_name(lists->blocks, &row.prefix, error);
	}
	free(twin);
	for (size_t i = 0; i < lists->blocked.count && !err; i++) {
		struct store_block gone = {.prefix = lists->blocked.entry[i].prefix,
					   .origin = STORE_ORIGIN_CONFIG};

		changes_breathe(changes);
		if (prefix_set_has(&lists->files_blocks, &gone.prefix))
			continue;
		err = store_block_remove(store, &gone.prefix, STORE_ORIGIN_CONFIG, error);
		if (!err)
			err = store_log_block(store, actor, "unblock", &gone, error);
	}
	return err;
}

/* Whoever asked for the reload changed what the file says. */
int lists_write(struct lists *lists, const struct actor *actor, struct error *error)
{
	const struct actor config = actor_from(actor, "config ", lists->config->file);
	int err = write_allowlist(lists, &config, error);

	return err ? err : write_blocks(lists, &config, error);
}
