// SPDX-License-Identifier: GPL-2.0-only
#include "plan_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/loop/memory_pieces.h"
#include "base/array.h"

#define ENTRIES_A_BREATH 64
/* as a share of the rows: looking one up takes that much longer than passing it */
#define LOOKUP_SHARE 8

struct import_group import_group_at(const struct import_entries *entries, size_t at,
				    struct changes *changes)
{
	struct import_group group = {&entries->entry[at], 1};

	while (at + group.count < entries->count &&
	       (entries->entry[at + group.count].origin == group.entry->origin ||
		!strcmp(entries->entry[at + group.count].origin, group.entry->origin))) {
		group.count++;
		if (group.count % ENTRIES_A_BREATH == 0)
			changes_breathe(changes);
	}
	return group;
}

/* Both sides are sorted, and traversed once. */
struct merge {
	struct blocks *blocks;
	struct import_plan *plan;
	struct import_origin_plan *to;
	struct import_group group;
	size_t at;	  /* the entry whose rows are being read */
	bool known, same; /* it has a row, and they are equal */
	int64_t start_ms; /* of that row */
	/* the prefix whose rows and entries are being read, its first put, and its remaining rows
	 */
	struct prefix prefix;
	size_t first_put;
	struct effective_action others;
	bool out_of_memory;
};

/* The remaining rows of a prefix are known when all of its rows have been read. */
static void finish_prefix(struct merge *merge)
{
	for (size_t i = merge->first_put; i < merge->to->puts; i++) {
		merge->to->put[i].others = merge->others;
		changes_breathe(merge->blocks->changes);
	}
	merge->first_put = merge->to->puts;
	merge->others = (struct effective_action){};
}

static void go_to_prefix(struct merge *merge, const struct prefix *prefix)
{
	if (!prefix_compare(&merge->prefix, prefix))
		return;
	finish_prefix(merge);
	merge->prefix = *prefix;
}

