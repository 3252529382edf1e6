/* SPDX-License-Identifier: GPL-2.0-only */
/* The changes an import has to make: its entries, without those that a guard rail refuses, compared
 * with what is there already.
 */
#ifndef SLASH64_DAEMON_IMPORT_PLAN_H
#define SLASH64_DAEMON_IMPORT_PLAN_H

#include "daemon/blocks/blocks.h"
#include "daemon/guards/guard_rails.h"
#include "entries.h"

/* Why an entry is refused. */
enum import_cause {
	IMPORT_NO_SOURCE, /* it is no prefix that can be blocked, or several sources behind one */
	IMPORT_GUARDED,
	IMPORT_ALLOWED, /* within an allowed prefix */
	IMPORT_NO_ROOM,
	IMPORT_CAUSES
};

typedef void (*import_refused_t)(const struct import_entry *entry, enum import_cause cause,
				 const char *why, void *data);

struct import_guard_rails {
	const struct blocks *blocks;
	struct protected_addresses *protection;
	const struct guards_caller *caller;
	bool force;
	import_refused_t refused;
	void *data;
};

/* Marks refused entries, and reports them. The entries are sorted. */
void import_check_guard_rails(const struct import_guard_rails *guard_rails,
			      struct import_entries *entries);

/* The changes for one origin. */
struct import_origin_plan {
	const char *origin;
	struct blocks_change *put;
	struct import_entry **from; /* the entry of each put */
	size_t puts, puts_room;
	struct blocks_key *remove;
	size_t removes, removes_room;
};

struct import_plan {
	bool replace;
	struct import_origin_plan *origin;
	size_t origins;
	uint64_t added, changed, removed, unchanged;
	uint64_t left_out;   /* lines of the list that are not in it, for the log */
	uint64_t had, stays; /* the number of the origin's rows, before and after */
};

/* All entries are of that origin, which may have none. */
int import_plan(struct blocks *blocks, struct import_entries *entries, const char *origin,
		struct import_plan *plan, struct error *error);
int import_apply(struct blocks *blocks, const struct actor *actor, struct import_plan *plan,
		 import_refused_t refused, void *data, struct error *error);
/* Which of its entries import_apply() would refuse; changes nothing. */
int import_rehearse(const struct blocks *blocks, struct import_plan *plan, import_refused_t refused,
		    void *data, struct error *error);
/* Plans and applies one origin of the entries after the other, because the entries of one count for
 * the next; within a transaction. `refused` NULL: only plans.
 */
int import_restore(struct blocks *blocks, const struct actor *actor, struct import_entries *entries,
		   struct import_plan *plan, import_refused_t refused, void *data,
		   struct error *error);
/* The transaction was rolled back: brings the maps back to the store. */
void import_unapply(struct blocks *blocks, const struct import_plan *plan);
void import_plan_free(struct import_plan *plan, struct changes *changes);

#endif
