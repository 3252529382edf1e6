/* SPDX-License-Identifier: GPL-2.0-only */
/* The audit log: every change of the store's contents, in the store itself, in the same
 * transaction. There is no change without its row, and no row without its change.
 */
#ifndef SLASH64_DAEMON_STORE_LOG_AUDIT_LOG_H
#define SLASH64_DAEMON_STORE_LOG_AUDIT_LOG_H

#include "actor.h"
#include "daemon/store/store.h"

struct store_change {
	int64_t number, at_ms; /* set by store_log_add() */
	/* block, throttle, unblock, end, allow, disallow, attach, detach, import, ... */
	const char *action;
	struct actor actor; /* of a row that was read */
	bool has_prefix;
	struct prefix prefix;
	const char *origin, *reason, *ticket, *detail; /* NULL: none */
	int64_t until_ms;			       /* 0: none */
	/* what it takes to take it back (undo_text.h); NULL: it cannot be */
	const char *undo;
	bool by_rows;	 /* the following rows carry that data */
	bool is_nothing; /* changes nothing by itself; following rows may */
	bool stands;	 /* cannot be undone, and neither can the rows before it */
};

/* For the first row of a person's change: can it be undone? NULL if there is nothing to undo, or if
 * it was undone already.
 */
enum store_undoable {
	STORE_UNDOABLE = 1,
	STORE_NOT_UNDOABLE = 2,
};

int store_log_add(struct store *store, const struct actor *actor, const struct store_change *change,
		  struct error *error);
/* Logs a change of a block or an allowed prefix. */
int store_log_block(struct store *store, const struct actor *actor, const char *action,
		    const struct store_block *block, struct error *error);
/* The same, with the previous state in words ("" for nothing), and the data needed to undo it. */
int store_log_block_change(struct store *store, const struct actor *actor, const char *action,
			   const struct store_block *block, const char *before, const char *undo,
			   struct error *error);

/* Deletes rows older than that, and the oldest beyond that number; at most `limit` of them. 1 if
 * there may be more.
 */
int store_log_prune(struct store *store, int64_t before_ms, int64_t keep, unsigned int limit,
		    struct error *error);

struct store_log_filter {
	bool has_prefix;
	struct prefix prefix;	    /* prefixes within it, and prefixes that contain it */
	int64_t since_ms, until_ms; /* 0: any */
	bool has_after;
	int64_t after; /* only rows with a higher number */
	int64_t limit; /* the newest, or behind `after` the oldest; -1: all */
	bool reverse;  /* the newest first */
};

/* Is the row about such a prefix? */
bool store_log_is_near(const struct store_change *change, const struct prefix *prefix);

/* The number of the last row that there ever was; 0: none. -errno. */
int64_t store_log_last(struct store *store, struct error *error);

/* What tells this log from that of another store, whose numbers mean other changes. */
#define STORE_LOG_IDENTITY_MAX 40
int store_log_identity(struct store *store, char identity[STORE_LOG_IDENTITY_MAX],
		       struct error *error);

/* At most `limit` committed rows with a higher number, oldest first. Holds nothing afterwards.
 * Returns how many there were, or -errno. The callback returns false to stop.
 */
typedef bool (*store_log_each_t)(const struct store_change *change, void *data);
int store_log_after(struct store *store, int64_t number, unsigned int limit, store_log_each_t each,
		    void *data, struct error *error);

/* Called after each commit, which may have added rows. It must not use the store. */
void store_on_commit(struct store *store, void (*on_commit)(void *data), void *data);

/* A snapshot of the log, oldest first unless reversed, read row by row over a connection of its
 * own.
 */
struct store_log;
int store_log_open(struct store *store, const struct store_log_filter *filter,
		   struct store_log **log, struct error *error);
/* As store_list_pace(). */
struct task;
void store_log_pace(struct store_log *log, struct task *task);
/* 1 and the next change, whose texts are valid until the next call; 0 at the end. */
int store_log_next(struct store_log *log, struct store_change *change, struct error *error);
void store_log_close(struct store_log *log);

#endif
