// SPDX-License-Identifier: GPL-2.0-only
#include "buckets.h"

#include <errno.h>
#include <slash64/bucket_hash.h>
#include <stdlib.h>
#include <string.h>

uint64_t buckets_hash(const struct buckets *table, uint64_t key)
{
	return table->seed ? s64_hash64(key, table->seed) : key;
}

static struct s64_bucket *bucket_of(const struct buckets *table, uint64_t hash, bool second)
{
	return &table->bucket[second ? bucket_second(hash, table->buckets) :
				       bucket_first(hash, table->buckets)];
}

static int slot_find(const struct s64_bucket *bucket, uint64_t key)
{
	for (int i = 0; i < S64_BUCKET_KEYS; i++)
		if (bucket->key[i] == key)
			return i;
	return -1;
}

static uint64_t slot_of(const struct buckets *table, const struct s64_bucket *bucket, int slot)
{
	return (uint64_t)(bucket - table->bucket) * S64_BUCKET_KEYS + slot;
}

static struct s64_bucket *slot_bucket(const struct buckets *table, uint64_t index)
{
	return &table->bucket[index / S64_BUCKET_KEYS];
}

static uint64_t find_hashed(const struct buckets *table, uint64_t key, uint64_t hash)
{
	for (int second = 0; second < 2; second++) {
		struct s64_bucket *bucket = bucket_of(table, hash, second);
		int slot = slot_find(bucket, key);

		if (slot >= 0)
			return slot_of(table, bucket, slot);
	}
	return BUCKETS_NO_SLOT;
}

void buckets_prefetch(const struct buckets *table, uint64_t hash)
{
	__builtin_prefetch(bucket_of(table, hash, false), 1);
	__builtin_prefetch(bucket_of(table, hash, true));
}

uint64_t buckets_find(const struct buckets *table, uint64_t key)
{
	return key ? find_hashed(table, key, buckets_hash(table, key)) : BUCKETS_NO_SLOT;
}

uint8_t buckets_info(const struct buckets *table, uint64_t index)
{
	return slot_bucket(table, index)->info[index % S64_BUCKET_KEYS];
}

static void counts_set(struct buckets *table, uint64_t index, uint64_t hits, uint32_t last_hit)
{
	if (!table->hits)
		return;
	/* most counts are 0, and pages that are never written need no memory */
	if (table->hits[index] != hits)
		table->hits[index] = hits;
	if (table->last_hit[index] != last_hit)
		table->last_hit[index] = last_hit;
}

/* Info before key: a reader that sees the key sees the info. And the info after whatever the slot
 * contained: a reader that saw the old key, and still sees it after reading the info, takes the
 * info for the old key's.
 */
static void slot_write(struct buckets *table, struct s64_bucket *bucket, int slot, uint64_t key,
		       uint8_t info)
{
	counts_set(table, slot_of(table, bucket, slot), 0, 0);
	S64_STORE_RELEASE(bucket->info[slot], info);
	S64_STORE_RELEASE(bucket->key[slot], key);
}

static void overflow_set(const struct buckets *table, uint64_t hash)
{
	S64_STORE_RELEASE(bucket_of(table, hash, false)->overflow, 1);
}

/* Inserts a key whose first bucket is full into its second: the flag first, so that readers look
 * there.
 */
static int put_second(struct buckets *table, uint64_t hash, uint64_t key, uint8_t info)
{
	struct s64_bucket *second = bucket_of(table, hash, true);
	int slot = slot_find(second, 0);

	if (slot < 0)
		return -1;
	if (!S64_MISTAKE(BUCKET_OVERFLOW))
		overflow_set(table, hash);
	slot_write(table, second, slot, key, info);
	return slot;
}

/* Frees a slot in `bucket` by moving a key from this, its first bucket, to its second. A reader
 * finds it in either one: it is inserted there before it is removed here. Returns the slot, or -1.
 */
static int make_room(struct buckets *table, struct s64_bucket *bucket)
{
	for (int slot = 0; slot < S64_BUCKET_KEYS; slot++) {
		uint64_t key = bucket->key[slot], hash = buckets_hash(table, key);
		uint64_t index = slot_of(table, bucket, slot);
		struct s64_bucket *second = bucket_of(table, hash, true);
		int moved;

		if (bucket_of(table, hash, false) != bucket || second == bucket)
			continue;
		if (S64_MISTAKE(BUCKET_MOVE))
			S64_STORE_RELEASE(bucket->key[slot], 0);
		moved = put_second(table, hash, key, bucket->info[slot]);
		if (moved < 0)
			continue;
		if (table->hits)
			counts_set(table, slot_of(table, second, moved), table->hits[index],
				   table->last_hit[index]);
		S64_STORE_RELEASE(bucket->key[slot], 0);
		return slot;
	}
	return -1;
}

/* Called whenever an info is written or removed: a throttle's number is reused for another rate
 * only when nothing names it.
 */
static void count_throttle(struct buckets *table, uint8_t info, int by)
{
	if (info & S64_BLOCK_THROTTLE)
		table->throttled[info & S64_BLOCK_INDEX] += by;
}

