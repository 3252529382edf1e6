/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files about blocks share. */
#ifndef SLASH64_DAEMON_BLOCKS_INTERNAL_H
#define SLASH64_DAEMON_BLOCKS_INTERNAL_H

#include "blocks.h"

struct unit blocks_unit(const struct blocks *blocks, const struct prefix *prefix);

/* Bring the tables to it. */
int blocks_settle_wanted(struct blocks *blocks, const struct prefix *prefix,
			 const struct wanted *wanted, struct error *error);

/* Bring the tables to what the store says of a prefix; and of all that an allowed prefix is around, or lies in. */
int blocks_bring(struct blocks *blocks, const struct prefix *prefix, struct error *error);
int blocks_bring_near(struct blocks *blocks, const struct prefix *allowed, struct error *error);

/* Is it within an allowed prefix? Then it stands in the store alone. */
bool blocks_is_shadowed(const struct blocks *blocks, const struct prefix *prefix);

/* The site around a part of it asks for its parts first, or no more; that it is blocked stays as it is. */
int blocks_settle_around(struct blocks *blocks, const struct prefix *part);

/* Entries of a table of so many that are kept for what a person does. */
uint32_t blocks_reserve_of(uint32_t entries);

/* "the table is full", and what to do. -ENOSPC. */
int blocks_full(const struct blocks *blocks, const struct prefix *prefix, struct error *error);

/* A throttle has its number from now on; -EDQUOT, -ERANGE as in throttles.h. */
int blocks_reserve_rate(struct blocks *blocks, const struct store_block *block,
			struct error *error);

/* A row and that of the log, as one; `why` may be NULL. */
int blocks_store_put(struct blocks *blocks, const struct store_block *block, struct error *error);
int blocks_store_remove(struct blocks *blocks, const struct prefix *prefix, const char *origin,
			const struct prefix *said, const struct blocks_why *why,
			struct error *error);

/* Ends what store_begin() began: a change and its row of the log, both or neither. */
int blocks_store_end(struct blocks *blocks, int err, struct error *error);

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
/* The same of one that is allowed. */
int unnamed_name_allow(struct blocks *blocks, const struct prefix *prefix, struct error *error);
/* What it is in the tables is remembered before somebody says something of that prefix, as that may fail. */
void unnamed_note(struct blocks *blocks, const struct prefix *prefix);
void unnamed_note_allow(struct blocks *blocks, const struct prefix *prefix);
/* Nobody says anything of it: one without a name stays in force as it was, and this returns true. */
bool unnamed_keep(struct blocks *blocks, const struct prefix *prefix);
/* A transaction was rolled back: as the store has them. */
void unnamed_reload(struct blocks *blocks);
/* The same of a prefix in the tables, whatever the transaction did with it. */
void blocks_put_back(struct blocks *blocks, const struct prefix *prefix);
/* It is taken back. -ENOENT where that is none of them. */
int unnamed_remove(struct blocks *blocks, const struct prefix *prefix, struct error *error);

/* The tables follow when the store can be read again. */
void unsettled_add(struct blocks *blocks, const struct prefix *prefix, const char *why);
void unsettled_add_allow(struct blocks *blocks, const struct prefix *prefix, const char *why);
void unsettled_free(struct unsettled *unsettled);

/* Blocks within an allowed prefix, or around it, stand in the tables otherwise than before. */
void blocks_settle_near(struct blocks *blocks, const struct prefix *allowed);

void blocks_count_forms(struct blocks *blocks);

#endif
