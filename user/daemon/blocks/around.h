/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries for the prefixes that contain a given one. */
#ifndef SLASH64_DAEMON_BLOCKS_AROUND_H
#define SLASH64_DAEMON_BLOCKS_AROUND_H

#include "daemon/store/block_copy.h"
#include "blocks.h"

/* The strictest entry, not expired, of the nearest prefix around it that has any, not counting
 * itself. copy->found is false if there is none.
 */
int blocks_around(const struct blocks *blocks, const struct prefix *prefix, struct block_copy *copy,
		  struct error *error);

/* All entries of all prefixes around it, the nearest first, not counting itself. */
int blocks_around_each(const struct blocks *blocks, const struct prefix *prefix,
		       store_block_each_t each, void *data, struct error *error);

/* The strictest entry of the prefix itself, leaving out what `origin` listed as exactly `said`. */
int blocks_said_by_others(const struct blocks *blocks, const struct prefix *prefix,
			  const char *origin, const struct prefix *said, struct block_copy *copy,
			  struct error *error);

/* "2001:db8::/32 is blocked by operator until 2026-11-26T20:00:00Z (echo flood) [NOC-4711]" */
#define BLOCK_SAYS_MAX 512
const char *block_says(const struct store_block *row, char text[BLOCK_SAYS_MAX]);

#endif
