/* SPDX-License-Identifier: GPL-2.0-only */
struct block_copy;

/* Blocks, throttles and allowed prefixes: the store, which is the truth, and the tables, which follow it.
 * Allow beats block; that is resolved here, when something changes, so that the fast path finds the answer in
 * the longest match.
 *
 * Prefixes are in the form they are stored in (user/net/block_target.h).
 */
#ifndef SLASH64_DAEMON_BLOCKS_H
#define SLASH64_DAEMON_BLOCKS_H

#include "daemon/loop/changes.h"
#include "config/config.h"
#include "hits_kept.h"
#include "maps/prefix_table.h"
#include "maps/blocklist.h"
#include "daemon/store/store.h"
#include "throttle_rates.h"
#include "net/block_target.h"
#include "base/time.h"

/* What is said of a prefix by several origins, and of several addresses in it, together: a block
 * beats a throttle, the lower rate the higher. This is the one place where that is decided; it
 * holds as long as any of it does, since what has ended does not count, and each end comes back
 * here (blocks_settle()).
 */
struct wanted {
	bool any;
	enum store_kind kind;
	uint32_t rate, burst;
};

void blocks_want(struct wanted *wanted, const struct store_block *block);

/* Keys of a table, sorted. */
struct unnamed {
	uint64_t *key;
	size_t count;
};

/* What the tables still have to follow the store in. */
struct unsettled {
	struct prefix_set blocks, allows;
	uint64_t retry_at_ns; /* CLOCK_MONOTONIC; not before */
	bool told;
};

struct blocks {
	struct store *store;
	struct sites *sites;
	struct prefixes *prefixes;
	struct tables *tables;
	struct throttles throttles;
	struct site_rules rules; /* those in force */
	/* Allowed prefixes around or within those of translators and tunnels: IPv4 hosts behind them are
	 * allowed in that form alone.
	 */
	unsigned int allowed_forms;
	struct unnamed unnamed[STORE_PLACES]; /* in force, and nobody knows what they are of */
	struct unnamed_was *was; /* those that a change has touched, as they were before */
	size_t was_count;
	uint64_t refused_full;	 /* blocks that the tables had no room for */
	size_t unplaced;	 /* blocks that found no room when all of them were last loaded */
	struct changes *changes; /* what is long is done in pieces; NULL: at once */
	struct hits_kept kept;
	struct unsettled unsettled;
	struct load *loading; /* by blocks_load(), until it is known what comes of it */
};

/* Loads what the store has and brings the tables to it, touching only what differs. `before`: tables that are in force
 * until these take their place; NULL: these are, if any.
 */
int blocks_init(struct blocks *blocks, struct store *store, struct sites *sites,
		struct prefixes *prefixes, struct tables *tables, const struct tables *before,
		const struct site_rules *rules, struct error *error);
void blocks_free(struct blocks *blocks);

/* What is in force and has no name: how many, and is this prefix one of them? */
size_t unnamed_count(const struct blocks *blocks);
bool blocks_is_unnamed(const struct blocks *blocks, const struct prefix *prefix);

const struct prefix_set *blocks_allowed(const struct blocks *blocks);
uint32_t blocks_count(const struct blocks *blocks);

/* In force, and on disk, when it returns 0. -ENOSPC where a table is full. Within an allowed prefix it is on
 * disk only, until that is gone.
 */
int blocks_put(struct blocks *blocks, const struct store_block *block, struct error *error);
/* The same, logged as `action`. */
int blocks_put_as(struct blocks *blocks, const char *action, const struct store_block *block,
		  struct error *error);

/* Why something is taken back, for the log; a NULL of it is nothing. */
struct blocks_why {
	const char *reason, *ticket;
};

/* All that the origin said of it and of addresses in it. -ENOENT where there is none of that
 * origin. */
int blocks_remove(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		  const struct blocks_why *why, struct error *error);
/* One row only; what else is said of the prefix holds. -ENOENT where there is none. */
int blocks_remove_said(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		       const struct prefix *said, const struct blocks_why *why,
		       struct error *error);

int blocks_allow(struct blocks *blocks, const struct store_block *allow, struct error *error);
/* By hand: without a reason, allow->reason, the one that is there stays, and "" takes it away. *before holds its text. */
int blocks_allow_by_hand(struct blocks *blocks, struct store_block *allow,
			 struct block_copy *before, struct error *error);
/* What its origin says of it already: *is_there, and *is_same where that is the same. */
int blocks_allow_known(struct blocks *blocks, const struct store_block *allow, bool *is_there,
		       bool *is_same, struct error *error);
/* Bring the tables to whether the store still allows it. */
void blocks_settle_allow(struct blocks *blocks, const struct prefix *prefix);
/* origin NULL: of all origins. */
int blocks_disallow(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		    const struct blocks_why *why, struct error *error);

/* Many at once: what of `put` differs from the store is written, and what is in `remove` goes, as
 * one. Entries of both are sorted by prefix and what was said, with none twice in one of them; of
 * one origin. An entry that no table has room for is marked `refused`; the last of a table is kept
 * for what a person does (BLOCKS_RESERVE). What stays the same is not touched at all.
 */
struct blocks_change {
	struct store_block block;
	struct wanted others; /* what else is said of the prefix, and stays: of every entry of it
				 the same */
	int refused; /* -ENOSPC: no table has room; -EDQUOT, -ERANGE: of a throttle (throttles.h) */
};

struct blocks_key {
	struct prefix prefix, said;
};

#define BLOCKS_RESERVE_SHARE 64	  /* a part of each table, */
#define BLOCKS_RESERVE_MAX   1024 /* and no more entries than these */

int blocks_apply(struct blocks *blocks, struct blocks_change *put, size_t puts,
		 const struct blocks_key *remove, size_t removes, const char *origin,
		 struct error *error);

/* What blocks_put() would say, and blocks_apply() mark as refused; nothing changes. The store's disk may be full all the
 * same. What many would do is asked in the order in which they would.
 */
struct blocks_rehearsal {
	struct {
		uint32_t rate, burst;
	} given[S64_THROTTLE_MAX]; /* to entries before */
	unsigned int rates;
	uint32_t sites, prefixes; /* that entries before have taken */
	struct prefix last;	  /* the entry before */
};

int blocks_try(const struct blocks *blocks, const struct store_block *block, struct error *error);
int blocks_try_next(const struct blocks *blocks, struct blocks_rehearsal *rehearsal,
		    const struct store_block *block);

/* A transaction was rolled back: what it had given names to has none again. Before its prefixes are settled. */
void blocks_rolled_back(struct blocks *blocks);
/* Bring the tables to what the store says of a prefix. */
int blocks_settle(struct blocks *blocks, const struct prefix *prefix);
/* The same where something that was said of it has ended; the store need not be asked where nothing else is. */
int blocks_end(struct blocks *blocks, const struct store_end *end);
/* A piece of what could not be settled as the store could not be read; is there more at once? */
bool blocks_settle_late(struct blocks *blocks);

/* Note packets that a source lost to a block or a throttle. */
void blocks_hit(struct blocks *blocks, uint64_t site, uint64_t hi, uint64_t lo, bool by_prefix,
		uint32_t packets, uint32_t now);
void blocks_hits(const struct blocks *blocks, const struct prefix *prefix, uint64_t *hits,
		 uint32_t *last_hit);

#endif
