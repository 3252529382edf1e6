/* SPDX-License-Identifier: GPL-2.0-only */
/* Blocks and allowed prefixes: the store, which is the truth, and the tables, which follow it. Allow beats
 * block; that is resolved here, when something changes, so that the fast path does not pay for it.
 */
#ifndef SLASH64_DAEMON_BLOCKS_H
#define SLASH64_DAEMON_BLOCKS_H

#include "allows.h"
#include "config.h"
#include "sites.h"
#include "store.h"

struct blocks {
	struct store *store;
	struct sites *sites;
	const struct tables *tables;
	struct allows allows;
	uint64_t refused_full; /* blocks that the table had no room for */
};

/* Loads what the store has and brings the tables to it, touching only what differs. */
int blocks_init(struct blocks *blocks, struct store *store, struct sites *sites,
		const struct tables *tables, struct error *error);
void blocks_free(struct blocks *blocks);

/* In force, and on disk, when it returns 0. -EEXIST where an allowed prefix is around it, -ENOSPC where the
 * table is full, -EINVAL where it cannot be blocked.
 */
int blocks_put(struct blocks *blocks, const struct store_block *block, struct error *error);
/* origin NULL: of all origins. -ENOENT where there is none. */
int blocks_remove(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		  struct error *error);

int blocks_allow(struct blocks *blocks, const struct store_block *allow, struct error *error);
int blocks_disallow(struct blocks *blocks, const struct prefix *prefix, const char *origin,
		    struct error *error);

/* Make the static lists of the configuration what the store has under that origin. All or nothing. */
int blocks_configure(struct blocks *blocks, const struct config *config, struct error *error);

/* End what has ended by now. */
void blocks_expire(struct blocks *blocks);

int64_t clock_wall_ms(void);

#endif
