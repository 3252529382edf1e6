// SPDX-License-Identifier: GPL-2.0-only
#include "local_addresses.h"

#include <errno.h>
#include <stdlib.h>

#include "buckets.h"

static uint64_t key_of(const struct maps *maps, const struct prefix *own)
{
	const struct s64_seed *seed = &maps->meta->seed;

	if (own->length == 128)
		return s64_local_key(prefix_hi(own), prefix_lo(own), seed);
	return s64_prefix_key(prefix_hi(own), prefix_lo(own), own->length, seed);
}

/* A wanted key: its position in the list. */
struct effective_action {
	uint64_t key;
	size_t at;
};

struct wanted_list {
	struct effective_action *entry; /* sorted by key; each once */
	size_t count;
};

static int compare_keys(const void *a, const void *b)
{
	const struct effective_action *x = a, *y = b;

	return x->key != y->key ? (x->key < y->key ? -1 : 1) : x->at < y->at ? -1 : x->at > y->at;
}

static int compare_places(const void *a, const void *b)
{
	const struct effective_action *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static int compare_key(const void *key, const void *entry)
{
	const struct effective_action *effective = entry;

	return *(const uint64_t *)key < effective->key ? -1 :
							 *(const uint64_t *)key > effective->key;
}

static void remove_unwanted(struct buckets *table, uint64_t key, void *data)
{
	const struct wanted_list *effective = data;

	if (!bsearch(&key, effective->entry, effective->count, sizeof(*effective->entry),
		     compare_key))
		buckets_remove(table, key);
}

static void sort_once(struct wanted_list *effective)
{
	size_t kept = 0;

	qsort(effective->entry, effective->count, sizeof(*effective->entry), compare_keys);
	for (size_t i = 0; i < effective->count; i++)
		if (!kept || effective->entry[kept - 1].key != effective->entry[i].key)
			effective->entry[kept++] = effective->entry[i];
	effective->count = kept;
}

static void put_all(struct buckets *table, struct wanted_list *effective, const struct prefix *own,
		    struct s64_prefix_lengths *lengths, struct local_count *counted)
{
	qsort(effective->entry, effective->count, sizeof(*effective->entry), compare_places);
	*counted = (struct local_count){};
	for (size_t i = 0; i < effective->count; i++) {
		unsigned int bit = 128 - own[effective->entry[i].at].length;

		if (buckets_put(table, effective->entry[i].key, 0) < 0) {
			counted->left_out++;
			continue;
		}
		counted->known++;
		if (bit)
			lengths->mask[bit / 64] |= 1ULL << bit % 64;
	}
}

int local_set(const struct maps *maps, const struct prefix *own, size_t count, bool keep,
	      struct local_count *counted)
{
	struct s64_prefix_lengths *in_force = &maps->lengths[S64_LOCAL_LENGTHS];
	struct s64_prefix_lengths lengths = keep ? *in_force : (struct s64_prefix_lengths){};
	struct wanted_list effective = {calloc(count + 1, sizeof(*effective.entry)), count};
	struct buckets table;

	if (!effective.entry || buckets_init(&table, maps->local, S64_LOCAL_BUCKETS, NULL, false)) {
		free(effective.entry);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		effective.entry[i] = (struct effective_action){key_of(maps, &own[i]), i};
	sort_once(&effective);
	/* Removed keys make room for new ones; keys that stay are not touched. */
	if (!keep)
		buckets_each(&table, remove_unwanted, &effective);
	put_all(&table, &effective, own, &lengths, counted);
	for (int i = 0; i < 2; i++)
		S64_WRITE_ONCE(in_force->mask[i], lengths.mask[i]);
	buckets_free(&table);
	free(effective.entry);
	return 0;
}
