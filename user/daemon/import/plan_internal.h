/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of a plan: the entries of one origin. */
#ifndef SLASH64_DAEMON_IMPORT_PLAN_INTERNAL_H
#define SLASH64_DAEMON_IMPORT_PLAN_INTERNAL_H

#include "plan.h"

/* The entries of one origin: entry[0..count). */
struct import_group {
	struct import_entry *entry;
	size_t count;
};

struct import_group import_group_at(const struct import_entries *entries, size_t at,
				    struct changes *changes);

/* Adds the changes for one origin to the plan. */
int import_plan_group(struct blocks *blocks, const struct import_group *group, const char *origin,
		      struct import_plan *plan, struct error *error);

static inline bool import_entry_is_block(const struct import_entry *entry)
{
	return !entry->refused && (entry->kind == FEED_BLOCK || entry->kind == FEED_THROTTLE);
}

#endif
