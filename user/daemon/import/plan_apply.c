// SPDX-License-Identifier: GPL-2.0-only
/* A plan is carried out, tried, or taken back. */
#include "plan_internal.h"

#include <errno.h>

static const char *why_refused(int err)
{
	switch (err) {
	case -EDQUOT:
		return "too many different rates; use one that is in force";
	case -ERANGE:
		return "its burst is too long for its rate";
	}
	return "no room for it; raise maps.blocks or maps.prefixes";
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
			       origin->removes, plan->left_out, origin->origin, error);

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
		struct import_group group = import_group_at(entries, at, blocks->changes);

		err = import_plan_group(blocks, &group, group.entry->origin, plan, error);
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

		blocks_sync_changes(blocks, origin->put, origin->puts);
		blocks_sync_keys(blocks, origin->remove, origin->removes);
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
