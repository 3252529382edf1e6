/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files about blocks. */
#ifndef SLASH64_DAEMON_BLOCKS_BLOCKS_INTERNAL_H
#define SLASH64_DAEMON_BLOCKS_BLOCKS_INTERNAL_H

#include "blocks.h"

struct block_target blocks_target(const struct blocks *blocks, const struct prefix *prefix);

/* Brings the maps to it. */
int blocks_sync_effective(struct blocks *blocks, const struct prefix *prefix,
			  const struct effective_action *effective, struct error *error);

/* Brings the maps to the store's entries for a prefix; and for everything that an allowed prefix
 * contains, or is contained in.
 */
int blocks_bring(struct blocks *blocks, const struct prefix *prefix, struct error *error);
int blocks_bring_near(struct blocks *blocks, const struct prefix *allowed, struct error *error);

/* Is it within an allowed prefix? Then it is only in the store. */
bool blocks_is_shadowed(const struct blocks *blocks, const struct prefix *prefix);

/* Sets whether the source around a part of it checks its parts first; whether it is blocked stays
 * the same.
 */
int blocks_sync_around(struct blocks *blocks, const struct prefix *part);

/* Entries of a map of that size that are reserved for changes by hand. */
uint32_t blocks_reserve_of(uint32_t entries);

/* "the table is full", and what to do. -ENOSPC. */
int blocks_full(const struct blocks *blocks, const struct prefix *prefix, struct error *error);

/* Gives a throttle its number; -EDQUOT, -ERANGE as in throttle_rates.h. */
int blocks_reserve_rate(struct blocks *blocks, const struct store_block *block,
			struct error *error);

/* A row and its row of the log, as one; `why` may be NULL. */
int blocks_store_put(struct blocks *blocks, const struct actor *actor,
		     const struct store_block *block, struct error *error);
int blocks_store_remove(struct blocks *blocks, const struct actor *actor,
			const struct prefix *prefix, const char *origin, const struct prefix *said,
			const struct blocks_why *why, struct error *error);

/* Ends what store_begin() started: a change and its row of the log, both or neither. */
int blocks_store_end(struct blocks *blocks, int err, struct error *error);

/* Changes the source rules: every block is inserted where the new rules want it, next to where the
 * rules in force do. -ENOSPC if there is no room for both. Then either blocks_loaded(), and the new
 * rules are in force; or blocks_unload(), and the old ones still are.
 */
int blocks_load(struct blocks *blocks, const struct source_rules *rules, struct error *error);
void blocks_loaded(struct blocks *blocks);
int blocks_unload(struct blocks *blocks, const struct source_rules *rules, struct error *error);

/* Recovers a new store from the maps in force; then it is complete. */
int blocks_recover(struct blocks *blocks, const struct maps *from, struct error *error);

/* Collects the entries of unknown prefixes (unnamed.c). `before`: the maps they were in force in,
 * if other ones.
 */
int unnamed_load(struct blocks *blocks, const struct maps *before, struct error *error);
bool unnamed_has(const struct unnamed *unnamed, uint64_t key);
/* Somebody listed that prefix: it is unknown no longer. */
int unnamed_name(struct blocks *blocks, const struct prefix *prefix, struct error *error);
/* The same for an allowed prefix. */
int unnamed_name_allow(struct blocks *blocks, const struct prefix *prefix, struct error *error);
/* What it is in the maps is remembered before somebody says something of that prefix, as that may fail. */
void unnamed_note(struct blocks *blocks, const struct prefix *prefix);
void unnamed_note_allow(struct blocks *blocks, const struct prefix *prefix);
/* Nobody says anything of it: one without a name stays in force as it was, and this returns true. */
bool unnamed_keep(struct blocks *blocks, const struct prefix *prefix);
/* A transaction was rolled back: read them from the store again. */
void unnamed_reload(struct blocks *blocks);
/* The same for a prefix in the maps, whatever the transaction did with it. */
void blocks_put_back(struct blocks *blocks, const struct prefix *prefix);
/* It is taken back. -ENOENT if it is none of them. */
int unnamed_remove(struct blocks *blocks, const struct actor *actor, const struct prefix *prefix,
		   struct error *error);

/* The maps follow when the store can be read again. */
void unsynced_add(struct blocks *blocks, const struct prefix *prefix, const char *why);
void unsynced_add_allow(struct blocks *blocks, const struct prefix *prefix, const char *why);
void unsynced_free(struct unsynced *unsynced);

/* Blocks within an allowed prefix, or around it, stand in the maps otherwise than before. */
void blocks_sync_near(struct blocks *blocks, const struct prefix *allowed);

void blocks_count_forms(struct blocks *blocks);

#endif
