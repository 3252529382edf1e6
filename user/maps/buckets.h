/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of a bucket table (headers/slash64/maps.h, "blocks: exact sites"): two buckets to choose from,
 * and never a moment in which a reader misses a key that stays. Beside it hits, by slot, which the fast path
 * does not know.
 */
#ifndef SLASH64_USER_BUCKETS_H
#define SLASH64_USER_BUCKETS_H

#include <slash64/maps.h>
#include <stdbool.h>
#include <stdint.h>

#define BUCKETS_NO_SLOT UINT64_MAX

struct buckets {
	struct s64_bucket *bucket;
	uint32_t buckets;
	uint32_t keys;			      /* in use */
	uint32_t throttled[S64_THROTTLE_MAX]; /* keys whose info names that throttle */
	const struct s64_seed *seed;	      /* NULL: a key is its own hash */
	uint64_t *hits;	    /* by slot: bucket * S64_BUCKET_KEYS + place; NULL: nobody counts */
	uint32_t *last_hit; /* seconds since 1970; 0: never */
};

/* Over memory that may hold keys already. -ENOMEM. */
int buckets_init(struct buckets *table, struct s64_bucket *bucket, uint32_t buckets,
		 const struct s64_seed *seed, bool with_hits);
void buckets_free(struct buckets *table);

uint64_t buckets_hash(const struct buckets *table, uint64_t key);

/* Both buckets of a key with that hash. */
void buckets_prefetch(const struct buckets *table, uint64_t hash);

/* BUCKETS_NO_SLOT where it is not there. */
uint64_t buckets_find(const struct buckets *table, uint64_t key);
uint8_t buckets_info(const struct buckets *table, uint64_t slot);

/* Put a key in, or give it another info. 1 where it is new, 0 where it was there; -ENOSPC, -EINVAL for 0. */
int buckets_put(struct buckets *table, uint64_t key, uint8_t info);

/* Would buckets_put() find room? Nothing changes. */
bool buckets_have_room(const struct buckets *table, uint64_t key);

/* -ENOENT */
int buckets_remove(struct buckets *table, uint64_t key);

/* Note hits at time `now`; nothing where the key is not there. */
void buckets_hit(struct buckets *table, uint64_t key, uint32_t packets, uint32_t now);
/* So many, whatever there was. */
void buckets_count_hits(struct buckets *table, uint64_t key, uint64_t hits, uint32_t last_hit);
/* Both 0 where it is not there. */
void buckets_hits(const struct buckets *table, uint64_t key, uint64_t *hits, uint32_t *last_hit);

/* Every key, in no order. The function may remove the one it is given. */
typedef void (*buckets_each_t)(struct buckets *table, uint64_t key, void *data);
void buckets_each(struct buckets *table, buckets_each_t each, void *data);

#endif
