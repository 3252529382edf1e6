/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of a bucket table (headers/slash64/maps.h, "blocklist: sources"): each key has two
 * buckets to choose from, and a reader never misses a key that stays. Beside the table are hits, by
 * slot, which the datapath does not see.
 */
#ifndef SLASH64_MAPS_BUCKETS_H
#define SLASH64_MAPS_BUCKETS_H

#include <slash64/maps.h>
#include <stdbool.h>
#include <stdint.h>

#define BUCKETS_NO_SLOT UINT64_MAX

struct buckets {
	struct s64_bucket *bucket;
	uint32_t buckets;
	uint32_t keys;			      /* number of keys */
	uint32_t throttled[S64_THROTTLE_MAX]; /* number of keys whose info names that throttle */
	const struct s64_seed *seed;	      /* NULL: a key is its own hash */
	/* by slot: bucket * S64_BUCKET_KEYS + position; NULL: hits are not counted */
	uint64_t *hits;
	uint32_t *last_hit; /* seconds since 1970; 0: never */
};

/* Over memory that may already hold keys. -ENOMEM. */
int buckets_init(struct buckets *table, struct s64_bucket *bucket, uint32_t buckets,
		 const struct s64_seed *seed, bool with_hits);
void buckets_free(struct buckets *table);

uint64_t buckets_hash(const struct buckets *table, uint64_t key);

/* Both buckets of a key with that hash. */
void buckets_prefetch(const struct buckets *table, uint64_t hash);

/* BUCKETS_NO_SLOT if the key is not in the table. */
uint64_t buckets_find(const struct buckets *table, uint64_t key);
uint8_t buckets_info(const struct buckets *table, uint64_t index);

/* Inserts a key, or changes its info. 1 if it is new, 0 if it was there; -ENOSPC, -EINVAL for 0. */
int buckets_put(struct buckets *table, uint64_t key, uint8_t info);

/* Would buckets_put() find room? Changes nothing. */
bool buckets_have_room(const struct buckets *table, uint64_t key);

/* -ENOENT */
int buckets_remove(struct buckets *table, uint64_t key);

/* Counts hits at time `now`; does nothing if the key is not in the table. */
void buckets_hit(struct buckets *table, uint64_t key, uint32_t packets, uint32_t now);
/* Sets the hits. */
void buckets_count_hits(struct buckets *table, uint64_t key, uint64_t hits, uint32_t last_hit);
/* Both 0 if the key is not in the table. */
void buckets_hits(const struct buckets *table, uint64_t key, uint64_t *hits, uint32_t *last_hit);

/* Calls the function for every key, in no order. It may remove the key it was called for. */
typedef void (*buckets_each_t)(struct buckets *table, uint64_t key, void *data);
void buckets_each(struct buckets *table, buckets_each_t each, void *data);

#endif
