// SPDX-License-Identifier: GPL-2.0-only
#include "plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/loop/memory_pieces.h"
#include "base/array.h"

#define ENTRIES_A_BREATH 64
/* as a share of the rows: looking one up takes that much longer than passing it */
#define LOOKUP_SHARE 8

/* --- guard rails for a million entries: from the protected addresses to the entries around them ---
 */

static bool is_block(const struct import_entry *entry)
{
	return !entry->refused && (entry->kind == FEED_BLOCK || entry->kind == FEED_THROTTLE);
}

static void refuse(const struct import_guard_rails *guard_rails, struct import_entry *entry,
		   enum import_cause cause, const char *why)
{
	entry->refused = true;
	guard_rails->refused(entry, cause, why, guard_rails->data);
}

/* The entries of one origin: entry[0..count). */
struct group {
	struct import_entry *entry;
	size_t count;
};

static struct group group_at(const struct import_entries *entries, size_t at,
			     struct changes *changes)
{
	struct group group = {&entries->entry[at], 1};

	while (at + group.count < entries->count &&
	       (entries->entry[at + group.count].origin == group.entry->origin ||
		!strcmp(entries->entry[at + group.count].origin, group.entry->origin))) {
		group.count++;
		if (group.count % ENTRIES_A_BREATH == 0)
			changes_breathe(changes);
	}
	return group;
}

