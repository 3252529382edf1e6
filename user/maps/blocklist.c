// SPDX-License-Identifier: GPL-2.0-only
#include "blocklist.h"

#include <errno.h>
#include <slash64/bucket_hash.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BLOOM_COUNT_MAX 15

/* --- the Bloom filter; bits are counted here, so entries can be removed --- */

static unsigned int bloom_count(const struct blocklist *blocklist, uint64_t bit)
{
	return blocklist->bloom_count[bit / 2] >> (bit % 2 * 4) & 15;
}

static void bloom_count_set(struct blocklist *blocklist, uint64_t bit, unsigned int count)
{
	uint8_t *byte = &blocklist->bloom_count[bit / 2];

	*byte = (*byte & ~(15 << (bit % 2 * 4))) | count << (bit % 2 * 4);
}

static __u64 *bloom_word_of(const struct blocklist *blocklist, uint64_t hash, uint64_t *index)
{
	*index = bloom_word(hash, blocklist->maps->meta->bloom_lines);
	return &blocklist->maps->bloom[*index / 8].word[*index % 8];
}

/* Two bits may be the same; each is counted once. */
static void bloom_add(struct blocklist *blocklist, uint64_t hash)
{
	uint64_t index, bits = bloom_bits(hash);
	__u64 *word = bloom_word_of(blocklist, hash, &index);

	for (uint64_t left = bits; left; left &= left - 1) {
		uint64_t bit = index * 64 + __builtin_ctzll(left);
		unsigned int count = bloom_count(blocklist, bit);

		if (count < BLOOM_COUNT_MAX)
			bloom_count_set(blocklist, bit, count + 1);
	}
	S64_WRITE_ONCE(*word, *word | bits);
}

