/* SPDX-License-Identifier: GPL-2.0-only */
/* The store: blocks, allowed prefixes and interfaces attached by hand, in sqlite3. It is the truth,
 * and the maps follow it. What a function has returned 0 for is on disk.
 */
#ifndef SLASH64_DAEMON_STORE_STORE_H
#define SLASH64_DAEMON_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/store/log/actor.h"
#include "base/error.h"
#include "net/prefix.h"

#define STORE_SCHEMA 4

#define STORE_ORIGIN_OPERATOR  "operator"
#define STORE_ORIGIN_CONFIG    "config"
#define STORE_ORIGIN_RESTORED  "restored"  /* from a backup: entries of a configuration */
#define STORE_ORIGIN_RECOVERED "recovered" /* from maps whose store was lost */

struct store;

enum store_kind {
	STORE_BLOCK,
	STORE_THROTTLE,
};

extern const char *const store_kind_names[];

/* A row. Texts belong to the caller on input, and are valid until the callback returns on output;
 * reason and ticket may be NULL. Times are milliseconds since 1970; until 0 means no end.
 *
 * `prefix` is the blocked prefix. `said` is what was written, if it differs: an address that stands
 * for its source, or another form of an IPv4 address; of length 0 it is the prefix itself. An
 * origin may have several rows for a prefix, each for another address, and each expires by itself.
 */
struct store_block {
	struct prefix prefix;
	struct prefix said;
	const char *origin;
	const char *reason;
	const char *ticket;
	int64_t start_ms;
	int64_t until_ms;
	enum store_kind kind;
	uint32_t rate, burst; /* of a throttle: packets per second, packets */
	uint32_t
		addresses; /* in a row of a list: how many addresses it stands for; 0: the prefix itself */
};

struct store_iface {
	const char *name;
	int mode;   /* enum config_mode */
	int filter; /* enum policy_filter, -1 if not given */
};

/* Opens DIRECTORY/slash64.db; creates both if they are missing. */
int store_open(struct store **store, const char *directory, struct error *error);
/* Must come before anything else of sqlite3, which store_open() does if it is the first. */
void store_library_begin(const char *directory);
void store_close(struct store *store);

/* How long a change waits for another process that holds the store. In the loop it does not wait.
 */
#define STORE_PATIENCE_START_MS 2000
#define STORE_PATIENCE_MS	2
void store_set_patience(struct store *store, int ms);
/* Does another process hold it, so that writing is impossible? */
bool store_is_held(struct store *store);

/* A change that pauses (daemon/loop/changes.h) leaves its transaction open: until it goes on nothing else is written, and
 * whoever tries gets -EBUSY. A long commit pauses too, and whoever reads meanwhile sees what was committed before.
 */
struct changes;
int store_follow_changes(struct store *store, struct changes *changes, struct error *error);

/* Checkpoints the write-ahead log when that is due and no reader is in the way: at once here, and
 * in pieces by store_checkpoint.h.
 */
bool store_checkpoint_is_due(const struct store *store);
void store_checkpoint(struct store *store);
uint64_t store_wal_bytes(const struct store *store);
/* Was the write-ahead log deleted since the last call? */
bool store_log_was_lost(struct store *store);

/* The state of the store. */
struct store_condition {
	const char *path;
	uint64_t bytes, log_bytes; /* of the database and its write-ahead log */
	uint64_t disk_free_bytes;
	/* milliseconds since 1970, of the last change of this run; 0: none */
	int64_t written_ms;
	int64_t failed_ms; /* failures since then; 0: none */
	const char *failure;
	bool is_read_only;	/* the disk is full or read-only */
	bool is_lost;		/* the file is gone, or is another one */
	bool log_is_lost;	/* its write-ahead log is gone */
	uint64_t changes;	/* rows in the audit log */
	int64_t last_change_ms; /* since 1970; 0: none */
};
void store_condition(const struct store *store, struct store_condition *condition);

/* There was no store before this run, and there is none until store_complete(): everything written
 * before is committed together with its creation.
 */
bool store_is_new(const struct store *store);
int store_complete(struct store *store, struct error *error);

/* Replaces the row with the same prefix, origin and `said`. */
int store_block_put(struct store *store, const struct store_block *block, struct error *error);

/* The same for many rows. Fastest in the order of prefix, origin and `said`. `next` returns one
 * after the other, and NULL after the last. They must stay unchanged until this returns.
 */
typedef const struct store_block *(*store_next_t)(void *data);
int store_blocks_put(struct store *store, store_next_t next, void *data, struct error *error);
/* Removes everything that an origin listed of the prefix and of addresses in it; origin NULL: all
 * origins. -ENOENT if there is nothing.
 */
