// SPDX-License-Identifier: GPL-2.0-only
#include "local.h"

#include <errno.h>
#include <slash64/placement.h>
#include <stdlib.h>

struct place {
	struct s64_bucket *bucket;
	int slot;
};

static uint64_t address_hash(const struct tables *tables, const struct in6_addr *address)
{
	struct prefix whole = {.address = *address, .length = 128};

	return s64_hash128(prefix_hi(&whole), prefix_lo(&whole), &tables->meta->seed);
}

/* As the fast path computes it (bpf/judge.h): 0 is an empty slot. */
static uint64_t key_of(uint64_t hash)
{
	return hash | 1;
}

static int place_find(const struct s64_bucket *bucket, uint64_t key)
{
	for (int i = 0; i < S64_BUCKET_KEYS; i++)
		if (bucket->key[i] == key)
			return i;
	return -1;
}

static int add(const struct tables *tables, uint64_t hash)
{
	struct s64_bucket *first = &tables->local[bucket_first(hash, S64_LOCAL_BUCKETS)];
	struct s64_bucket *second = &tables->local[bucket_second(hash, S64_LOCAL_BUCKETS)];
	struct s64_bucket *bucket = first;
	int slot;

	if (place_find(first, key_of(hash)) >= 0 || place_find(second, key_of(hash)) >= 0)
		return 0;
	slot = place_find(first, 0);
	if (slot < 0) {
		bucket = second;
		slot = place_find(second, 0);
		if (slot < 0)
			return -ENOSPC;
		__atomic_store_n(&first->overflow, 1, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&bucket->key[slot], key_of(hash), __ATOMIC_RELEASE);
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int local_set(const struct tables *tables, const struct in6_addr *address, size_t count)
{
	uint64_t *wanted = malloc((count + 1) * sizeof(*wanted));
	int err = 0;

	if (!wanted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		wanted[i] = key_of(address_hash(tables, &address[i]));
	qsort(wanted, count, sizeof(*wanted), compare_keys);
	/* What is gone makes room for what is new; what stays is not touched. */
	for (uint32_t i = 0; i < S64_LOCAL_BUCKETS; i++)
		for (int j = 0; j < S64_BUCKET_KEYS; j++) {
			__u64 *key = &tables->local[i].key[j];
			uint64_t value = *key;

			if (value && !bsearch(&value, wanted, count, sizeof(*wanted), compare_keys))
				__atomic_store_n(key, 0, __ATOMIC_RELEASE);
		}
	for (size_t i = 0; i < count && !err; i++)
		err = add(tables, address_hash(tables, &address[i]));
	free(wanted);
	return err;
}
