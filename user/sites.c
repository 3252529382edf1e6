// SPDX-License-Identifier: GPL-2.0-only
#include "sites.h"

#include <errno.h>
#include <slash64/placement.h>
#include <stdlib.h>
#include <string.h>

#define BLOOM_COUNT_MAX 15

#define NO_SLOT UINT64_MAX

static uint64_t site_hash(const struct sites *sites, uint64_t site)
{
	return s64_hash64(site, &sites->tables->meta->seed);
}

static struct s64_bucket *bucket_of(const struct sites *sites, uint64_t hash, bool second)
{
	uint32_t n = sites->tables->meta->blocks_buckets;

	return &sites->tables->blocks[second ? bucket_second(hash, n) : bucket_first(hash, n)];
}

static int place_find(const struct s64_bucket *bucket, uint64_t key)
{
	for (int i = 0; i < S64_BUCKET_KEYS; i++)
		if (bucket->key[i] == key)
			return i;
	return -1;
}

static uint64_t slot_of(const struct sites *sites, const struct s64_bucket *bucket, int place)
{
	return (uint64_t)(bucket - sites->tables->blocks) * S64_BUCKET_KEYS + place;
}

static uint64_t slot_find(const struct sites *sites, uint64_t site)
{
	uint64_t hash = site_hash(sites, site);

	for (int second = 0; second < 2; second++) {
		struct s64_bucket *bucket = bucket_of(sites, hash, second);
		int place = place_find(bucket, site);

		if (place >= 0)
			return slot_of(sites, bucket, place);
	}
	return NO_SLOT;
}

/* --- the Bloom filter, which forgets because its bits are counted here --- */

static unsigned int bloom_count(const struct sites *sites, uint64_t bit)
{
	return sites->bloom_count[bit / 2] >> (bit % 2 * 4) & 15;
}

static void bloom_count_set(struct sites *sites, uint64_t bit, unsigned int count)
{
	uint8_t *byte = &sites->bloom_count[bit / 2];

	*byte = (*byte & ~(15 << (bit % 2 * 4))) | count << (bit % 2 * 4);
}

static __u64 *bloom_word_of(const struct sites *sites, uint64_t hash, uint64_t *index)
{
	*index = bloom_word(hash, sites->tables->meta->bloom_lines);
	return &sites->tables->bloom[*index / 8].word[*index % 8];
}

/* The four bits need not differ; each is counted once. */
static void bloom_add(struct sites *sites, uint64_t hash)
{
	uint64_t index, bits = bloom_bits(hash);
	__u64 *word = bloom_word_of(sites, hash, &index);

	for (uint64_t left = bits; left; left &= left - 1) {
		uint64_t bit = index * 64 + __builtin_ctzll(left);
		unsigned int count = bloom_count(sites, bit);

		if (count < BLOOM_COUNT_MAX)
			bloom_count_set(sites, bit, count + 1);
	}
	S64_WRITE_ONCE(*word, *word | bits);
}

static void bloom_remove(struct sites *sites, uint64_t hash)
{
	uint64_t index, gone = 0, bits = bloom_bits(hash);
	__u64 *word = bloom_word_of(sites, hash, &index);

	for (uint64_t left = bits; left; left &= left - 1) {
		uint64_t bit = index * 64 + __builtin_ctzll(left);
		unsigned int count = bloom_count(sites, bit);

		/* A count that reached its end is not known any more, and its bit stays. */
		if (count == 0 || count == BLOOM_COUNT_MAX)
			continue;
		bloom_count_set(sites, bit, count - 1);
		if (count == 1)
			gone |= left & -left;
	}
	S64_WRITE_ONCE(*word, *word & ~gone);
}

/* --- the buckets --- */

/* Info before key: whoever sees the key sees the info. */
static void place_write(struct sites *sites, struct s64_bucket *bucket, int place, uint64_t site,
			uint8_t info)
{
	uint64_t slot = slot_of(sites, bucket, place);

	sites->hits[slot] = 0;
	sites->last_hit[slot] = 0;
	S64_WRITE_ONCE(bucket->info[place], info);
	__atomic_store_n(&bucket->key[place], site, __ATOMIC_RELEASE);
}

static void overflow_set(const struct sites *sites, uint64_t hash)
{
	struct s64_bucket *first = bucket_of(sites, hash, false);

	__atomic_store_n(&first->overflow, 1, __ATOMIC_RELEASE);
}

/* Put a site whose first bucket is full into its second: the flag first, so that it is looked for there. */
static bool put_second(struct sites *sites, uint64_t hash, uint64_t site, uint8_t info)
{
	struct s64_bucket *second = bucket_of(sites, hash, true);
	int place = place_find(second, 0);

	if (place < 0)
		return false;
	overflow_set(sites, hash);
	place_write(sites, second, place, site, info);
	return true;
}

/* Free a place in `bucket` by moving a site that has its first bucket here to its second. A reader finds it
 * in the one or the other: it is there before it is gone here. Returns the place, or -1.
 */
static int make_room(struct sites *sites, struct s64_bucket *bucket)
{
	for (int place = 0; place < S64_BUCKET_KEYS; place++) {
		uint64_t site = bucket->key[place];
		uint64_t hash = site_hash(sites, site);
		uint64_t slot = slot_of(sites, bucket, place), moved;

		if (bucket_of(sites, hash, false) != bucket ||
		    bucket_of(sites, hash, true) == bucket)
			continue;
		if (!put_second(sites, hash, site, bucket->info[place]))
			continue;
		moved = slot_of(sites, bucket_of(sites, hash, true),
				place_find(bucket_of(sites, hash, true), site));
		sites->hits[moved] = sites->hits[slot];
		sites->last_hit[moved] = sites->last_hit[slot];
		__atomic_store_n(&bucket->key[place], 0, __ATOMIC_RELEASE);
		return place;
	}
	return -1;
}

