/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of prefixes in memory: which of them contains another, or is contained in it? In pieces, so
 * that inserting or removing moves at most one piece, however many there are.
 */
#ifndef SLASH64_NET_PREFIX_SET_H
#define SLASH64_NET_PREFIX_SET_H

#include <stddef.h>

#include "prefix.h"

struct prefix_piece;

struct prefix_set {
	struct prefix_piece **piece; /* sorted by prefix_compare(), none of them empty */
	size_t pieces, room;
	size_t count; /* number of prefixes */
	unsigned int of_length[129];
};

void prefix_set_free(struct prefix_set *set);

/* 0, also if it is in the set already; -ENOMEM. */
int prefix_set_add(struct prefix_set *set, const struct prefix *prefix);
/* Adds all of them; -ENOMEM: some are. */
int prefix_set_copy(struct prefix_set *set, const struct prefix_set *from);
void prefix_set_remove(struct prefix_set *set, const struct prefix *prefix);

bool prefix_set_has(const struct prefix_set *set, const struct prefix *prefix);

/* The first entry after that one, or the first of all if it is NULL; NULL after the last. Valid
 * until the set changes. An entry that was removed still has a next one.
 */
const struct prefix *prefix_set_next(const struct prefix_set *set, const struct prefix *prefix);

/* The longest entry that contains this prefix or equals it, or NULL. */
const struct prefix *prefix_set_around(const struct prefix_set *set, const struct prefix *prefix);

/* An entry within this prefix and longer than it, or NULL. */
const struct prefix *prefix_set_within(const struct prefix_set *set, const struct prefix *prefix);

#endif
