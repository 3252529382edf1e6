/* SPDX-License-Identifier: GPL-2.0-only */
/* The blocks that an allowed prefix keeps out of force: when it goes, they take force, and may lock
 * somebody out who was let in by it alone. Whatever takes an allowed prefix away asks here: unallow,
 * undo, and a configuration that does not contain it any more.
 */
#ifndef SLASH64_DAEMON_BLOCKS_KEPT_OUT_H
#define SLASH64_DAEMON_BLOCKS_KEPT_OUT_H

#include "blocks.h"
#include "daemon/guards/guard_rails.h"

struct kept_out {
	struct blocks *blocks;
	struct protected_addresses *protection;
	const struct guards_caller *caller;
	const struct prefix_set *going; /* allowed prefixes */
	const struct prefix_set *after; /* all that are allowed when they have gone */
	/* the entries of the configuration do not count: it checks them by itself */
	bool without_config;
};

/* -EPERM if something would be blocked then that a guard rail protects: *allowed is the prefix that
 * keeps it out, *blocked what it is, and *error the sentence of the guard rail.
 */
int kept_out_check(const struct kept_out *kept_out, struct prefix *allowed, struct prefix *blocked,
		   struct error *error);

/* The same in the words of a request that may be forced. */
int kept_out_refuse(const struct kept_out *kept_out, struct error *error);

/* The same for one prefix, which is allowed by nobody then. */
int kept_out_refuse_one(struct blocks *blocks, struct protected_addresses *protection,
			const struct guards_caller *caller, const struct prefix *allowed,
			struct error *error);

/* The number of prefixes in it that are blocked or throttled, and that no allowed prefix contains: what
 * goes out of force if it is allowed, and what has come into force if it was.
 */
int kept_out_count(struct blocks *blocks, const struct prefix *within, uint64_t *count,
		   struct error *error);

/* Of "P is not blocked: it covers A (BGP peer); hint" what comes between. */
const char *kept_out_cause(struct error *why);

#endif