static bool texts_equal(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool says_the_same(const struct import_entry *entry, const struct store_block *row)
{
	return (entry->kind == FEED_THROTTLE) == (row->kind == STORE_THROTTLE) &&
	       entry->rate == row->rate && entry->burst == row->burst &&
	       entry->until_ms == row->until_ms && texts_equal(entry->reason, row->reason) &&
	       texts_equal(entry->ticket, row->ticket);
}

static void add_put(struct merge *merge, struct import_entry *entry)
{
	struct import_origin_plan *to = merge->to;
	size_t put_room = to->puts_room, from_room = to->puts_room;

	/* both have the same room */
	if (array_reserve(&to->put, &put_room, to->puts + 1, sizeof(*to->put)) ||
	    array_reserve(&to->from, &from_room, to->puts + 1, sizeof(*to->from))) {
		merge->out_of_memory = true;
		return;
	}
	to->puts_room = from_room;
	to->from[to->puts] = entry;
	to->put[to->puts++] = (struct blocks_change){
		.block = {.prefix = entry->prefix,
			  .said = entry->said,
			  .origin = to->origin,
			  .reason = entry->reason,
			  .ticket = entry->ticket,
			  .start_ms = merge->known ? merge->start_ms : entry->start_ms,
			  .until_ms = entry->until_ms,
			  .kind = entry->kind == FEED_THROTTLE ? STORE_THROTTLE : STORE_BLOCK,
			  .rate = entry->rate,
			  .burst = entry->burst},
	};
}

static void add_remove(struct merge *merge, const struct prefix *prefix, const struct prefix *said)
{
	struct import_origin_plan *to = merge->to;

	if (array_reserve(&to->remove, &to->removes_room, to->removes + 1, sizeof(*to->remove))) {
		merge->out_of_memory = true;
		return;
	}
	to->remove[to->removes++] = (struct blocks_key){*prefix, *said};
	merge->plan->removed++;
}

/* All rows of the entry have been read. */
static void finish_entry(struct merge *merge)
{
	struct import_entry *entry = &merge->group.entry[merge->at++];

	go_to_prefix(merge, &entry->prefix);
	if (entry->kind == FEED_REMOVE) {
		if (merge->known)
			add_remove(merge, &entry->prefix, &entry->said);
	} else if (!import_entry_is_block(entry)) {
		/* one refused now stays as it was, if it was there */
		merge->plan->unchanged += merge->known;
	} else if (merge->known && merge->same) {
		merge->plan->unchanged++;
	} else {
		entry->is_known = merge->known;
		if (merge->known)
			merge->plan->changed++;
		else
			merge->plan->added++;
		add_put(merge, entry);
	}
	merge->known = merge->same = false;
}

/* Rows of other origins come before and after the origin's own, whatever their prefix. */
static int compare_to_row(const struct import_entry *entry, const struct store_block *row, bool own)
{
	int order = prefix_compare(&entry->prefix, &row->prefix);

	return order || !own ? order : prefix_compare(&entry->said, &row->said);
}

static void merge_own_row(struct merge *merge, const struct store_block *row)
{
	const struct import_entry *entry = &merge->group.entry[merge->at];

	if (merge->at < merge->group.count && !compare_to_row(entry, row, true)) {
		merge->known = true;
		merge->same = says_the_same(entry, row);
		merge->start_ms = row->start_ms;
		/* it stays, or is put again, unless it is removed */
		if (entry->kind != FEED_REMOVE && (merge->same || !import_entry_is_block(entry)))
			effective_add(&merge->others, row);
	} else if (merge->plan->replace) {
		add_remove(merge, &row->prefix, &row->said);
	} else {
		effective_add(&merge->others, row);
	}
}

static bool merge_row(const struct store_block *row, void *data)
{
	struct merge *merge = data;
	bool own = !strcmp(row->origin, merge->to->origin);

	/* those of one prefix wait for the origin's own rows: a row of another origin is before or
	 * after them
	 */
	while (merge->at < merge->group.count && !merge->out_of_memory &&
	       compare_to_row(&merge->group.entry[merge->at], row, own) < 0) {
		finish_entry(merge);
		changes_breathe(merge->blocks->changes);
	}
	go_to_prefix(merge, &row->prefix);
	if (own)
		merge_own_row(merge, row);
	else
		effective_add(&merge->others, row);
	return !merge->out_of_memory;
}

static bool merge_next_row(const struct store_block *row, void *data)
{
	struct merge *merge = data;
	bool more = merge_row(row, merge);

	changes_breathe(merge->blocks->changes);
	return more;
}

/* Traverses all rows of the store, unless looking up the rows of each entry is cheaper: a backup
 * with many origins would read the store once for each of them. Only the former finds what a set no
 * longer contains.
 */
static bool is_small(const struct blocks *blocks, const struct import_group *group,
		     const struct import_plan *plan)
{
	return !plan->replace && group->count < blocks_count(blocks) / LOOKUP_SHARE;
}

static int merge_single(struct merge *merge, struct error *error)
{
	const struct import_group *group = &merge->group;
	int err = 0;

	for (size_t i = 0; i < group->count && !err && !merge->out_of_memory; i++) {
		const struct prefix prefix = group->entry[i].prefix;

		if (!i || prefix_compare(&group->entry[i - 1].prefix, &prefix))
			err = store_block_at(merge->blocks->store, &prefix, merge_next_row, merge,
					     error);
		changes_breathe(merge->blocks->changes);
	}
	return err;
}

int import_plan_group(struct blocks *blocks, const struct import_group *group, const char *origin,
		      struct import_plan *plan, struct error *error)
{
	struct import_origin_plan *to =
		array_add(&plan->origin, &plan->origins, sizeof(*plan->origin));
	struct merge merge = {.blocks = blocks, .plan = plan, .group = *group};
	int err;

	if (!to)
		return error_set(error, -ENOMEM, "out of memory for the difference");
	*to = (struct import_origin_plan){.origin = origin};
	merge.to = to;
	err = is_small(blocks, group, plan) ?
		      merge_single(&merge, error) :
		      store_blocks(blocks->store, merge_next_row, &merge, error);
	while (merge.at < group->count && !merge.out_of_memory) {
		finish_entry(&merge);
		changes_breathe(blocks->changes);
	}
	finish_prefix(&merge);
	if (!err && merge.out_of_memory)
		err = error_set(error, -ENOMEM, "out of memory for the difference");
	return err;
}

int import_plan(struct blocks *blocks, struct import_entries *entries, const char *origin,
		struct import_plan *plan, struct error *error)
{
	struct import_group all = {entries->entry, entries->count};

	return import_plan_group(blocks, &all, origin, plan, error);
}

void import_plan_free(struct import_plan *plan, struct changes *changes)
{
	for (size_t i = 0; i < plan->origins; i++) {
		struct import_origin_plan *origin = &plan->origin[i];

		memory_pieces_free(origin->put, origin->puts_room * sizeof(*origin->put), changes);
		memory_pieces_free(origin->from, origin->puts_room * sizeof(*origin->from),
				   changes);
		memory_pieces_free(origin->remove, origin->removes_room * sizeof(*origin->remove),
				   changes);
	}
	free(plan->origin);
}
