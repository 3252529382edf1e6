// SPDX-License-Identifier: GPL-2.0-only
#include "local_addresses.h"

#include <errno.h>
#include <stdlib.h>

#include "buckets.h"

static uint64_t key_of(const struct tables *tables, const struct prefix *own)
{
	const struct s64_seed *seed = &tables->meta->seed;

	if (own->length == 128)
		return s64_local_key(prefix_hi(own), prefix_lo(own), seed);
	return s64_prefix_key(prefix_hi(own), prefix_lo(own), own->length, seed);
}

/* A wanted key: its position in the list. */
struct wanted {
	uint64_t key;
	size_t at;
};

struct wanted_list {
	struct wanted *entry; /* sorted by key; each once */
	size_t count;
};

static int compare_keys(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	return x->key != y->key ? (x->key < y->key ? -1 : 1) : x->at < y->at ? -1 : x->at > y->at;
}

static int compare_places(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static int compare_key(const void *key, const void *entry)
{
	const struct wanted *wanted = entry;

	return *(const uint64_t *)key < wanted->key ? -1 : *(const uint64_t *)key > wanted->key;
}

static void remove_unwanted(struct buckets *table, uint64_t key, void *data)
{
	const struct wanted_list *wanted = data;

	if (!bsearch(&key, wanted->entry, wanted->count, sizeof(*wanted->entry), compare_key))
		buckets_remove(table, key);
}

static void sort_once(struct wanted_list *wanted)
{
	size_t kept = 0;

	qsort(wanted->entry, wanted->count, sizeof(*wanted->entry), compare_keys);
	for (size_t i = 0; i < wanted->count; i++)
		if (!kept || wanted->entry[kept - 1].key != wanted->entry[i].key)
			wanted->entry[kept++] = wanted->entry[i];
	wanted->count = kept;
}

static void put_all(struct buckets *table, struct wanted_list *wanted, const struct prefix *own,
		    struct s64_prefix_lengths *lengths, struct local_count *counted)
{
	qsort(wanted->entry, wanted->count, sizeof(*wanted->entry), compare_places);
	*counted = (struct local_count){};
	for (size_t i = 0; i < wanted->count; i++) {
		unsigned int bit = 128 - own[wanted->entry[i].at].length;

		if (buckets_put(table, wanted->entry[i].key, 0) < 0) {
			counted->left_out++;
			continue;
		}
		counted->known++;
		if (bit)
			lengths->mask[bit / 64] |= 1ULL << bit % 64;
	}
}

int local_set(const struct tables *tables, const struct prefix *own, size_t count, bool keep,
	      struct local_count *counted)
{
	struct s64_prefix_lengths *in_force = &tables->lengths[S64_LOCAL_LENGTHS];
	struct s64_prefix_lengths lengths = keep ? *in_force : (struct s64_prefix_lengths){};
	struct wanted_list wanted = {calloc(count + 1, sizeof(*wanted.entry)), count};
	struct buckets table;

	if (!wanted.entry || buckets_init(&table, tables->local, S64_LOCAL_BUCKETS, NULL, false)) {
		free(wanted.entry);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		wanted.entry[i] = (struct wanted){key_of(tables, &own[i]), i};
	sort_once(&wanted);
	/* Removed keys make room for new ones; keys that stay are not touched. */
	if (!keep)
		buckets_each(&table, remove_unwanted, &wanted);
	put_all(&table, &wanted, own, &lengths, counted);
	for (int i = 0; i < 2; i++)
		S64_WRITE_ONCE(in_force->mask[i], lengths.mask[i]);
	buckets_free(&table);
	free(wanted.entry);
	return 0;
}
