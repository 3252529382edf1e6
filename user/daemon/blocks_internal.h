/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files about blocks share. */
#ifndef SLASH64_DAEMON_BLOCKS_INTERNAL_H
#define SLASH64_DAEMON_BLOCKS_INTERNAL_H

#include "blocks.h"

struct unit blocks_unit(const struct blocks *blocks, const struct prefix *prefix);

/* Bring the tables to it. */
int blocks_settle_wanted(struct blocks *blocks, const struct prefix *prefix, const struct wanted *wanted,
			 struct error *error);

/* Bring the tables to what the store says of a prefix; and of all that an allowed prefix is around, or lies in. */
int blocks_bring(struct blocks *blocks, const struct prefix *prefix, struct error *error);
int blocks_bring_near(struct blocks *blocks, const struct prefix *allowed, struct error *error);

/* Other rules about sites, and whatever else the store says: every block is put where they want it, beside where those
 * in force do. -ENOSPC where there is not room for both. Then either blocks_loaded(), and the new rules are in force;
 * or blocks_unload(), and the old ones still are.
 */
int blocks_load(struct blocks *blocks, const struct site_rules *rules, struct error *error);
void blocks_loaded(struct blocks *blocks);
int blocks_unload(struct blocks *blocks, const struct site_rules *rules, struct error *error);

/* What a store that is new does not know of tables that are in force; then it is complete. */
int blocks_salvage(struct blocks *blocks, const struct tables *from, struct error *error);

/* What of it has no name (blocks_unnamed.c). `before`: the tables it was in force in, where that were others. */
int unnamed_load(struct blocks *blocks, const struct tables *before, struct error *error);
bool unnamed_has(const struct unnamed *unnamed, uint64_t key);
/* Somebody has said something of that prefix: it is no more without a name. */
int unnamed_name(struct blocks *blocks, const struct prefix *prefix, struct error *error);
/* It is taken back. -ENOENT where that is none of them. */
int unnamed_remove(struct blocks *blocks, const struct prefix *prefix, struct error *error);

void blocks_count_forms(struct blocks *blocks);

#endif
