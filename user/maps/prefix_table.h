/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of the table of prefixes (headers/slash64/maps.h): blocks of any length other than a
 * source's, and allowed prefixes.
 */
#ifndef SLASH64_MAPS_PREFIX_TABLE_H
#define SLASH64_MAPS_PREFIX_TABLE_H

#include "buckets.h"
#include "source_index.h"
#include "net/prefix_set.h"
#include "maps.h"

struct prefixes {
	struct maps *maps;
	struct buckets buckets;
	struct source_index source_index;
	struct prefix_set blocked; /* or throttled */
	struct prefix_set allowed;
	uint32_t (*length_count)[129]; /* by slot: how many prefixes of each length */
	bool keeps;		       /* it contains keys whose prefixes are unknown */
};

/* Takes over the contents of the maps. They contain only hashes of the prefixes. Each prefix must
 * be put in again; prefixes_prune() then removes the others, except for `keep`, a sorted list of
 * keys.
 */
int prefixes_init(struct prefixes *prefixes, struct maps *maps, struct error *error);
void prefixes_prune(struct prefixes *prefixes, const uint64_t *keep, size_t keeps,
		    const struct pace *pace);

/* The key of a prefix in the table: a hash of it. */
uint64_t prefixes_key(const struct prefixes *prefixes, const struct prefix *prefix);
void prefixes_free(struct prefixes *prefixes);

/* Inserts a prefix, or changes its info (S64_PREFIX_ALLOW, S64_BLOCK_THROTTLE and its index, 0).
 * -ENOSPC, -ENOMEM.
 */
int prefixes_put(struct prefixes *prefixes, const struct prefix *prefix, uint8_t info);

/* Would an insertion find room? Changes nothing. */
bool prefixes_have_room(const struct prefixes *prefixes, const struct prefix *prefix);

/* -ENOENT if the prefix is not in the table. */
int prefixes_remove(struct prefixes *prefixes, const struct prefix *prefix);

/* The info, or -1 if the prefix is not in the table. */
int prefixes_info(const struct prefixes *prefixes, const struct prefix *prefix);

void prefixes_hit(struct prefixes *prefixes, const struct prefix *prefix, uint32_t packets,
		  uint32_t now);
void prefixes_count_hits(struct prefixes *prefixes, const struct prefix *prefix, uint64_t hits,
			 uint32_t last_hit);
void prefixes_hits(const struct prefixes *prefixes, const struct prefix *prefix, uint64_t *hits,
		   uint32_t *last_hit);

/* source_index_wait_begins(), source_index_wait_is_over(). Does an entry wait for a page? */
bool prefixes_wait_begins(struct prefixes *prefixes);
bool prefixes_wait_is_over(struct prefixes *prefixes);
/* Gives free pages to entries that wait for one. */
void prefixes_promote(struct prefixes *prefixes, const struct pace *pace);

#endif
