/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of the blocklist: the buckets of sources, and the Bloom filter in front. */
#ifndef SLASH64_MAPS_BLOCKLIST_H
#define SLASH64_MAPS_BLOCKLIST_H

#include "buckets.h"
#include "maps.h"

struct blocklist {
	struct maps *maps;
	struct buckets buckets;
	/* of the block cache (struct s64_block_cache) */
	uint64_t generation;
	uint8_t *bloom_count; /* four bits for each bit of the filter: how many sources set it */
};

/* Takes over the contents of the maps. */
int sources_init(struct blocklist *blocklist, struct maps *maps, struct error *error);
void sources_free(struct blocklist *blocklist);

uint32_t sources_count(const struct blocklist *blocklist);

/* Inserts a source, or changes its info. 0; -ENOSPC if the table is full. The hits of a new source
 * start at 0.
 */
int sources_put(struct blocklist *blocklist, uint64_t src_key, uint8_t info);

/* Would an insertion find room? Changes nothing. */
bool sources_have_room(const struct blocklist *blocklist, uint64_t src_key);

/* Prefetches the bucket of a source that will be inserted soon: inserting many is mostly waiting
 * for memory.
 */
void sources_prefetch(const struct blocklist *blocklist, uint64_t src_key);

/* -ENOENT if the source is not in the table. */
int sources_remove(struct blocklist *blocklist, uint64_t src_key);

bool sources_has(const struct blocklist *blocklist, uint64_t src_key);
/* -1 if the source is not in the table. */
int sources_info(const struct blocklist *blocklist, uint64_t src_key);

/* Counts `packets` hits at time `now`. Does nothing if the source is not in the table. */
void sources_hit(struct blocklist *blocklist, uint64_t src_key, uint32_t packets, uint32_t now);

/* Sets hits counted earlier; does nothing if the source is not in the table. */
void sources_count_hits(struct blocklist *blocklist, uint64_t src_key, uint64_t hits,
			uint32_t last_hit);

/* Both 0 if the source is not in the table. */
void sources_hits(const struct blocklist *blocklist, uint64_t src_key, uint64_t *hits,
		  uint32_t *last_hit);

/* Calls the function for every source, in no order. It may remove the source it was called for. */
typedef void (*sources_each_t)(struct blocklist *blocklist, uint64_t src_key, void *data);
void sources_each(struct blocklist *blocklist, sources_each_t each, void *data);

#endif
