// SPDX-License-Identifier: GPL-2.0-only
#include "prefix_table.h"
#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint64_t prefixes_key(const struct prefixes *prefixes, const struct prefix *prefix)
{
	return s64_prefix_key(prefix_hi(prefix), prefix_lo(prefix), prefix->length,
			      &prefixes->maps->meta->seed);
}

static uint32_t slot_of(const struct prefixes *prefixes, const struct prefix *prefix)
{
	if (prefix->length < S64_PREFIX_SHORT)
		return S64_PREFIX_SLOTS;
	return s64_prefix_slot(prefix_hi(prefix), &prefixes->maps->meta->seed);
}

/* Its prefix is unknown, so everything that leads to it stays, whatever is removed. */
static bool keeps_unknown(const struct prefixes *prefixes)
{
	return prefixes->keeps && !S64_MISTAKE(UNNAMED_SHUT_OUT);
}

static void length_add(struct prefixes *prefixes, const struct prefix *prefix)
{
	uint32_t slot = slot_of(prefixes, prefix), bit = 128 - prefix->length;
	__u64 *mask = &prefixes->maps->lengths[slot].mask[bit / 64];

	prefixes->length_count[slot][prefix->length]++;
	S64_WRITE_ONCE(*mask, *mask | 1ULL << bit % 64);
}

static void length_remove(struct prefixes *prefixes, const struct prefix *prefix)
{
	uint32_t slot = slot_of(prefixes, prefix), bit = 128 - prefix->length;
	__u64 *mask = &prefixes->maps->lengths[slot].mask[bit / 64];

	if ((!--prefixes->length_count[slot][prefix->length] && !keeps_unknown(prefixes)) ||
	    S64_MISTAKE(LENGTH_COUNT))
		S64_WRITE_ONCE(*mask, *mask & ~(1ULL << bit % 64));
}

static struct prefix_set *set_of(struct prefixes *prefixes, uint8_t info)
{
	return info & S64_PREFIX_ALLOW ? &prefixes->allowed : &prefixes->blocked;
}

static bool is_known(const struct prefixes *prefixes, const struct prefix *prefix)
{
	return prefix_set_has(&prefixes->blocked, prefix) ||
	       prefix_set_has(&prefixes->allowed, prefix);
}

/* A blocked prefix is searched only if the source index announces it; an allowed prefix is within a
 * blocked one, or need not be found.
 */
static int note(struct prefixes *prefixes, const struct prefix *prefix, uint8_t info)
{
	int err = prefix_set_add(set_of(prefixes, info), prefix);

	if (!err && !(info & S64_PREFIX_ALLOW))
		err = source_index_add(&prefixes->source_index, prefix);
	return err;
}

static const struct prefix *next_blocked(void *data, const struct prefix *behind)
{
	const struct prefixes *prefixes = data;

	return prefix_set_next(&prefixes->blocked, behind);
}

static void forget(struct prefixes *prefixes, const struct prefix *prefix, uint8_t info)
{
	struct prefix_set *set = set_of(prefixes, info);

	if (!prefix_set_has(set, prefix))
		return;
	prefix_set_remove(set, prefix);
	if (info & S64_PREFIX_ALLOW || keeps_unknown(prefixes))
		return;
	source_index_remove(&prefixes->source_index, prefix);
	source_index_promote(&prefixes->source_index, next_blocked, prefixes, NULL);
}

int prefixes_put(struct prefixes *prefixes, const struct prefix *prefix, uint8_t info)
{
	uint64_t key = prefixes_key(prefixes, prefix);
	bool addr = is_known(prefixes, prefix),
	     same = prefix_set_has(set_of(prefixes, info), prefix);
	int err;

	if (prefixes->buckets.keys >= prefixes->maps->meta->prefixes &&
	    buckets_find(&prefixes->buckets, key) == BUCKETS_NO_SLOT)
		return -ENOSPC;
	err = same ? 0 : note(prefixes, prefix, info);
	if (!err)
		err = buckets_put(&prefixes->buckets, key, info);
	if (err < 0) {
		if (!same)
			forget(prefixes, prefix, info);
		return err;
	}
	if (!addr)
		length_add(prefixes, prefix);
	else if (!same) /* it was of the other kind */
		forget(prefixes, prefix, info ^ S64_PREFIX_ALLOW);
	return 0;
}

bool prefixes_have_room(const struct prefixes *prefixes, const struct prefix *prefix)
{
	uint64_t key = prefixes_key(prefixes, prefix);

	return buckets_find(&prefixes->buckets, key) != BUCKETS_NO_SLOT ||
	       (prefixes->buckets.keys < prefixes->maps->meta->prefixes &&
		buckets_have_room(&prefixes->buckets, key));
}

int prefixes_remove(struct prefixes *prefixes, const struct prefix *prefix)
{
	if (!is_known(prefixes, prefix))
		return -ENOENT;
	buckets_remove(&prefixes->buckets, prefixes_key(prefixes, prefix));
	length_remove(prefixes, prefix);
	forget(prefixes, prefix, 0);
	forget(prefixes, prefix, S64_PREFIX_ALLOW);
	return 0;
}

int prefixes_info(const struct prefixes *prefixes, const struct prefix *prefix)
{
	uint64_t slot = buckets_find(&prefixes->buckets, prefixes_key(prefixes, prefix));

	return slot == BUCKETS_NO_SLOT ? -1 : buckets_info(&prefixes->buckets, slot);
}

