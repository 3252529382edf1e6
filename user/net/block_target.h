/* SPDX-License-Identifier: GPL-2.0-only */
/* What a prefix is to the maps: a whole source, or a prefix that is searched for. And whether a
 * person can have meant it: a /64 that contains the whole IPv4 Internet is refused.
 */
#ifndef SLASH64_NET_BLOCK_TARGET_H
#define SLASH64_NET_BLOCK_TARGET_H

#include "source_rules.h"

#define BLOCK_TARGET_NOTE_MAX 256

/* A shorter prefix is more than one network, and is blocked only if somebody insists: a registry
 * gives one network up to a /29 without justification.
 */
#define BLOCK_TARGET_LENGTH_MIN	   29
#define BLOCK_TARGET_V4_LENGTH_MIN 13

struct block_target {
	/* in the stored form: every form of an IPv4 host is stored as its IPv4 address */
	struct prefix prefix;
	bool is_source;
	uint64_t src_key; /* if it is a source */
};

/* What was written, if it differs from the stored prefix: an address that stands for its source, or
 * another form of an IPv4 address. Of length 0 if it is the prefix itself.
 */
struct prefix block_target_said(const struct block_target *target, const struct prefix *prefix);

/* The target of a prefix in the stored form; cannot fail. */
struct block_target block_target_of_stored(const struct source_rules *rules,
					   const struct s64_seed *seed,
					   const struct prefix *prefix);

/* The target of a prefix that somebody wrote, or (`note` PREFIX_WAS_ADDRESS) of an address, which
 * stands for its source. `said`, which may be NULL, is what the answer should say about it, or "".
 * -EINVAL if it cannot be a target. -EDOM if it is not safe to block; then *unit is filled in too,
 * for those who insist.
 */
int block_target_of(const struct source_rules *rules, const struct s64_seed *seed,
		    const struct prefix *prefix, enum prefix_note note, struct block_target *target,
		    char said[BLOCK_TARGET_NOTE_MAX], struct error *error);

#endif
