/* SPDX-License-Identifier: GPL-2.0-only */
/* The audit trail: every change of what the store holds, in the store itself, written as one with the change, so
 * that there is no change without its row, and no row without its change.
 */
#ifndef SLASH64_DAEMON_STORE_LOG_H
#define SLASH64_DAEMON_STORE_LOG_H

#include "store.h"

/* Whose doing the next changes are. */
struct store_actor {
	int64_t uid, pid; /* as the kernel says of the socket's other end; -1: slash64d itself */
	char who[64];	  /* the name of the uid, or "slash64d" */
	/* from where: "socket", the SSH client's address behind it, "feed FILE", "config FILE" */
	char source[192];
	/* the number of the first row of what a person changes as one; 0: there is none yet */
	int64_t batch;
	bool undoes; /* it takes back another change, and is not taken back itself */
};

struct store_change {
	int64_t number, at_ms; /* filled in by store_log_add() */
	/* block, throttle, unblock, end, allow, disallow, attach, detach, import, ... */
	const char *action;
	struct store_actor actor; /* filled in by it too */
	bool has_prefix;
	struct prefix prefix;
	const char *origin, *reason, *ticket, *detail; /* NULL: none */
	int64_t until_ms;			       /* 0: none */
	/* what it takes to take it back (undo_text.h); NULL: it cannot be */
	const char *undo;
	bool by_rows;	 /* the rows behind it have that */
	bool is_nothing; /* it changes nothing by itself; rows behind it may */
	bool stands;	 /* for the rows before it too, as what cannot be taken back */
};

/* Of the first row of what a person changes as one: can it be taken back? It is NULL where there is nothing to take back,
 * and where that has been done.
 */
enum store_undoable {
	STORE_UNDOABLE = 1,
	STORE_NOT_UNDOABLE = 2,
};

extern const struct store_actor store_itself; /* slash64d */

/* NULL: slash64d itself. */
void store_set_actor(struct store *store, const struct store_actor *actor);
void store_get_actor(const struct store *store, struct store_actor *actor);

int store_log_add(struct store *store, const struct store_change *change, struct error *error);
/* A change of a block or an allowed prefix. */
int store_log_block(struct store *store, const char *action, const struct store_block *block,
		    struct error *error);
/* The same, with what was before in words ("" for nothing), and what it takes to take it back. */
int store_log_block_change(struct store *store, const char *action, const struct store_block *block,
			   const char *before, const char *undo, struct error *error);

/* Forget what is older than that, and the oldest above so many; at most `limit` of them: 1 where there may be more. */
int store_log_prune(struct store *store, int64_t before_ms, int64_t keep, unsigned int limit,
		    struct error *error);

struct store_log_filter {
	bool has_prefix;
	struct prefix prefix;	    /* what is within it, and what it is within */
	int64_t since_ms, until_ms; /* 0: any */
	int64_t limit;		    /* the newest so many; -1: all */
	bool reverse;		    /* the newest first */
};

/* As it is at this moment, the oldest first if not reversed, read row by row on a connection of its own. */
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