int sites_put(struct sites *sites, uint64_t site, uint8_t info)
{
	uint64_t hash = site_hash(sites, site);
	uint64_t slot = slot_find(sites, site);
	struct s64_bucket *first = bucket_of(sites, hash, false);
	int place;

	if (!site)
		return -EINVAL;
	if (slot != NO_SLOT) {
		S64_WRITE_ONCE(sites->tables->blocks[slot / S64_BUCKET_KEYS]
				       .info[slot % S64_BUCKET_KEYS],
			       info);
		return 0;
	}
	if (sites->count >= sites->tables->meta->blocks)
		return -ENOSPC;

	place = place_find(first, 0);
	if (place >= 0) {
		place_write(sites, first, place, site, info);
	} else if (!put_second(sites, hash, site, info)) {
		place = make_room(sites, first);
		if (place >= 0) {
			place_write(sites, first, place, site, info);
		} else {
			struct s64_bucket *second = bucket_of(sites, hash, true);

			place = make_room(sites, second);
			if (place < 0)
				return -ENOSPC;
			overflow_set(sites, hash);
			place_write(sites, second, place, site, info);
		}
	}
	/* Only now can it be found: the filter is asked first. */
	bloom_add(sites, hash);
	sites->count++;
	return 0;
}

int sites_remove(struct sites *sites, uint64_t site)
{
	uint64_t slot = slot_find(sites, site);

	if (!site || slot == NO_SLOT)
		return -ENOENT;
	__atomic_store_n(&sites->tables->blocks[slot / S64_BUCKET_KEYS].key[slot % S64_BUCKET_KEYS],
			 0, __ATOMIC_RELEASE);
	bloom_remove(sites, site_hash(sites, site));
	sites->count--;
	return 0;
}

bool sites_has(const struct sites *sites, uint64_t site)
{
	return site && slot_find(sites, site) != NO_SLOT;
}

void sites_hit(struct sites *sites, uint64_t site, uint32_t packets, uint32_t now)
{
	uint64_t slot = slot_find(sites, site);

	if (!site || slot == NO_SLOT)
		return;
	sites->hits[slot] += packets;
	sites->last_hit[slot] = now;
}

void sites_hits(const struct sites *sites, uint64_t site, uint64_t *hits, uint32_t *last_hit)
{
	uint64_t slot = site ? slot_find(sites, site) : NO_SLOT;

	*hits = slot == NO_SLOT ? 0 : sites->hits[slot];
	*last_hit = slot == NO_SLOT ? 0 : sites->last_hit[slot];
}

void sites_each(struct sites *sites, void (*each)(struct sites *sites, uint64_t site, void *data),
		void *data)
{
	for (uint32_t i = 0; i < sites->tables->meta->blocks_buckets; i++)
		for (int j = 0; j < S64_BUCKET_KEYS; j++)
			if (sites->tables->blocks[i].key[j])
				each(sites, sites->tables->blocks[i].key[j], data);
}

/* A crash may have left a site in both its buckets, in the middle of a move: it stays in the second, from
 * which it can be found as well as from the first.
 */
static void take_over(struct sites *sites, uint64_t site, void *data)
{
	uint64_t hash = site_hash(sites, site);
	struct s64_bucket *first = bucket_of(sites, hash, false);
	struct s64_bucket *second = bucket_of(sites, hash, true);
	int place = first == second ? -1 : place_find(first, site);

	(void)data;
	if (place >= 0 && place_find(second, site) >= 0) {
		overflow_set(sites, hash);
		__atomic_store_n(&first->key[place], 0, __ATOMIC_RELEASE);
		if (first < second)
			return; /* to come again */
	}
	bloom_add(sites, hash);
	sites->count++;
}

/* Bits that no site sets any more, which a crash left. */
static void bloom_prune(struct sites *sites)
{
	for (uint64_t i = 0; i < (uint64_t)sites->tables->meta->bloom_lines * 8; i++) {
		__u64 *word = &sites->tables->bloom[i / 8].word[i % 8];
		uint64_t gone = 0;

		for (uint64_t left = *word; left; left &= left - 1)
			if (!bloom_count(sites, i * 64 + __builtin_ctzll(left)))
				gone |= left & -left;
		if (gone)
			S64_WRITE_ONCE(*word, *word & ~gone);
	}
}

int sites_init(struct sites *sites, struct tables *tables, struct error *error)
{
	uint64_t slots = (uint64_t)tables->meta->blocks_buckets * S64_BUCKET_KEYS;
	uint64_t bits = (uint64_t)tables->meta->bloom_lines * sizeof(struct s64_bloom_line) * 8;

	memset(sites, 0, sizeof(*sites));
	sites->tables = tables;
	sites->bloom_count = calloc(bits / 2, 1);
	sites->hits = calloc(slots, sizeof(*sites->hits));
	sites->last_hit = calloc(slots, sizeof(*sites->last_hit));
	if (!sites->bloom_count || !sites->hits || !sites->last_hit) {
		sites_free(sites);
		return error_set(error, -ENOMEM, "out of memory for the counts of %u blocks",
				 tables->meta->blocks);
	}
	sites_each(sites, take_over, NULL);
	bloom_prune(sites);
	return 0;
}

void sites_free(struct sites *sites)
{
	free(sites->bloom_count);
	free(sites->hits);
	free(sites->last_hit);
	memset(sites, 0, sizeof(*sites));
}
