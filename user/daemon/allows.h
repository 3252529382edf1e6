/* SPDX-License-Identifier: GPL-2.0-only */
/* The allowed prefixes in memory, to be asked for each block that is written. */
#ifndef SLASH64_DAEMON_ALLOWS_H
#define SLASH64_DAEMON_ALLOWS_H

#include <stddef.h>

#include "prefix.h"

struct allows {
	struct prefix *entry; /* sorted by prefix_compare() */
	size_t count, room;
	unsigned int of_length[129];
};

void allows_free(struct allows *allows);

/* 0, also where it is there already; -ENOMEM. */
int allows_add(struct allows *allows, const struct prefix *prefix);
void allows_remove(struct allows *allows, const struct prefix *prefix);

/* The longest allowed prefix that contains this one, or NULL. */
const struct prefix *allows_around(const struct allows *allows, const struct prefix *prefix);

/* An allowed prefix that lies within this one and is longer, or NULL. */
const struct prefix *allows_within(const struct allows *allows, const struct prefix *prefix);

#endif
