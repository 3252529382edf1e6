/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of the blocks of exact sites: their buckets, and the Bloom filter before them. */
#ifndef SLASH64_USER_SITES_H
#define SLASH64_USER_SITES_H

#include "buckets.h"
#include "maps.h"

struct sites {
	struct tables *tables;
	struct buckets buckets;
	/* of what the fast path holds for blocked lately (struct s64_recent) */
	uint64_t generation;
	uint8_t *bloom_count; /* four bits for each bit of the filter: how many sites set it */
};

/* Takes over what the tables hold. */
int sites_init(struct sites *sites, struct tables *tables, struct error *error);
void sites_free(struct sites *sites);

uint32_t sites_count(const struct sites *sites);

/* Put a site in, or give it another info. 0; -ENOSPC where the table is full. Its counts start at 0 when it
 * is new.
 */
int sites_put(struct sites *sites, uint64_t site, uint8_t info);

/* Would that find room? Nothing changes. */
bool sites_have_room(const struct sites *sites, uint64_t site);

/* Have the memory of a site that will be put in soon at hand: of many, most of the time goes into waiting. */
void sites_prefetch(const struct sites *sites, uint64_t site);

/* -ENOENT where it is not there. */
int sites_remove(struct sites *sites, uint64_t site);

bool sites_has(const struct sites *sites, uint64_t site);
/* -1 where the site is not there. */
int sites_info(const struct sites *sites, uint64_t site);

/* Note `packets` hits at time `now`. Nothing where the site is not there. */
void sites_hit(struct sites *sites, uint64_t site, uint32_t packets, uint32_t now);

/* What was counted before; nothing where the site is not there. */
void sites_count_hits(struct sites *sites, uint64_t site, uint64_t hits, uint32_t last_hit);

/* Both 0 where the site is not there. */
void sites_hits(const struct sites *sites, uint64_t site, uint64_t *hits, uint32_t *last_hit);

/* Every site, in no order. The function may remove the one it is given. */
typedef void (*sites_each_t)(struct sites *sites, uint64_t site, void *data);
void sites_each(struct sites *sites, sites_each_t each, void *data);

#endif