static void bloom_remove(struct blocklist *blocklist, uint64_t hash)
{
	uint64_t index, gone = 0, bits = bloom_bits(hash);
	__u64 *word = bloom_word_of(blocklist, hash, &index);

	for (uint64_t left = bits; left; left &= left - 1) {
		uint64_t bit = index * 64 + __builtin_ctzll(left);
		unsigned int count = bloom_count(blocklist, bit);

		/* A saturated count is no longer known, so its bit stays. */
		if (count == 0 || count == BLOOM_COUNT_MAX)
			continue;
		bloom_count_set(blocklist, bit, count - 1);
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
static void block_cache_forget(struct blocklist *blocklist)
{
	uint64_t v = blocklist->generation += 0x9e3779b97f4a7c15ULL;

	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9ULL;
	v = (v ^ v >> 27) * 0x94d049bb133111ebULL;
	S64_STORE_RELEASE(blocklist->maps->block_cache->generation, v ^ v >> 31);
}

/* --- sources --- */

uint32_t sources_count(const struct blocklist *blocklist)
{
	return blocklist->buckets.keys;
}

void sources_prefetch(const struct blocklist *blocklist, uint64_t src_key)
{
	uint64_t hash = buckets_hash(&blocklist->buckets, src_key);
	uint64_t word = bloom_word(hash, blocklist->maps->meta->bloom_lines);

	buckets_prefetch(&blocklist->buckets, hash);
	__builtin_prefetch(&blocklist->maps->bloom[word / 8].word[word % 8], 1);
	__builtin_prefetch(&blocklist->bloom_count[word * 64 / 2], 1);
}

int sources_put(struct blocklist *blocklist, uint64_t src_key, uint8_t info)
{
	int added;

	/* the source that contains :: belongs to all nodes that have no address yet */
	if (src_key == S64_SRC_KEY_OF_ZERO)
		return -EINVAL;
	if (blocklist->buckets.keys >= blocklist->maps->meta->blocks &&
	    !sources_has(blocklist, src_key))
		return -ENOSPC;
	added = buckets_put(&blocklist->buckets, src_key, info);
	if (added == 0)
		block_cache_forget(blocklist);
	/* Only now can it be found, because the filter is asked first. */
	if (added > 0)
		bloom_add(blocklist, buckets_hash(&blocklist->buckets, src_key));
	return added < 0 ? added : 0;
}

bool sources_have_room(const struct blocklist *blocklist, uint64_t src_key)
{
	return sources_has(blocklist, src_key) ||
	       (blocklist->buckets.keys < blocklist->maps->meta->blocks &&
		buckets_have_room(&blocklist->buckets, src_key));
}

int sources_remove(struct blocklist *blocklist, uint64_t src_key)
{
	int err;

	if (S64_MISTAKE(BLOCK_CACHE_EARLY))
		block_cache_forget(blocklist);
	err = buckets_remove(&blocklist->buckets, src_key);
	if (!err) {
		if (!S64_MISTAKE(BLOCK_CACHE_EARLY))
			block_cache_forget(blocklist);
		bloom_remove(blocklist, buckets_hash(&blocklist->buckets, src_key));
	}
	return err;
}

bool sources_has(const struct blocklist *blocklist, uint64_t src_key)
{
	return buckets_find(&blocklist->buckets, src_key) != BUCKETS_NO_SLOT;
}

int sources_info(const struct blocklist *blocklist, uint64_t src_key)
{
	uint64_t slot = buckets_find(&blocklist->buckets, src_key);

	return slot == BUCKETS_NO_SLOT ? -1 : buckets_info(&blocklist->buckets, slot);
}

void sources_hit(struct blocklist *blocklist, uint64_t src_key, uint32_t packets, uint32_t now)
{
	buckets_hit(&blocklist->buckets, src_key, packets, now);
}

void sources_count_hits(struct blocklist *blocklist, uint64_t src_key, uint64_t hits,
			uint32_t last_hit)
{
	buckets_count_hits(&blocklist->buckets, src_key, hits, last_hit);
}

void sources_hits(const struct blocklist *blocklist, uint64_t src_key, uint64_t *hits,
		  uint32_t *last_hit)
{
	buckets_hits(&blocklist->buckets, src_key, hits, last_hit);
}

struct walk {
	struct blocklist *blocklist;
	sources_each_t each;
	void *data;
};

static void walk_one(struct buckets *table, uint64_t key, void *data)
{
	struct walk *walk = data;

	(void)table;
	walk->each(walk->blocklist, key, walk->data);
}

void sources_each(struct blocklist *blocklist, sources_each_t each, void *data)
{
	struct walk walk = {blocklist, each, data};

	buckets_each(&blocklist->buckets, walk_one, &walk);
}

static void count_bits(struct blocklist *blocklist, uint64_t src_key, void *data)
{
	(void)data;
	bloom_add(blocklist, buckets_hash(&blocklist->buckets, src_key));
}

/* Bits left by a crash, which no source sets any more. */
static void bloom_prune(struct blocklist *blocklist)
{
	for (uint64_t i = 0; i < (uint64_t)blocklist->maps->meta->bloom_lines * 8; i++) {
		__u64 *word = &blocklist->maps->bloom[i / 8].word[i % 8];
		uint64_t gone = 0;

		for (uint64_t left = *word; left; left &= left - 1)
			if (!bloom_count(blocklist, i * 64 + __builtin_ctzll(left)))
				gone |= left & -left;
		if (gone)
			S64_WRITE_ONCE(*word, *word & ~gone);
	}
}

int sources_init(struct blocklist *blocklist, struct maps *maps, struct error *error)
{
	uint64_t bits = (uint64_t)maps->meta->bloom_lines * sizeof(struct s64_bloom_line) * 8;

	memset(blocklist, 0, sizeof(*blocklist));
	blocklist->maps = maps;
	blocklist->bloom_count = calloc(bits / 2, 1);
	if (!blocklist->bloom_count ||
	    buckets_init(&blocklist->buckets, maps->blocks, maps->meta->blocks_buckets,
			 &maps->meta->seed, true)) {
		sources_free(blocklist);
		return error_set(error, -ENOMEM, "out of memory for the counts of %u blocks",
				 maps->meta->blocks);
	}
	if (getrandom(&blocklist->generation, sizeof(blocklist->generation), 0) !=
	    sizeof(blocklist->generation)) {
		sources_free(blocklist);
		return error_set(error, -EIO, "cannot draw random numbers for the blocks");
	}
	block_cache_forget(blocklist);
	sources_each(blocklist, count_bits, NULL);
	bloom_prune(blocklist);
	return 0;
}

void sources_free(struct blocklist *blocklist)
{
	free(blocklist->bloom_count);
	buckets_free(&blocklist->buckets);
	memset(blocklist, 0, sizeof(*blocklist));
}
