/* SPDX-License-Identifier: GPL-2.0-only */
/* The store: blocks, allowed prefixes and interfaces attached by hand, in sqlite3. It is the truth; the
 * tables follow it. What a function has returned 0 for is on disk.
 */
#ifndef SLASH64_DAEMON_STORE_H
#define SLASH64_DAEMON_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "prefix.h"

#define STORE_SCHEMA 1

#define STORE_ORIGIN_OPERATOR "operator"
#define STORE_ORIGIN_CONFIG   "config"

struct store;

/* A row. Texts are the caller's going in, and valid until the callback returns coming out; reason and
 * ticket may be NULL. Times are milliseconds since 1970; until 0 is no end.
 */
struct store_block {
	struct prefix prefix;
	const char *origin;
	const char *reason;
	const char *ticket;
	int64_t start_ms;
	int64_t until_ms;
};

struct store_iface {
	const char *name;
	int mode;   /* enum config_mode */
	int filter; /* enum policy_filter, -1 where it was not given */
};

/* Opens DIRECTORY/slash64.db, makes both where they are missing. */
int store_open(struct store **store, const char *directory, struct error *error);
void store_close(struct store *store);

/* A row with the same prefix and origin is replaced. */
int store_block_put(struct store *store, const struct store_block *block, struct error *error);
/* Of any origin; origin NULL: of all. -ENOENT where there is none. */
int store_block_remove(struct store *store, const struct prefix *prefix, const char *origin,
		       struct error *error);
/* Is it blocked by any origin, now? */
bool store_block_has(struct store *store, const struct prefix *prefix);

/* Blocks in the order of their prefixes and origins, from behind `after` on (NULL: from the start), at
 * most `limit`. The callback returns false to stop.
 */
typedef bool (*store_block_each_t)(const struct store_block *block, void *data);
int store_blocks(struct store *store, const struct store_block *after, unsigned int limit,
		 store_block_each_t each, void *data, struct error *error);

/* Blocks within a prefix, of all origins. */
int store_blocks_within(struct store *store, const struct prefix *prefix, store_block_each_t each,
			void *data, struct error *error);

/* Blocks that ended by `now_ms`: each is given to the callback, and gone when this returns 0. */
int store_blocks_expire(struct store *store, int64_t now_ms, store_block_each_t each, void *data,
			struct error *error);

/* When the next block ends; 0 where none does. */
int64_t store_blocks_next_end(struct store *store);

/* Allowed prefixes; `ticket` and `until` are not used. */
int store_allow_put(struct store *store, const struct store_block *allow, struct error *error);
int store_allow_remove(struct store *store, const struct prefix *prefix, const char *origin,
		       struct error *error);
int store_allows(struct store *store, store_block_each_t each, void *data, struct error *error);

int store_iface_put(struct store *store, const struct store_iface *iface, struct error *error);
int store_iface_remove(struct store *store, const char *name, struct error *error);
int store_ifaces(struct store *store, void (*each)(const struct store_iface *iface, void *data),
		 void *data, struct error *error);

/* Several changes as one: all of them are on disk when commit returns 0, or none. */
int store_begin(struct store *store, struct error *error);
int store_commit(struct store *store, struct error *error);
void store_rollback(struct store *store);

#endif