/* Makes room for a missing key: 1, or -ENOSPC. */
static int put_new(struct buckets *table, uint64_t hash, uint64_t key, uint8_t info)
{
	struct s64_bucket *first = bucket_of(table, hash, false);
	struct s64_bucket *second = bucket_of(table, hash, true);
	int slot = slot_find(first, 0);

	if (slot < 0) {
		if (put_second(table, hash, key, info) >= 0)
			return 1;
		slot = make_room(table, first);
	}
	if (slot >= 0) {
		slot_write(table, first, slot, key, info);
		return 1;
	}
	slot = make_room(table, second);
	if (slot < 0)
		return -ENOSPC;
	overflow_set(table, hash);
	slot_write(table, second, slot, key, info);
	return 1;
}

/* As make_room() does. */
static bool can_make_room(const struct buckets *table, const struct s64_bucket *bucket)
{
	for (int slot = 0; slot < S64_BUCKET_KEYS; slot++) {
		uint64_t hash = buckets_hash(table, bucket->key[slot]);
		const struct s64_bucket *second = bucket_of(table, hash, true);

		if (bucket_of(table, hash, false) == bucket && second != bucket &&
		    slot_find(second, 0) >= 0)
			return true;
	}
	return false;
}

bool buckets_have_room(const struct buckets *table, uint64_t key)
{
	uint64_t hash = buckets_hash(table, key);
	const struct s64_bucket *first = bucket_of(table, hash, false),
				*second = bucket_of(table, hash, true);

	return find_hashed(table, key, hash) != BUCKETS_NO_SLOT || slot_find(first, 0) >= 0 ||
	       slot_find(second, 0) >= 0 || can_make_room(table, first) ||
	       can_make_room(table, second);
}

int buckets_put(struct buckets *table, uint64_t key, uint8_t info)
{
	uint64_t hash = buckets_hash(table, key);
	uint64_t index;
	int added;

	if (!key)
		return -EINVAL;
	index = find_hashed(table, key, hash);
	if (index != BUCKETS_NO_SLOT) {
		count_throttle(table, buckets_info(table, index), -1);
		count_throttle(table, info, 1);
		S64_WRITE_ONCE(slot_bucket(table, index)->info[index % S64_BUCKET_KEYS], info);
		return 0;
	}
	added = put_new(table, hash, key, info);
	if (added < 0)
		return added;
	count_throttle(table, info, 1);
	table->keys++;
	return 1;
}

int buckets_remove(struct buckets *table, uint64_t key)
{
	uint64_t index = buckets_find(table, key);

	if (index == BUCKETS_NO_SLOT)
		return -ENOENT;
	count_throttle(table, buckets_info(table, index), -1);
	S64_STORE_RELEASE(slot_bucket(table, index)->key[index % S64_BUCKET_KEYS], 0);
	table->keys--;
	return 0;
}

void buckets_hit(struct buckets *table, uint64_t key, uint32_t packets, uint32_t now)
{
	uint64_t index = buckets_find(table, key);

	if (index != BUCKETS_NO_SLOT)
		counts_set(table, index, table->hits[index] + packets, now);
}

void buckets_count_hits(struct buckets *table, uint64_t key, uint64_t hits, uint32_t last_hit)
{
	uint64_t index = buckets_find(table, key);

	if (index != BUCKETS_NO_SLOT)
		counts_set(table, index, hits, last_hit);
}

void buckets_hits(const struct buckets *table, uint64_t key, uint64_t *hits, uint32_t *last_hit)
{
	uint64_t index = table->hits ? buckets_find(table, key) : BUCKETS_NO_SLOT;

	*hits = index == BUCKETS_NO_SLOT ? 0 : table->hits[index];
	*last_hit = index == BUCKETS_NO_SLOT ? 0 : table->last_hit[index];
}

void buckets_each(struct buckets *table, buckets_each_t each, void *data)
{
	for (uint32_t i = 0; i < table->buckets; i++)
		for (int j = 0; j < S64_BUCKET_KEYS; j++)
			if (table->bucket[i].key[j])
				each(table, table->bucket[i].key[j], data);
}

/* A crash in the middle of a move may have left a key in both its buckets. It stays in the second,
 * where it is found just as well.
 */
static void take_over(struct buckets *table, uint64_t key, void *data)
{
	uint64_t hash = buckets_hash(table, key);
	struct s64_bucket *first = bucket_of(table, hash, false);
	struct s64_bucket *second = bucket_of(table, hash, true);
	int slot = first == second ? -1 : slot_find(first, key);

	(void)data;
	if (slot >= 0 && slot_find(second, key) >= 0) {
		overflow_set(table, hash);
		S64_STORE_RELEASE(first->key[slot], 0);
		if (first < second)
			return; /* look at this slot again */
	}
	count_throttle(table, buckets_info(table, find_hashed(table, key, hash)), 1);
	table->keys++;
}

int buckets_init(struct buckets *table, struct s64_bucket *bucket, uint32_t buckets,
		 const struct s64_seed *seed, bool with_hits)
{
	uint64_t slots = (uint64_t)buckets * S64_BUCKET_KEYS;

	*table = (struct buckets){.bucket = bucket, .buckets = buckets, .seed = seed};
	if (with_hits) {
		table->hits = calloc(slots, sizeof(*table->hits));
		table->last_hit = calloc(slots, sizeof(*table->last_hit));
		if (!table->hits || !table->last_hit) {
			buckets_free(table);
			return -ENOMEM;
		}
	}
	buckets_each(table, take_over, NULL);
	return 0;
}

void buckets_free(struct buckets *table)
{
	free(table->hits);
	free(table->last_hit);
	memset(table, 0, sizeof(*table));
}
