/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of the blocklist: the buckets of sources, and the Bloom filter in front. */
#ifndef SLASH64_USER_SITES_H
#define SLASH64_USER_SITES_H

#include "buckets.h"
#include "maps.h"

struct sites {
	struct tables *tables;
	struct buckets buckets;
	/* of the block cache (struct s64_recent) */
	uint64_t generation;
	uint8_t *bloom_count; /* four bits for each bit of the filter: how many sources set it */
};

/* Takes over the contents of the maps. */
int sites_init(struct sites *sites, struct tables *tables, struct error *error);
void sites_free(struct sites *sites);

uint32_t sites_count(const struct sites *sites);

/* Inserts a source, or changes its info. 0; -ENOSPC if the table is full. The hits of a new source
 * start at 0.
 */
int sites_put(struct sites *sites, uint64_t site, uint8_t info);

/* Would an insertion find room? Changes nothing. */
bool sites_have_room(const struct sites *sites, uint64_t site);

/* Prefetches the bucket of a source that will be inserted soon: inserting many is mostly waiting
 * for memory.
 */
void sites_prefetch(const struct sites *sites, uint64_t site);

/* -ENOENT if the source is not in the table. */
int sites_remove(struct sites *sites, uint64_t site);

bool sites_has(const struct sites *sites, uint64_t site);
/* -1 if the source is not in the table. */
int sites_info(const struct sites *sites, uint64_t site);

/* Counts `packets` hits at time `now`. Does nothing if the source is not in the table. */
void sites_hit(struct sites *sites, uint64_t site, uint32_t packets, uint32_t now);

/* Sets hits counted earlier; does nothing if the source is not in the table. */
void sites_count_hits(struct sites *sites, uint64_t site, uint64_t hits, uint32_t last_hit);

/* Both 0 if the source is not in the table. */
void sites_hits(const struct sites *sites, uint64_t site, uint64_t *hits, uint32_t *last_hit);

/* Calls the function for every source, in no order. It may remove the source it was called for. */
typedef void (*sites_each_t)(struct sites *sites, uint64_t site, void *data);
void sites_each(struct sites *sites, sites_each_t each, void *data);

#endif
