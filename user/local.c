// SPDX-License-Identifier: GPL-2.0-only
#include "local.h"

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

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct unwanted {
	const uint64_t *wanted; /* sorted */
	size_t count;
};

static void remove_unwanted(struct buckets *table, uint64_t key, void *data)
{
	const struct unwanted *gone = data;

	if (!bsearch(&key, gone->wanted, gone->count, sizeof(key), compare_keys))
		buckets_remove(table, key);
}

/* Returns how many found no place. */
static size_t put_all(struct buckets *table, const struct tables *tables, const struct prefix *own, size_t count,
		      struct s64_prefix_lengths *lengths)
{
	size_t left_out = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned int bit = 128 - own[i].length;

		if (buckets_put(table, key_of(tables, &own[i]), 0) < 0)
			left_out++;
		else if (bit)
			lengths->mask[bit / 64] |= 1ULL << bit % 64;
	}
	return left_out;
}

int local_set(const struct tables *tables, const struct prefix *own, size_t count, size_t *left_out)
{
	struct s64_prefix_lengths *in_force = &tables->lengths[S64_LOCAL_LENGTHS], lengths = {};
	uint64_t *wanted = malloc((count + 1) * sizeof(*wanted));
	struct unwanted gone;
	struct buckets table;

	if (!wanted || buckets_init(&table, tables->local, S64_LOCAL_BUCKETS, NULL, false)) {
		free(wanted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		wanted[i] = key_of(tables, &own[i]);
	qsort(wanted, count, sizeof(*wanted), compare_keys);
	/* What is gone makes room for what is new; what stays is not touched. */
	gone = (struct unwanted){wanted, count};
	buckets_each(&table, remove_unwanted, &gone);
	*left_out = put_all(&table, tables, own, count, &lengths);
	for (int i = 0; i < 2; i++)
		S64_WRITE_ONCE(in_force->mask[i], lengths.mask[i]);
	buckets_free(&table);
	free(wanted);
	return 0;
}
