/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of prefixes in memory: which of them lies around another, or within it? In pieces, so that to put one in, or
 * take one out, moves no more than a piece, however many there are.
 */
#ifndef SLASH64_USER_PREFIX_SET_H
#define SLASH64_USER_PREFIX_SET_H

#include <stddef.h>

#include "prefix.h"

struct prefix_piece;

struct prefix_set {
	struct prefix_piece **piece; /* sorted by prefix_compare(), none of them empty */
	size_t pieces, room;
	size_t count; /* prefixes */
	unsigned int of_length[129];
};

void prefix_set_free(struct prefix_set *set);

/* 0, also where it is there already; -ENOMEM. */
int prefix_set_add(struct prefix_set *set, const struct prefix *prefix);
void prefix_set_remove(struct prefix_set *set, const struct prefix *prefix);

bool prefix_set_has(const struct prefix_set *set, const struct prefix *prefix);

/* The first behind that one, or of all where it is NULL; NULL behind the last. Valid until the set is changed, and one
 * that is gone has still a next.
 */
const struct prefix *prefix_set_next(const struct prefix_set *set, const struct prefix *prefix);

/* The longest that contains this one, itself included, or NULL. */
const struct prefix *prefix_set_around(const struct prefix_set *set, const struct prefix *prefix);

/* One that lies within this one and is longer, or NULL. */
const struct prefix *prefix_set_within(const struct prefix_set *set, const struct prefix *prefix);

#endif
