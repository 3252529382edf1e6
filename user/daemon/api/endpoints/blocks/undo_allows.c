// SPDX-License-Identifier: GPL-2.0-only
#include "undo_allows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "daemon/blocks/blocks_internal.h"
#include "daemon/blocks/kept_out.h"

int undo_allows_add(struct undo_allows *allows, const struct prefix *prefix, const char *origin,
		    bool stays)
{
	struct undo_allow *entry = array_add(&allows->entry, &allows->count, sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	*entry = (struct undo_allow){.prefix = *prefix, .stays = stays, .order = allows->count};
	snprintf(entry->origin, sizeof(entry->origin), "%s", origin ? origin : "");
	return 0;
}

void undo_allows_free(struct undo_allows *allows)
{
	free(allows->entry);
	*allows = (struct undo_allows){};
}

static bool is_same_row(const struct undo_allow *a, const struct undo_allow *b)
{
	return !prefix_compare(&a->prefix, &b->prefix) && !strcmp(a->origin, b->origin);
}

static int in_order(const void *a, const void *b)
{
	const struct undo_allow *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	if (!order)
		order = strcmp(x->origin, y->origin);
	return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* Of each row, the last. */
static void keep_last(struct undo_allows *allows)
{
	size_t kept = 0;

	if (allows->count)
		qsort(allows->entry, allows->count, sizeof(*allows->entry), in_order);
	for (size_t i = 0; i < allows->count; i++)
		if (i + 1 == allows->count ||
		    !is_same_row(&allows->entry[i], &allows->entry[i + 1]))
			allows->entry[kept++] = allows->entry[i];
	allows->count = kept;
}

/* The rows of one prefix. */
struct group {
	const struct undo_allow *entry;
	size_t count;
	bool stays;
};

static bool look_for_other(const struct store_block *row, void *data)
{
	struct group *group = data;
	bool named = false;

	for (size_t i = 0; i < group->count; i++)
		named |= !strcmp(group->entry[i].origin, row->origin);
	group->stays |= !named;
	return !group->stays;
}

static struct group group_at(const struct undo_allows *allows, size_t at)
{
	struct group group = {.entry = &allows->entry[at]};

	for (;
	     at < allows->count && !prefix_compare(&allows->entry[at].prefix, &group.entry->prefix);
	     at++, group.count++)
		group.stays |= allows->entry[at].stays;
	return group;
}

static int gather(struct daemon *daemon, const struct undo_allows *allows, struct prefix_set *going,
		  struct prefix_set *after, struct error *error)
{
	int memory = prefix_set_copy(after, blocks_allowed(&daemon->blocks)), err = 0;

	for (size_t i = 0; i < allows->count && !memory && !err;) {
		struct group group = group_at(allows, i);
		const struct prefix *prefix = &group.entry->prefix;

		i += group.count;
		changes_breathe(daemon->changes);
		if (!group.stays)
			err = store_allow_at(daemon->store, prefix, look_for_other, &group, error);
		if (group.stays) {
			memory = prefix_set_add(after, prefix);
		} else if (!err && prefix_set_has(after, prefix)) {
			memory = prefix_set_add(going, prefix);
			prefix_set_remove(after, prefix);
		}
	}
	return memory ? error_set(error, -ENOMEM, "out of memory") : err;
}

int undo_allows_check(struct daemon *daemon, struct undo_allows *allows,
		      const struct guards_caller *caller, struct error *error)
{
	struct prefix_set going = {}, after = {};
	const struct kept_out kept_out = {&daemon->blocks, daemon->protection,
					  caller,	   &going,
					  &after,	   false};
	int err;

	keep_last(allows);
	err = gather(daemon, allows, &going, &after, error);
	if (!err)
		err = kept_out_refuse(&kept_out, error);
	prefix_set_free(&going);
	prefix_set_free(&after);
	return err;
}
