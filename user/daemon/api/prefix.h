/* SPDX-License-Identifier: GPL-2.0-only */
/* The prefix that a request names. */
#ifndef SLASH64_DAEMON_API_PREFIX_H
#define SLASH64_DAEMON_API_PREFIX_H

#include "base/error.h"
#include "net/prefix.h"
#include "net/block_target.h"

struct daemon;

/* Parsed and resolved once, for everything that a request does with it. */
struct named_prefix {
	struct prefix prefix; /* in the stored form; as written if it cannot be a target */
	struct prefix said;   /* as in struct store_block */
	bool is_source;
	int err; /* of block_target_of(): 0; -EDOM, not safe to block; -EINVAL, no target */
	struct error why;		  /* unless err is 0 */
	char note[BLOCK_TARGET_NOTE_MAX]; /* for the answer; "" for nothing */
};

/* text NULL: it is missing. -EINVAL if it is no prefix; one that is no target is not refused here. */
int prefix_resolve(const struct daemon *daemon, const char *text, struct named_prefix *named,
		   struct error *error);
void prefix_resolve_parsed(const struct daemon *daemon, const struct prefix *prefix,
			   enum prefix_note note, struct named_prefix *named);

#endif
