/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of prefixes in memory: which of them lies around another, or within it? */
#ifndef SLASH64_USER_PREFIX_SET_H
#define SLASH64_USER_PREFIX_SET_H

#include <stddef.h>

#include "prefix.h"

struct prefix_set {
	struct prefix *entry; /* sorted by prefix_compare() */
	size_t count, room;
	unsigned int of_length[129];
};

void prefix_set_free(struct prefix_set *set);

/* 0, also where it is there already; -ENOMEM. */
int prefix_set_add(struct prefix_set *set, const struct prefix *prefix);
void prefix_set_remove(struct prefix_set *set, const struct prefix *prefix);

bool prefix_set_has(const struct prefix_set *set, const struct prefix *prefix);

/* The longest that contains this one, itself included, or NULL. */
const struct prefix *prefix_set_around(const struct prefix_set *set, const struct prefix *prefix);

/* One that lies within this one and is longer, or NULL. */
const struct prefix *prefix_set_within(const struct prefix_set *set, const struct prefix *prefix);

#endif
