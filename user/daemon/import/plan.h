/* SPDX-License-Identifier: GPL-2.0-only */
/* What an import has to do: its entries, without those that a guard rail refuses, less what is there already. */
#ifndef SLASH64_DAEMON_IMPORT_DIFFERENCE_H
#define SLASH64_DAEMON_IMPORT_DIFFERENCE_H

#include "daemon/blocks/blocks.h"
#include "daemon/guards/protected_addresses.h"
#include "entries.h"

/* Why an entry is not taken. */
enum import_cause {
	IMPORT_NO_SOURCE, /* it is no prefix to block at all, or several sites behind one */
	IMPORT_GUARDED,
	IMPORT_ALLOWED, /* within an allowed prefix */
	IMPORT_NO_ROOM,
	IMPORT_CAUSES
};

typedef void (*import_refused_t)(const struct import_entry *entry, enum import_cause cause,
				 const char *why, void *data);

struct import_rails {
	const struct blocks *blocks;
	struct guards *guards;
	bool force;
	import_refused_t refused;
	void *data;
};

/* Marks what is refused, and tells of it. The entries are sorted. */
void import_check_rails(const struct import_rails *rails, struct import_entries *entries);

/* The difference of one origin. */
struct import_origin_plan {
	const char *origin;
	struct blocks_change *put;
	struct import_entry **from; /* of each put, the entry */
	size_t puts, puts_room;
	struct blocks_key *remove;
	size_t removes, removes_room;
};

struct import_plan {
	bool replace;
	struct import_origin_plan *origin;
	size_t origins;
	uint64_t added, changed, removed, unchanged;
	uint64_t had, stays; /* rows that the origin has, and will have */
};

/* All entries are of that origin, which may have none. */
int import_plan(struct blocks *blocks, struct import_entries *entries, const char *origin,
		struct import_plan *plan, struct error *error);
int import_apply(struct blocks *blocks, struct import_plan *plan, import_refused_t refused,
		 void *data, struct error *error);
/* What of it import_apply() would refuse; nothing changes. */
int import_rehearse(const struct blocks *blocks, struct import_plan *plan, import_refused_t refused,
		    void *data, struct error *error);
/* Both, an origin of the entries after the other, as what one says of a prefix counts for the next; within a transaction.
 * `refused` NULL: it is planned only.
 */
int import_restore(struct blocks *blocks, struct import_entries *entries, struct import_plan *plan,
		   import_refused_t refused, void *data, struct error *error);
/* The transaction was rolled back: the tables go back to what the store says. */
void import_unapply(struct blocks *blocks, const struct import_plan *plan);
void import_plan_free(struct import_plan *plan, struct changes *changes);

#endif