int store_block_remove(struct store *store, const struct prefix *prefix, const char *origin,
		       struct error *error);
/* Removes one row. -ENOENT if there is none. */
int store_block_remove_said(struct store *store, const struct prefix *prefix, const char *origin,
			    const struct prefix *said, struct error *error);

/* The callbacks return false to stop. */
typedef bool (*store_block_each_t)(const struct store_block *block, void *data);

/* The rows of one prefix, of all origins, by origin. */
int store_block_at(struct store *store, const struct prefix *prefix, store_block_each_t each,
		   void *data, struct error *error);

/* One row of it, if it is there. */
int store_block_find(struct store *store, const struct prefix *prefix, const char *origin,
		     const struct prefix *said, store_block_each_t each, void *data,
		     struct error *error);
/* The rows of one origin for it, by `said`: that of the prefix itself is the first. */
int store_block_of(struct store *store, const struct prefix *prefix, const char *origin,
		   store_block_each_t each, void *data, struct error *error);
/* The first row of each origin for it. */
int store_block_origins(struct store *store, const struct prefix *prefix, store_block_each_t each,
			void *data, struct error *error);
/* Rows that decide what all in force come to: those of the prefix itself and, of all addresses in
 * it, one of the strictest. A row for each origin and one more, however many addresses are listed.
 * Without the row *except has the origin and `said` of; NULL: with all. Rows of the prefix itself
 * may have expired.
 */
int store_block_deciding(struct store *store, const struct prefix *prefix,
			 const struct store_block *except, int64_t now_ms, store_block_each_t each,
			 void *data, struct error *error);

/* All blocks, in the order of prefix, origin and `said`. */
int store_blocks(struct store *store, store_block_each_t each, void *data, struct error *error);
/* Those of the origin STORE_ORIGIN_CONFIG, in that order. */
int store_blocks_of_config(struct store *store, store_block_each_t each, void *data,
			   struct error *error);

/* A position in that order: behind all rows before it. Zeroed, it is the start. */
struct store_place_of_row {
	struct prefix prefix, said;
	char origin[256];
	bool set;
};

void store_place_take(struct store_place_of_row *place, const struct store_block *row);
/* At most `limit` rows behind a position, in the order of prefix, origin and `said`. Returns their
 * number; 0 is the end.
 */
int store_blocks_behind(struct store *store, const struct store_place_of_row *place,
			unsigned int limit, store_block_each_t each, void *data,
			struct error *error);

/* Blocks within a prefix, of all origins. */
int store_blocks_within(struct store *store, const struct prefix *prefix, store_block_each_t each,
			void *data, struct error *error);

/* Prefixes of blocks that have expired by `now_ms`, in order of expiry: those behind *behind, which
 * advances. Once for all that end at the same time, of whatever origin and address. The callback returns false to stop.
 */
struct store_end {
	int64_t until_ms; /* 0: from the start */
	struct prefix prefix;
	bool others; /* something else is said of the prefix, which may have ended too */
};

typedef bool (*store_end_each_t)(const struct store_end *end, void *data);
int store_ends_after(struct store *store, struct store_end *behind, int64_t now_ms,
		     store_end_each_t each, void *data, struct error *error);

/* Deletes and logs the first `limit` of them, as one change. Returns the number of deleted rows. */
int store_ends_remove(struct store *store, int64_t now_ms, unsigned int limit, struct error *error);

/* A block's hits, and the last hit in seconds since 1970, as last written. */
typedef void (*store_hits_each_t)(const struct prefix *prefix, uint64_t hits, uint32_t last_hit,
				  void *data);
int store_hits(struct store *store, store_hits_each_t each, void *data, struct error *error);
int store_hits_put(struct store *store, const struct prefix *prefix, uint64_t hits,
		   uint32_t last_hit, struct error *error);
/* Deletes hits of prefixes without a block. */
int store_hits_forget(struct store *store, const struct prefix *prefix, struct error *error);
/* The same for the next `limit` behind *behind, which advances: 1 if there may be more. */
int store_hits_prune(struct store *store, struct prefix *behind, unsigned int limit,
		     struct error *error);

/* The rates of throttles. Each has a number from 0 that does not change while there is a row with
 * that rate.
 */
typedef void (*store_rate_each_t)(unsigned int number, uint32_t rate, uint32_t burst, void *data);
int store_rates(struct store *store, store_rate_each_t each, void *data, struct error *error);
int store_rate_put(struct store *store, unsigned int number, uint32_t rate, uint32_t burst,
		   struct error *error);
/* Frees a rate that no row has: 1, or 0 if there is such a row, or no such rate. */
int store_rate_prune(struct store *store, unsigned int number, struct error *error);
bool store_rate_is_used(struct store *store, unsigned int number);

