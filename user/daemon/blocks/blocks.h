/* SPDX-License-Identifier: GPL-2.0-only */
struct block_copy;

/* Blocks, throttles and allowed prefixes: the store, which is the truth, and the maps, which follow
 * it. Allow beats block; that is resolved here, when something changes, so that the datapath finds
 * the answer by longest match.
 *
 * Prefixes are in their stored form (user/net/block_target.h).
 */
#ifndef SLASH64_DAEMON_BLOCKS_BLOCKS_H
#define SLASH64_DAEMON_BLOCKS_BLOCKS_H

#include "daemon/loop/changes.h"
#include "config/config.h"
#include "hits_kept.h"
#include "maps/prefix_table.h"
#include "maps/blocklist.h"
#include "daemon/store/store.h"
#include "throttle_rates.h"
#include "net/block_target.h"
#include "base/time.h"

/* The effective action for a prefix, from the entries of all origins and of all addresses in it: a
 * block beats a throttle, the lower rate the higher. This is the only place that decides it. It
 * holds as long as any of the entries does: expired entries do not count, and each expiry comes
 * back here (blocks_sync()).
 */
struct effective_action {
	bool any;
	enum store_kind kind;
	uint32_t rate, burst;
};

void effective_add(struct effective_action *effective, const struct store_block *block);

/* Keys of a map, sorted. */
struct unnamed {
	uint64_t *key;
	size_t count;
};

/* What the maps still have to follow the store in. */
struct unsynced {
	struct prefix_set blocks, allowlist;
	uint64_t retry_at_ns; /* CLOCK_MONOTONIC; not before */
	bool told;
};

struct blocks {
	struct store *store;
	struct blocklist *blocklist;
	struct prefixes *prefixes;
	struct maps *maps;
	struct throttles throttles;
	/* The rules in force. Within a change that brings others: its own. It sets the others aside
	 * for everybody whom it serves when it pauses, as it may still be refused.
	 */
	struct source_rules rules, rules_aside;
	bool rules_staged;
	/* Allowed prefixes around or within those of translators and tunnels: IPv4 hosts behind
	 * them are allowed in that form only.
	 */
	unsigned int allowed_forms;
	struct unnamed unnamed[STORE_PLACES]; /* in force, but of unknown prefixes */
	struct unnamed_was *was; /* those that a change has touched, as they were before */
	size_t was_count;
	uint64_t refused_full;	 /* blocks for which the maps had no room */
	size_t unplaced;	 /* blocks that found no room when all of them were last loaded */
	struct changes *changes; /* long work runs in pieces; NULL: at once */
	struct hits_kept kept;
	struct unsynced unsynced;
	struct load *loading; /* by blocks_load(), until its outcome is known */
};

/* Loads the store and brings the maps to it, touching only the differences. `before`: maps that are
 * in force until these replace them; NULL: these are in force, if any.
 */
int blocks_init(struct blocks *blocks, struct store *store, struct blocklist *blocklist,
		struct prefixes *prefixes, struct maps *maps, const struct maps *before,
		const struct source_rules *rules, struct error *error);
void blocks_free(struct blocks *blocks);
/* From now on long work runs in pieces. */
void blocks_follow_changes(struct blocks *blocks, struct changes *changes);

/* Entries in force of unknown prefixes: how many, and is this prefix one of them? */
size_t unnamed_count(const struct blocks *blocks);
bool blocks_is_unnamed(const struct blocks *blocks, const struct prefix *prefix);

const struct prefix_set *blocks_allowed(const struct blocks *blocks);
uint32_t blocks_count(const struct blocks *blocks);

/* In force and on disk when it returns 0. -ENOSPC if a map is full. Within an allowed prefix it is
 * only on disk, until that prefix goes.
 */
int blocks_put(struct blocks *blocks, const struct actor *actor, const struct store_block *block,
	       struct error *error);
/* The same, logged as `action`. */
int blocks_put_as(struct blocks *blocks, const struct actor *actor, const char *action,
		  const struct store_block *block, struct error *error);

/* Why an entry is taken back, for the log; NULL for nothing. */
struct blocks_why {
	const char *reason, *ticket;
};

/* Everything the origin listed of it and of addresses in it. -ENOENT if that origin listed nothing.
 */
