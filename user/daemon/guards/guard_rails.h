/* SPDX-License-Identifier: GPL-2.0-only */
/* The guard rails: a block that a person may not have meant is refused, unless they insist. One
 * function decides for a block by hand, for an entry of a list or of the configuration, and for what
 * an undo blocks again; guard_rails.c has a table of which rails hold for which of them.
 */
#ifndef SLASH64_DAEMON_GUARDS_GUARD_RAILS_H
#define SLASH64_DAEMON_GUARDS_GUARD_RAILS_H

#include "net/block_target.h"
#include "net/prefix_set.h"
#include "protected_addresses.h"

/* What a block is checked against. */
struct guard_rails {
	const struct prefix_set *allowed;
	struct protected_addresses *protection;
	const struct guards_caller *caller; /* NULL: slash64d itself */
};

enum guard_rails_by {
	GUARD_RAILS_BY_HAND,
	GUARD_RAILS_BY_LIST,
	GUARD_RAILS_BY_CONFIG,
	GUARD_RAILS_BY_UNDO, /* it comes back, also as an allowed prefix goes */
};

/* The rail that refuses. */
enum guard_rails_cause {
	GUARD_RAILS_NONE,
	GUARD_RAILS_NO_SOURCE, /* several sources behind one prefix, or none */
	GUARD_RAILS_ALLOWED,
	GUARD_RAILS_EVERYTHING, /* refused even with force */
	GUARD_RAILS_SHORT,
	GUARD_RAILS_PROTECTED,
	GUARD_RAILS_WIDE, /* `wide` is enough */
};

struct guard_rails_request {
	enum guard_rails_by by;
	const struct prefix *prefix; /* in the stored form */
	bool is_source;
	/* why block_target_of() holds it for unsafe; NULL: it does not */
	const struct error *unsafe;
	const char *note; /* what it says of it, for the answer; NULL or "": nothing */
	bool force;
	/* however much it covers: they were told, or it is blocked already */
	bool wide;
};

/* What to report about a block, beside the verdict. */
struct guard_rails_answer {
	enum guard_rails_cause cause;
	char note[BLOCK_TARGET_NOTE_MAX * 2]; /* "" for nothing */
};

/* A prefix wider than these is more than one customer has: the refusal says how much that is, and
 * asks for confirmation.
 */
#define GUARD_RAILS_WIDE_LENGTH	   48
#define GUARD_RAILS_WIDE_LENGTH_V4 24

/* 0, or -EPERM if it takes force, or -EINVAL if nothing helps; *error says why, with its code. */
int guard_rails_check(const struct guard_rails *guard_rails,
		      const struct guard_rails_request *request, struct guard_rails_answer *answer,
		      struct error *error);

/* The same without the protected addresses. A long list is checked with this, and with the other
 * only where protected_addresses_list() and protected_addresses_networks() lead.
 */
int guard_rails_check_alone(const struct guard_rails *guard_rails,
			    const struct guard_rails_request *request,
			    struct guard_rails_answer *answer, struct error *error);

#endif
