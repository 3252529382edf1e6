/* SPDX-License-Identifier: GPL-2.0-only */
/* The guard rails: a block that a person may not have meant is refused, unless they insist. */
#ifndef SLASH64_DAEMON_GUARDS_GUARD_RAILS_H
#define SLASH64_DAEMON_GUARDS_GUARD_RAILS_H

#include "net/block_target.h"
#include "net/prefix_set.h"
#include "protected_addresses.h"

/* What a request is checked against. */
struct guard_rails {
	const struct source_rules *rules;
	const struct s64_seed *seed;
	const struct prefix_set *allowed;
	struct protected_addresses *protection;
};

/* Who asks, and how. */
struct guard_rails_request {
	struct prefix prefix; /* as written */
	enum prefix_note note;
	bool force;
	/* however much it covers: they were told, or it is blocked already */
	bool wide;
	const struct in6_addr *ssh; /* where the operator is logged in from */
	size_t ssh_count;
};

/* What to report about a block, beside the verdict. */
struct guard_rails_answer {
	struct block_target target;
	/* the number of prefixes of that length, if it is refused for that alone; otherwise 0 */
	uint64_t covers;
	char note[BLOCK_TARGET_NOTE_MAX * 2]; /* "" for nothing */
};

/* A prefix wider than these is more than one customer has: the answer says how much that is, and
 * asks for confirmation.
 */
#define GUARD_RAILS_WIDE    48
#define GUARD_RAILS_WIDE_V4 24

/* 0, or -EPERM if it takes force, or -EINVAL if nothing helps; *error says why, with its code. */
int guard_rails_check(const struct guard_rails *guard_rails,
		      const struct guard_rails_request *request, struct guard_rails_answer *answer,
		      struct error *error);

#endif