/* When the next block expires; 0 if none does. */
int64_t store_blocks_next_end(struct store *store);

/* Keys in the maps that are in force, but whose prefixes are unknown (blocks/unnamed.c). */
enum store_place {
	STORE_SOURCE,
	STORE_PREFIX,
	STORE_PLACES,
};

typedef void (*store_unnamed_each_t)(enum store_place place, uint64_t key, void *data);
int store_unnamed(struct store *store, store_unnamed_each_t each, void *data, struct error *error);
int store_unnamed_put(struct store *store, enum store_place place, uint64_t key,
		      struct error *error);
int store_unnamed_remove(struct store *store, enum store_place place, uint64_t key,
			 struct error *error);

/* Allowed prefixes; `ticket` and `until` are not used. */
int store_allow_put(struct store *store, const struct store_block *allow, struct error *error);
int store_allow_remove(struct store *store, const struct prefix *prefix, const char *origin,
		       struct error *error);
/* The rows of one prefix, of all origins. */
int store_allow_at(struct store *store, const struct prefix *prefix, store_block_each_t each,
		   void *data, struct error *error);
int store_allowlist(struct store *store, store_block_each_t each, void *data, struct error *error);

int store_iface_put(struct store *store, const struct store_iface *iface, struct error *error);
int store_iface_remove(struct store *store, const char *name, struct error *error);
int store_ifaces(struct store *store, void (*each)(const struct store_iface *iface, void *data),
		 void *data, struct error *error);

/* Names of interfaces that slash64 was ever on. */
int store_iface_see(struct store *store, const char *name, struct error *error);
bool store_iface_was_seen(struct store *store, const char *name);

/* A list of blocks, filtered and sorted. */
enum store_sort {
	SORT_PREFIX,
	SORT_ORIGIN,
	SORT_REASON,
	SORT_TICKET,
	SORT_START,
	SORT_UNTIL,
	SORT_HITS,
	SORT_LAST_HIT,
};

extern const char *const store_sort_names[];

/* Hits are not in the store: the caller passes a function that knows them. */
typedef void (*store_hits_t)(const struct prefix *prefix, uint64_t *hits, uint32_t *last_hit,
			     void *data);

/* Which entries; allowed prefixes come before blocks, and all of them: the filter applies to blocks
 * only.
 */
enum store_listed {
	STORE_LIST_BLOCKS,
	STORE_LIST_ALLOWLIST,
	STORE_LIST_BOTH,
};

struct store_filter {
	enum store_listed what;
	bool addresses; /* a row for each address; otherwise one for everything an origin lists of a prefix */
	bool has_within;
	struct prefix within;
	const char *origin, *reason, *ticket; /* NULL: any; matches a part of the reason */
	int kind;			      /* enum store_kind, or -1 */
	int64_t hits_min, hit_since, start_since, until_before; /* 0: any; seconds since 1970 */
	enum store_sort sort;
	bool reverse;
	int64_t limit; /* -1: all */
	int64_t offset;
	store_hits_t hits;
	void *data;
};

/* A snapshot of the store, read row by row over a connection of its own: later changes do not show,
 * and nobody waits for the reader.
 */
struct store_list;
int store_list_open(struct store *store, const struct store_filter *filter,
		    struct store_list **list, struct error *error);
struct task;
/* store_list_next() is called within that task, and pauses when its turn is over, also if it finds
 * nothing.
 */
void store_list_pace(struct store_list *list, struct task *task);
/* 1 and the next row, 0 at the end. */
int store_list_next(struct store_list *list, struct store_block *block, struct error *error);
/* Is that row an allowed prefix? */
bool store_list_at_allow(const struct store_list *list);
void store_list_close(struct store_list *list);

/* When this content of a feed was first taken. -ENOENT if it is other content, or there was none.
 */
int store_feed_get(struct store *store, const char *origin, uint64_t digest, int64_t *taken_ms);
int store_feed_put(struct store *store, const char *origin, uint64_t digest, int64_t taken_ms,
		   struct error *error);

/* Combines changes: all of them are on disk when commit returns 0, or none. Within another such
 * unit it is a part of that.
 */
int store_begin(struct store *store, struct error *error);
/* The same for changes that often write nothing: another process that holds the store matters only
 * once something is written.
 */
int store_begin_idle(struct store *store, struct error *error);
int store_commit(struct store *store, struct error *error);
/* Writes everything so far to the disk, without committing it: if the disk is full, this fails, and
 * not the commit, except for its last page.
 */
int store_flush(struct store *store, struct error *error);
void store_rollback(struct store *store);
/* Could a change start now? Writes nothing. */
int store_try(struct store *store, struct error *error);

#endif
