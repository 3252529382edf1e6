// SPDX-License-Identifier: GPL-2.0-only
#include "local.h"

#include <errno.h>
#include <stdlib.h>

#include "buckets.h"

static uint64_t key_of(const struct tables *tables, const struct in6_addr *address)
{
	struct prefix whole = {.address = *address, .length = 128};

	return s64_local_key(prefix_hi(&whole), prefix_lo(&whole), &tables->meta->seed);
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct unwanted {
	const uint64_t *wanted;
	size_t count;
};

static void remove_unwanted(struct buckets *table, uint64_t key, void *data)
{
	const struct unwanted *gone = data;

	if (!bsearch(&key, gone->wanted, gone->count, sizeof(key), compare_keys))
		buckets_remove(table, key);
}

int local_set(const struct tables *tables, const struct in6_addr *address, size_t count)
{
	uint64_t *wanted = malloc((count + 1) * sizeof(*wanted));
	struct unwanted gone;
	struct buckets table;
	int err = 0;

	if (!wanted || buckets_init(&table, tables->local, S64_LOCAL_BUCKETS, NULL, false)) {
		free(wanted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		wanted[i] = key_of(tables, &address[i]);
	qsort(wanted, count, sizeof(*wanted), compare_keys);
	/* What is gone makes room for what is new; what stays is not touched. */
	gone = (struct unwanted){wanted, count};
	buckets_each(&table, remove_unwanted, &gone);
	for (size_t i = 0; i < count && err >= 0; i++)
		err = buckets_put(&table, wanted[i], 0);
	buckets_free(&table);
	free(wanted);
	return err < 0 ? err : 0;
}