/* The first entry that is not before the prefix. */
static size_t group_bound(const struct group *group, const struct prefix *prefix)
{
	size_t low = 0, high = group->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (prefix_compare(&group->entry[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first entry of the prefix: there may be several, with different `said`. */
static struct import_entry *group_find(const struct group *group, const struct prefix *prefix)
{
	size_t low = group_bound(group, prefix);

	return low < group->count && !prefix_compare(&group->entry[low].prefix, prefix) ?
		       &group->entry[low] :
		       NULL;
}

typedef void (*around_t)(const struct import_guard_rails *guard_rails, struct import_entry *entry,
			 const void *data);

static void each_around(const struct import_guard_rails *guard_rails, const struct group *group,
			const struct prefix *inner, around_t each, const void *data)
{
	for (int length = inner->length; length >= S64_PREFIX_LENGTH_MIN; length--) {
		struct prefix around = prefix_around(&inner->address, length);
		struct import_entry *entry = group_find(group, &around);
		const struct import_entry *end = group->entry + group->count;

		for (; entry && entry < end && !prefix_compare(&entry->prefix, &around); entry++)
			if (is_block(entry))
				each(guard_rails, entry, data);
	}
}

typedef int (*check_t)(const struct guard_rails *guard_rails,
		       const struct guard_rails_request *request, struct guard_rails_answer *answer,
		       struct error *error);

static void check_entry(const struct import_guard_rails *guard_rails, struct import_entry *entry,
			check_t check)
{
	const struct guard_rails against = {blocks_allowed(guard_rails->blocks),
					    guard_rails->protection};
	const struct guard_rails_request request = {.by = GUARD_RAILS_BY_LIST,
						    .prefix = &entry->prefix,
						    .force = guard_rails->force};
	struct guard_rails_answer answer;
	struct error why;

	if (check(&against, &request, &answer, &why))
		refuse(guard_rails, entry,
		       answer.cause == GUARD_RAILS_ALLOWED ? IMPORT_ALLOWED : IMPORT_GUARDED,
		       why.text);
}

static void refuse_guarded(const struct import_guard_rails *guard_rails, struct import_entry *entry,
			   const void *data)
{
	(void)data;
	check_entry(guard_rails, entry, guard_rails_check);
}

/* The entries within it come right after it, or after its position. */
static void refuse_network(const struct import_guard_rails *guard_rails, const struct group *group,
			   const struct prefix *network)
{
	each_around(guard_rails, group, network, refuse_guarded, NULL);
	for (size_t i = group_bound(group, network); i < group->count; i++) {
		struct import_entry *entry = &group->entry[i];

		changes_breathe(guard_rails->blocks->changes);
		if (!prefix_contains(network, &entry->prefix)) {
			/* the same address, and shorter: prefixes around it were checked already */
			if (!prefix_contains(&entry->prefix, network))
				return;
		} else if (is_block(entry)) {
			refuse_guarded(guard_rails, entry, NULL);
		}
	}
}

static void check_networks(const struct import_guard_rails *guard_rails, const struct group *group)
{
	const struct prefix *network;
	size_t n = protected_addresses_networks(guard_rails->protection, &network);

	for (size_t i = 0; i < n; i++) {
		refuse_network(guard_rails, group, &network[i]);
		changes_breathe(guard_rails->blocks->changes);
	}
}

static void check_group(const struct import_guard_rails *guard_rails, const struct group *group)
{
	const struct in6_addr *guarded;
	size_t n;

	for (size_t i = 0; i < group->count; i++) {
		changes_breathe(guard_rails->blocks->changes);
		if (is_block(&group->entry[i]))
			check_entry(guard_rails, &group->entry[i], guard_rails_check_alone);
	}
	/* of this change, because no other one requests numbers meanwhile */
	n = protected_addresses_list(guard_rails->protection, &guarded);
	for (size_t i = 0; i < n && !guard_rails->force; i++) {
		struct prefix address = {guarded[i], 128};

		each_around(guard_rails, group, &address, refuse_guarded, NULL);
		changes_breathe(guard_rails->blocks->changes);
	}
	if (!guard_rails->force)
		check_networks(guard_rails, group);
}

void import_check_guard_rails(const struct import_guard_rails *guard_rails,
			      struct import_entries *entries)
{
	for (size_t at = 0; at < entries->count;) {
		struct group group = group_at(entries, at, guard_rails->blocks->changes);

		check_group(guard_rails, &group);
		at += group.count;
	}
}

/* --- the difference: both sides are sorted, and traversed once --- */

struct merge {
	struct blocks *blocks;
	struct import_plan *plan;
	struct import_origin_plan *to;
	struct group group;
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
	for (size_t i = merge->first_put; i < merge->to->puts; i++)
		merge->to->put[i].others = merge->others;
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
	} else if (!is_block(entry)) {
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
		if (entry->kind != FEED_REMOVE && (merge->same || !is_block(entry)))
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
static bool is_small(const struct blocks *blocks, const struct group *group,
		     const struct import_plan *plan)
{
	return !plan->replace && group->count < blocks_count(blocks) / LOOKUP_SHARE;
}

static int merge_single(struct merge *merge, struct error *error)
{
	const struct group *group = &merge->group;
	int err = 0;

	for (size_t i = 0; i < group->count && !err && !merge->out_of_memory; i++) {
		const struct prefix prefix = group->entry[i].prefix;

		if (!i || prefix_compare(&group->entry[i - 1].prefix, &prefix))
			err = store_block_at(merge->blocks->store, &prefix, merge_row, merge,
					     error);
		changes_breathe(merge->blocks->changes);
	}
	return err;
}

static int plan_group(struct blocks *blocks, const struct group *group, const char *origin,
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
	struct group all = {entries->entry, entries->count};

	return plan_group(blocks, &all, origin, plan, error);
}

static const char *why_refused(int err)
{
	switch (err) {
	case -EDQUOT:
		return "there are as many different rates as there can be; use one of those that are in force";
	case -ERANGE:
		return "its burst is longer than a limit can be at its rate";
	}
	return "there is no room for it; raise maps.blocks or maps.prefixes";
}

/* What was there before stays. */
static void count_refused(struct import_plan *plan, const struct import_entry *entry)
{
	if (entry->is_known) {
		plan->changed--;
		plan->unchanged++;
	} else {
		plan->added--;
	}
}

static int apply_origin(struct blocks *blocks, const struct actor *actor, struct import_plan *plan,
			struct import_origin_plan *origin, import_refused_t refused, void *data,
			struct error *error)
{
	int err = blocks_apply(blocks, actor, origin->put, origin->puts, origin->remove,
			       origin->removes, origin->origin, error);

	for (size_t i = 0; i < origin->puts && !err; i++) {
		changes_breathe(blocks->changes);
		if (!origin->put[i].refused)
			continue;
		refused(origin->from[i], IMPORT_NO_ROOM, why_refused(origin->put[i].refused), data);
		count_refused(plan, origin->from[i]);
	}
	return err;
}

int import_apply(struct blocks *blocks, const struct actor *actor, struct import_plan *plan,
		 import_refused_t refused, void *data, struct error *error)
{
	int err = 0;

	for (size_t i = 0; i < plan->origins && !err; i++)
		err = apply_origin(blocks, actor, plan, &plan->origin[i], refused, data, error);
	return err;
}

int import_restore(struct blocks *blocks, const struct actor *actor, struct import_entries *entries,
		   struct import_plan *plan, import_refused_t refused, void *data,
		   struct error *error)
{
	int err = 0;

	for (size_t at = 0; at < entries->count && !err;) {
		struct group group = group_at(entries, at, blocks->changes);

		err = plan_group(blocks, &group, group.entry->origin, plan, error);
		if (!err && refused && !S64_MISTAKE(ORIGINS_APART))
			err = apply_origin(blocks, actor, plan, &plan->origin[plan->origins - 1],
					   refused, data, error);
		at += group.count;
	}
	return !err && refused && S64_MISTAKE(ORIGINS_APART) ?
		       import_apply(blocks, actor, plan, refused, data, error) :
		       err;
}

void import_unapply(struct blocks *blocks, const struct import_plan *plan)
{
	blocks_rolled_back(blocks);
	for (size_t i = 0; i < plan->origins; i++) {
		const struct import_origin_plan *origin = &plan->origin[i];

		for (size_t j = 0; j < origin->puts; j++) {
			blocks_sync(blocks, &origin->put[j].block.prefix);
			changes_breathe(blocks->changes);
		}
		for (size_t j = 0; j < origin->removes; j++) {
			blocks_sync(blocks, &origin->remove[j].prefix);
			changes_breathe(blocks->changes);
		}
	}
	throttles_reload(&blocks->throttles);
}

int import_rehearse(const struct blocks *blocks, struct import_plan *plan, import_refused_t refused,
		    void *data, struct error *error)
{
	int err = store_try(blocks->store, error);

	for (size_t i = 0; i < plan->origins && !err; i++) {
		struct import_origin_plan *origin = &plan->origin[i];
		struct blocks_rehearsal rehearsal = {};

		for (size_t j = 0; j < origin->puts; j++) {
			int why = blocks_try_next(blocks, &rehearsal, &origin->put[j].block);

			changes_breathe(blocks->changes);

			if (!why)
				continue;
			refused(origin->from[j], IMPORT_NO_ROOM, why_refused(why), data);
			count_refused(plan, origin->from[j]);
		}
	}
	return err;
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
