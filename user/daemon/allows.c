// SPDX-License-Identifier: GPL-2.0-only
#include "allows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void allows_free(struct allows *allows)
{
	free(allows->entry);
	memset(allows, 0, sizeof(*allows));
}

/* The first entry that is not before `prefix`. */
static size_t lower_bound(const struct allows *allows, const struct prefix *prefix)
{
	size_t low = 0, high = allows->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (prefix_compare(&allows->entry[middle], prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct prefix *find(const struct allows *allows, const struct prefix *prefix)
{
	size_t i = lower_bound(allows, prefix);

	return i < allows->count && !prefix_compare(&allows->entry[i], prefix) ? &allows->entry[i] :
										 NULL;
}

int allows_add(struct allows *allows, const struct prefix *prefix)
{
	size_t i = lower_bound(allows, prefix);

	if (find(allows, prefix))
		return 0;
	if (allows->count == allows->room) {
		size_t room = allows->room ? allows->room * 2 : 64;
		struct prefix *grown = realloc(allows->entry, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		allows->entry = grown;
		allows->room = room;
	}
	memmove(&allows->entry[i + 1], &allows->entry[i],
		(allows->count - i) * sizeof(*allows->entry));
	allows->entry[i] = *prefix;
	allows->count++;
	allows->of_length[prefix->length]++;
	return 0;
}

void allows_remove(struct allows *allows, const struct prefix *prefix)
{
	size_t i = lower_bound(allows, prefix);

	if (!find(allows, prefix))
		return;
	allows->count--;
	memmove(&allows->entry[i], &allows->entry[i + 1],
		(allows->count - i) * sizeof(*allows->entry));
	allows->of_length[prefix->length]--;
}

const struct prefix *allows_around(const struct allows *allows, const struct prefix *prefix)
{
	for (int length = prefix->length; length >= 0; length--) {
		struct prefix around;
		const struct prefix *found;

		if (!allows->of_length[length])
			continue;
		around = prefix_around(&prefix->address, length);
		found = find(allows, &around);
		if (found)
			return found;
	}
	return NULL;
}

const struct prefix *allows_within(const struct allows *allows, const struct prefix *prefix)
{
	/* What lies within comes right behind it, the shorter first. */
	for (size_t i = lower_bound(allows, prefix); i < allows->count; i++) {
		if (!prefix_contains(prefix, &allows->entry[i])) {
			/* the same address, but shorter: it contains the prefix */
			if (!prefix_contains(&allows->entry[i], prefix))
				return NULL;
			continue;
		}
		if (allows->entry[i].length > prefix->length)
			return &allows->entry[i];
	}
	return NULL;
}
