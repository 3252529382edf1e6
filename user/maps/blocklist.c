// SPDX-License-Identifier: GPL-2.0-only
#include "blocklist.h"

#include <errno.h>
#include <slash64/bucket_hash.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BLOOM_COUNT_MAX 15

/* --- the Bloom filter; bits are counted here, so entries can be removed --- */

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

/* Two bits may be the same; each is counted once. */
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

		/* A saturated count is no longer known, so its bit stays. */
		if (count == 0 || count == BLOOM_COUNT_MAX)
			continue;
		bloom_count_set(sites, bit, count - 1);
		if (count == 1 || S64_MISTAKE(BLOOM_COUNT))
			gone |= left & -left;
	}
	S64_WRITE_ONCE(*word, *word & ~gone);
}

/* --- the block cache of the datapath --- */

/* A source is no longer plainly blocked: draw a new generation. Random, so that a fingerprint of an
 * older generation is not that of another source in this one (splitmix64, from a seed of the
 * kernel).
 */
static void recent_forget(struct sites *sites)
{
	uint64_t v = sites->generation += 0x9e3779b97f4a7c15ULL;

	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9ULL;
	v = (v ^ v >> 27) * 0x94d049bb133111ebULL;
	S64_STORE_RELEASE(sites->tables->recent->generation, v ^ v >> 31);
}

/* --- sources --- */

uint32_t sites_count(const struct sites *sites)
{
	return sites->buckets.keys;
}

void sites_prefetch(const struct sites *sites, uint64_t site)
{
	uint64_t hash = buckets_hash(&sites->buckets, site);
	uint64_t word = bloom_word(hash, sites->tables->meta->bloom_lines);

	buckets_prefetch(&sites->buckets, hash);
	__builtin_prefetch(&sites->tables->bloom[word / 8].word[word % 8], 1);
	__builtin_prefetch(&sites->bloom_count[word * 64 / 2], 1);
}

int sites_put(struct sites *sites, uint64_t site, uint8_t info)
{
	int added;

	/* the source that contains :: belongs to all nodes that have no address yet */
	if (site == S64_SITE_OF_ZERO)
		return -EINVAL;
	if (sites->buckets.keys >= sites->tables->meta->blocks && !sites_has(sites, site))
		return -ENOSPC;
	added = buckets_put(&sites->buckets, site, info);
	if (added == 0)
		recent_forget(sites);
	/* Only now can it be found, because the filter is asked first. */
	if (added > 0)
		bloom_add(sites, buckets_hash(&sites->buckets, site));
	return added < 0 ? added : 0;
}

bool sites_have_room(const struct sites *sites, uint64_t site)
{
	return sites_has(sites, site) || (sites->buckets.keys < sites->tables->meta->blocks &&
					  buckets_have_room(&sites->buckets, site));
}

int sites_remove(struct sites *sites, uint64_t site)
{
	int err;

	if (S64_MISTAKE(RECENT_EARLY))
		recent_forget(sites);
	err = buckets_remove(&sites->buckets, site);
	if (!err) {
		if (!S64_MISTAKE(RECENT_EARLY))
			recent_forget(sites);
		bloom_remove(sites, buckets_hash(&sites->buckets, site));
	}
	return err;
}

bool sites_has(const struct sites *sites, uint64_t site)
{
	return buckets_find(&sites->buckets, site) != BUCKETS_NO_SLOT;
}

int sites_info(const struct sites *sites, uint64_t site)
{
	uint64_t slot = buckets_find(&sites->buckets, site);

	return slot == BUCKETS_NO_SLOT ? -1 : buckets_info(&sites->buckets, slot);
}

void sites_hit(struct sites *sites, uint64_t site, uint32_t packets, uint32_t now)
{
	buckets_hit(&sites->buckets, site, packets, now);
}

void sites_count_hits(struct sites *sites, uint64_t site, uint64_t hits, uint32_t last_hit)
{
	buckets_count_hits(&sites->buckets, site, hits, last_hit);
}

void sites_hits(const struct sites *sites, uint64_t site, uint64_t *hits, uint32_t *last_hit)
{
	buckets_hits(&sites->buckets, site, hits, last_hit);
}

struct walk {
	struct sites *sites;
	sites_each_t each;
	void *data;
};

static void walk_one(struct buckets *table, uint64_t key, void *data)
{
	struct walk *walk = data;

	(void)table;
	walk->each(walk->sites, key, walk->data);
}

void sites_each(struct sites *sites, sites_each_t each, void *data)
{
	struct walk walk = {sites, each, data};

	buckets_each(&sites->buckets, walk_one, &walk);
}

static void count_bits(struct sites *sites, uint64_t site, void *data)
{
	(void)data;
	bloom_add(sites, buckets_hash(&sites->buckets, site));
}

/* Bits left by a crash, which no source sets any more. */
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
	uint64_t bits = (uint64_t)tables->meta->bloom_lines * sizeof(struct s64_bloom_line) * 8;

	memset(sites, 0, sizeof(*sites));
	sites->tables = tables;
	sites->bloom_count = calloc(bits / 2, 1);
	if (!sites->bloom_count ||
	    buckets_init(&sites->buckets, tables->blocks, tables->meta->blocks_buckets,
			 &tables->meta->seed, true)) {
		sites_free(sites);
		return error_set(error, -ENOMEM, "out of memory for the counts of %u blocks",
				 tables->meta->blocks);
	}
	if (getrandom(&sites->generation, sizeof(sites->generation), 0) !=
	    sizeof(sites->generation)) {
		sites_free(sites);
		return error_set(error, -EIO, "cannot draw random numbers for the blocks");
	}
	recent_forget(sites);
	sites_each(sites, count_bits, NULL);
	bloom_prune(sites);
	return 0;
}

void sites_free(struct sites *sites)
{
	free(sites->bloom_count);
	buckets_free(&sites->buckets);
	memset(sites, 0, sizeof(*sites));
}