int blocks_remove(struct blocks *blocks, const struct actor *actor, const struct prefix *prefix,
		  const char *origin, const struct blocks_why *why, struct error *error);
/* One row only; other entries for the prefix stay. -ENOENT if there is none. */
int blocks_remove_said(struct blocks *blocks, const struct actor *actor,
		       const struct prefix *prefix, const char *origin, const struct prefix *said,
		       const struct blocks_why *why, struct error *error);

int blocks_allow(struct blocks *blocks, const struct actor *actor, const struct store_block *allow,
		 struct error *error);
/* By hand: without a reason, the existing allow->reason stays, and "" removes it. *before holds its
 * text.
 */
int blocks_allow_by_hand(struct blocks *blocks, const struct actor *actor,
			 struct store_block *allow, struct block_copy *before, struct error *error);
/* The origin's existing entry: *is_there, and *is_same if it is equal. */
int blocks_allow_known(struct blocks *blocks, const struct store_block *allow, bool *is_there,
		       bool *is_same, struct error *error);
/* Brings the maps to whether the store still allows it. */
void blocks_sync_allow(struct blocks *blocks, const struct prefix *prefix);
/* origin NULL: of all origins. */
int blocks_unallow(struct blocks *blocks, const struct actor *actor, const struct prefix *prefix,
		   const char *origin, const struct blocks_why *why, struct error *error);

/* Many at once: writes the entries of `put` that differ from the store, and removes those of
 * `remove`, as one change. Both are sorted by prefix and `said`, without duplicates, and of one
 * origin. An entry for which no map has room is marked `refused`; the last part of a map is
 * reserved for changes by hand (BLOCKS_RESERVE). Unchanged entries are not touched.
 */
struct blocks_change {
	struct store_block block;
	struct effective_action
		others; /* the remaining entries of the prefix, the same for all of them */
	/* -ENOSPC: no room in a map; -EDQUOT, -ERANGE: of a throttle (throttle_rates.h) */
	int refused;
};

struct blocks_key {
	struct prefix prefix, said;
};

#define BLOCKS_RESERVE_SHARE 64	  /* a share of each map, */
#define BLOCKS_RESERVE_MAX   1024 /* but no more entries than this */

/* `left_out`: lines of the list that are not in it, for the log. */
int blocks_apply(struct blocks *blocks, const struct actor *actor, struct blocks_change *put,
		 size_t puts, const struct blocks_key *remove, size_t removes, uint64_t left_out,
		 const char *origin, struct error *error);

/* blocks_sync() for each prefix of them. */
void blocks_sync_changes(struct blocks *blocks, const struct blocks_change *put, size_t puts);
void blocks_sync_keys(struct blocks *blocks, const struct blocks_key *remove, size_t removes);

/* What blocks_put() would return, and blocks_apply() would mark as refused; changes nothing. The
 * store's disk may still be full. Many are to be asked in the order in which they would be put.
 */
struct blocks_rehearsal {
	struct {
		uint32_t rate, burst;
	} given[S64_THROTTLE_MAX]; /* for earlier entries */
	unsigned int rates;
	uint32_t sources, prefixes; /* taken by earlier entries */
	struct prefix last;	    /* the previous entry */
};

int blocks_try(const struct blocks *blocks, const struct store_block *block, struct error *error);
int blocks_try_next(const struct blocks *blocks, struct blocks_rehearsal *rehearsal,
		    const struct store_block *block);

/* A transaction was rolled back: what it had given names to has none again. Before its prefixes are synced. */
void blocks_rolled_back(struct blocks *blocks);
/* Brings the maps to the store's entries for a prefix. */
int blocks_sync(struct blocks *blocks, const struct prefix *prefix);
/* The same where something that was said of it has ended; the store need not be asked where nothing else is. */
int blocks_end(struct blocks *blocks, const struct store_end *end);
/* A piece of what could not be synced as the store could not be read; is there more at once? */
bool blocks_sync_late(struct blocks *blocks);

/* Counts packets of a source that a block or a throttle dropped. */
void blocks_hit(struct blocks *blocks, uint64_t src_key, uint64_t hi, uint64_t lo, bool by_prefix,
		uint32_t packets, uint32_t now);
void blocks_hits(const struct blocks *blocks, const struct prefix *prefix, uint64_t *hits,
		 uint32_t *last_hit);

#endif
