// SPDX-License-Identifier: GPL-2.0-only
/* Guard rails for a million entries: from the protected addresses to the entries around them. */
#include "plan_internal.h"

static void refuse(const struct import_guard_rails *guard_rails, struct import_entry *entry,
		   enum import_cause cause, const char *why)
{
	entry->refused = true;
	guard_rails->refused(entry, cause, why, guard_rails->data);
}

/* The first entry that is not before the prefix. */
static size_t group_bound(const struct import_group *group, const struct prefix *prefix)
{
	size_t low = 0, high = group->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (prefix_compare(&group->entry[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first entry of the prefix: there may be several, with different `said`. */
static struct import_entry *group_find(const struct import_group *group,
				       const struct prefix *prefix)
{
	size_t low = group_bound(group, prefix);

	return low < group->count && !prefix_compare(&group->entry[low].prefix, prefix) ?
		       &group->entry[low] :
		       NULL;
}

typedef void (*around_t)(const struct import_guard_rails *guard_rails, struct import_entry *entry,
			 const void *data);

static void each_around(const struct import_guard_rails *guard_rails,
			const struct import_group *group, const struct prefix *inner, around_t each,
			const void *data)
{
	for (int length = inner->length; length >= S64_PREFIX_LENGTH_MIN; length--) {
		struct prefix around = prefix_around(&inner->address, length);
		struct import_entry *entry = group_find(group, &around);
		const struct import_entry *end = group->entry + group->count;

		for (; entry && entry < end && !prefix_compare(&entry->prefix, &around); entry++)
			if (import_entry_is_block(entry))
				each(guard_rails, entry, data);
	}
}

typedef int (*check_t)(const struct guard_rails *guard_rails,
		       const struct guard_rails_request *request, struct guard_rails_answer *answer,
		       struct error *error);

static void check_entry(const struct import_guard_rails *guard_rails, struct import_entry *entry,
			check_t check)
{
	const struct guard_rails against = {blocks_allowed(guard_rails->blocks),
					    guard_rails->protection, guard_rails->caller};
	const struct guard_rails_request request = {.by = GUARD_RAILS_BY_LIST,
						    .prefix = &entry->prefix,
						    .force = guard_rails->force};
	struct guard_rails_answer answer;
	struct error why;

	if (check(&against, &request, &answer, &why))
		refuse(guard_rails, entry,
		       answer.cause == GUARD_RAILS_ALLOWED ? IMPORT_ALLOWED : IMPORT_GUARDED,
		       why.text);
}

static void refuse_guarded(const struct import_guard_rails *guard_rails, struct import_entry *entry,
			   const void *data)
{
	(void)data;
	check_entry(guard_rails, entry, guard_rails_check);
}

/* The entries within it come right after it, or after its position. */
static void refuse_network(const struct import_guard_rails *guard_rails,
			   const struct import_group *group, const struct prefix *network)
{
	each_around(guard_rails, group, network, refuse_guarded, NULL);
	for (size_t i = group_bound(group, network); i < group->count; i++) {
		struct import_entry *entry = &group->entry[i];

		changes_breathe(guard_rails->blocks->changes);
		if (!prefix_contains(network, &entry->prefix)) {
			/* the same address, and shorter: prefixes around it were checked already */
			if (!prefix_contains(&entry->prefix, network))
				return;
		} else if (import_entry_is_block(entry)) {
			refuse_guarded(guard_rails, entry, NULL);
		}
	}
}

static void check_networks(const struct import_guard_rails *guard_rails,
			   const struct import_group *group)
{
	const struct prefix *network;
	size_t n = protected_addresses_networks(guard_rails->protection, &network);

	for (size_t i = 0; i < n; i++) {
		refuse_network(guard_rails, group, &network[i]);
		changes_breathe(guard_rails->blocks->changes);
	}
}

static void check_group(const struct import_guard_rails *guard_rails,
			const struct import_group *group)
{
	const struct in6_addr *guarded;
	size_t n;

	for (size_t i = 0; i < group->count; i++) {
		changes_breathe(guard_rails->blocks->changes);
		if (import_entry_is_block(&group->entry[i]))
			check_entry(guard_rails, &group->entry[i], guard_rails_check_alone);
	}
	/* of this change, because no other one requests numbers meanwhile */
	n = protected_addresses_list(guard_rails->protection, guard_rails->caller, &guarded);
	for (size_t i = 0; i < n && !guard_rails->force; i++) {
		struct prefix address = {guarded[i], 128};

		each_around(guard_rails, group, &address, refuse_guarded, NULL);
		changes_breathe(guard_rails->blocks->changes);
	}
	if (!guard_rails->force)
		check_networks(guard_rails, group);
}

void import_check_guard_rails(const struct import_guard_rails *guard_rails,
			      struct import_entries *entries)
{
	for (size_t at = 0; at < entries->count;) {
		struct import_group group =
			import_group_at(entries, at, guard_rails->blocks->changes);

		check_group(guard_rails, &group);
		at += group.count;
	}
}
