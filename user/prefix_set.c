// SPDX-License-Identifier: GPL-2.0-only
#include "prefix_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void prefix_set_free(struct prefix_set *set)
{
	free(set->entry);
	memset(set, 0, sizeof(*set));
}

/* The first entry that is not before `prefix`. */
static size_t lower_bound(const struct prefix_set *set, const struct prefix *prefix)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (prefix_compare(&set->entry[middle], prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct prefix *find(const struct prefix_set *set, const struct prefix *prefix)
{
	size_t i = lower_bound(set, prefix);

	return i < set->count && !prefix_compare(&set->entry[i], prefix) ? &set->entry[i] :
										 NULL;
}

bool prefix_set_has(const struct prefix_set *set, const struct prefix *prefix)
{
	return find(set, prefix) != NULL;
}

int prefix_set_add(struct prefix_set *set, const struct prefix *prefix)
{
	size_t i = lower_bound(set, prefix);

	if (find(set, prefix))
		return 0;
	if (set->count == set->room) {
		size_t room = set->room ? set->room * 2 : 64;
		struct prefix *grown = realloc(set->entry, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		set->entry = grown;
		set->room = room;
	}
	memmove(&set->entry[i + 1], &set->entry[i],
		(set->count - i) * sizeof(*set->entry));
	set->entry[i] = *prefix;
	set->count++;
	set->of_length[prefix->length]++;
	return 0;
}

void prefix_set_remove(struct prefix_set *set, const struct prefix *prefix)
{
	size_t i = lower_bound(set, prefix);

	if (!find(set, prefix))
		return;
	set->count--;
	memmove(&set->entry[i], &set->entry[i + 1],
		(set->count - i) * sizeof(*set->entry));
	set->of_length[prefix->length]--;
}

const struct prefix *prefix_set_around(const struct prefix_set *set, const struct prefix *prefix)
{
	for (int length = prefix->length; length >= 0; length--) {
		struct prefix around;
		const struct prefix *found;

		if (!set->of_length[length])
			continue;
		around = prefix_around(&prefix->address, length);
		found = find(set, &around);
		if (found)
			return found;
	}
	return NULL;
}

const struct prefix *prefix_set_within(const struct prefix_set *set, const struct prefix *prefix)
{
	/* What lies within comes right behind it, the shorter first. */
	for (size_t i = lower_bound(set, prefix); i < set->count; i++) {
		if (!prefix_contains(prefix, &set->entry[i])) {
			/* the same address, but shorter: it contains the prefix */
			if (!prefix_contains(&set->entry[i], prefix))
				return NULL;
			continue;
		}
		if (set->entry[i].length > prefix->length)
			return &set->entry[i];
	}
	return NULL;
}