void prefixes_hit(struct prefixes *prefixes, const struct prefix *prefix, uint32_t packets,
		  uint32_t now)
{
	buckets_hit(&prefixes->buckets, prefixes_key(prefixes, prefix), packets, now);
}

void prefixes_count_hits(struct prefixes *prefixes, const struct prefix *prefix, uint64_t hits,
			 uint32_t last_hit)
{
	buckets_count_hits(&prefixes->buckets, prefixes_key(prefixes, prefix), hits, last_hit);
}

void prefixes_hits(const struct prefixes *prefixes, const struct prefix *prefix, uint64_t *hits,
		   uint32_t *last_hit)
{
	buckets_hits(&prefixes->buckets, prefixes_key(prefixes, prefix), hits, last_hit);
}

/* --- start --- */

int prefixes_init(struct prefixes *prefixes, struct maps *maps, struct error *error)
{
	memset(prefixes, 0, sizeof(*prefixes));
	prefixes->maps = maps;
	source_index_init(&prefixes->source_index, maps);
	prefixes->length_count = calloc(S64_PREFIX_SLOTS + 1, sizeof(*prefixes->length_count));
	if (!prefixes->length_count || buckets_init(&prefixes->buckets, maps->prefixes,
						    maps->meta->prefix_buckets, NULL, true)) {
		prefixes_free(prefixes);
		return error_set(error, -ENOMEM, "out of memory for the counts of %u prefixes",
				 maps->meta->prefixes);
	}
	return 0;
}

struct known_address {
	uint64_t *key;
	size_t count;
	const uint64_t *keep;
	size_t keeps;
	const struct pace *pace;
};

/* The same with pauses. */
static int by_value_in_pieces(const void *a, const void *b, void *data)
{
	pace_breathe(data);
	return array_by_value(a, b);
}

static void remove_unknown(struct buckets *table, uint64_t key, void *data)
{
	const struct known_address *addr = data;

	if (!bsearch(&key, addr->key, addr->count, sizeof(key), array_by_value) &&
	    !(addr->keeps && bsearch(&key, addr->keep, addr->keeps, sizeof(key), array_by_value)))
		buckets_remove(table, key);
	pace_breathe(addr->pace);
}

static void gather(const struct prefixes *prefixes, const struct prefix_set *set,
		   struct known_address *addr)
{
	const struct prefix *prefix = NULL;

	while ((prefix = prefix_set_next(set, prefix))) {
		addr->key[addr->count++] = prefixes_key(prefixes, prefix);
		pace_breathe(addr->pace);
	}
}

/* Nearly always empty. */
static bool has_lengths(const struct prefixes *prefixes, uint32_t slot)
{
	return prefixes->maps->lengths[slot].mask[0] || prefixes->maps->lengths[slot].mask[1];
}

static void forget_lengths(struct prefixes *prefixes)
{
	for (uint32_t slot = 0; slot <= S64_PREFIX_SLOTS; slot++)
		for (uint32_t bit = 0; has_lengths(prefixes, slot) && bit < 128; bit++)
			if (!prefixes->length_count[slot][128 - bit]) {
				__u64 *mask = &prefixes->maps->lengths[slot].mask[bit / 64];

				if (*mask >> bit % 64 & 1)
					S64_WRITE_ONCE(*mask, *mask & ~(1ULL << bit % 64));
			}
}

void prefixes_prune(struct prefixes *prefixes, const uint64_t *keep, size_t keeps,
		    const struct pace *pace)
{
	struct known_address addr = {
		.key = calloc(prefixes->blocked.count + prefixes->allowed.count + 1,
			      sizeof(uint64_t)),
		.keep = keep,
		.keeps = keeps,
		.pace = pace,
	};

	if (addr.key) {
		gather(prefixes, &prefixes->blocked, &addr);
		gather(prefixes, &prefixes->allowed, &addr);
		qsort_r(addr.key, addr.count, sizeof(*addr.key), by_value_in_pieces, (void *)pace);
		buckets_each(&prefixes->buckets, remove_unknown, &addr);
		free(addr.key);
	}
	/* the prefix of a kept key is unknown, and it still has to be found */
	prefixes->keeps = keeps;
	if (keeps)
		return;
	forget_lengths(prefixes);
	source_index_prune(&prefixes->source_index, pace);
	prefixes_promote(prefixes, pace);
}

void prefixes_promote(struct prefixes *prefixes, const struct pace *pace)
{
	source_index_promote(&prefixes->source_index, next_blocked, prefixes, pace);
}

bool prefixes_wait_begins(struct prefixes *prefixes)
{
	return source_index_wait_begins(&prefixes->source_index);
}

bool prefixes_wait_is_over(struct prefixes *prefixes)
{
	source_index_wait_is_over(&prefixes->source_index);
	return prefixes->source_index.waiting > 0;
}

void prefixes_free(struct prefixes *prefixes)
{
	source_index_free(&prefixes->source_index);
	buckets_free(&prefixes->buckets);
	prefix_set_free(&prefixes->blocked);
	prefix_set_free(&prefixes->allowed);
	free(prefixes->length_count);
	memset(prefixes, 0, sizeof(*prefixes));
}
