/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files about blocks share. */
#ifndef SLASH64_DAEMON_BLOCKS_INTERNAL_H
#define SLASH64_DAEMON_BLOCKS_INTERNAL_H

#include "blocks.h"

struct unit blocks_unit(const struct blocks *blocks, const struct prefix *prefix);

/* Bring the tables to it. */
int blocks_settle_wanted(struct blocks *blocks, const struct prefix *prefix, const struct wanted *wanted,
			 struct error *error);

/* What a store that is new does not know of the tables. */
int blocks_salvage(struct blocks *blocks, struct error *error);

void blocks_count_forms(struct blocks *blocks);

#endif
