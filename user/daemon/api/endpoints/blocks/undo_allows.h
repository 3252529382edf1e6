/* SPDX-License-Identifier: GPL-2.0-only */
/* The allowed prefixes that an undo takes away: several of them may go at once, and only one of
 * several origins may end.
 */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_UNDO_ALLOWS_H
#define SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_UNDO_ALLOWS_H

#include "daemon/daemon.h"
#include "net/limits.h"

struct undo_allow {
	struct prefix prefix;
	char origin[ORIGIN_TEXT_MAX];
	bool stays; /* as it was before, or with another reason */
	size_t order;
};

struct undo_allows {
	struct undo_allow *entry;
	size_t count;
};

/* Of several for one origin, the last one added counts. -ENOMEM. */
int undo_allows_add(struct undo_allows *allows, const struct prefix *prefix, const char *origin,
		    bool stays);
void undo_allows_free(struct undo_allows *allows);

/* As kept_out_refuse(). */
int undo_allows_check(struct daemon *daemon, struct undo_allows *allows,
		      const struct guards_caller *caller, struct error *error);

#endif
