// SPDX-License-Identifier: GPL-2.0-only
#include "address_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 256

bool address_set_v4_of(const struct source_rules *rules, const struct prefix *prefix,
		       struct prefix *v4)
{
	uint64_t hi = prefix_hi(prefix), lo = prefix_lo(prefix);
	const struct s64_source_rule *rule = source_rules_find(rules, hi, lo);
	uint8_t whole;

	if (!rule)
		return false;
	switch (rule->kind) {
	case S64_SOURCE_KIND_NAT64:
		whole = nat64_end(rule->length);
		*v4 = prefix_of_v4(s64_nat64_v4(hi, lo, rule->length), 32);
		break;
	case S64_SOURCE_KIND_TEREDO:
		whole = 128;
		*v4 = prefix_of_v4(~(uint32_t)lo, 32);
		break;
	case S64_SOURCE_KIND_6TO4:
		whole = 48;
		*v4 = prefix_of_v4(hi >> 16, 32);
		break;
	default:
		return false;
	}
	return prefix->length >= whole;
}

static int compare(const void *a, const void *b)
{
	const struct known_address *x = a, *y = b;
	int order = memcmp(&x->key, &y->key, sizeof(x->key));

	return order ? order : memcmp(&x->seen, &y->seen, sizeof(x->seen));
}

/* The same link-local address may exist on several links; the first one is reported. */
static void merge(struct known_address *into, const struct known_address *from)
{
	into->roles |= from->roles;
	if (!into->ifindex)
		into->ifindex = from->ifindex;
}

void address_set_seal(struct address_set *set)
{
	size_t kept = 0;

	if (set->count < 2)
		return;
	qsort(set->entry, set->count, sizeof(*set->entry), compare);
	for (size_t i = 1; i < set->count; i++) {
		if (!compare(&set->entry[kept], &set->entry[i]))
			merge(&set->entry[kept], &set->entry[i]);
		else
			set->entry[++kept] = set->entry[i];
	}
	set->count = kept + 1;
}

/* Many routes have few next hops: a full set is sealed first, and grows only if that does not help.
 */
static int make_room(struct address_set *set)
{
	struct known_address *grown;
	size_t room;

	if (set->count < set->room)
		return 0;
	address_set_seal(set);
	if (set->room && set->count <= set->room / 2)
		return 0;
	room = set->room ? set->room * 2 : ROOM_FIRST;
	grown = realloc(set->entry, room * sizeof(*grown));
	if (!grown)
		return set->count < set->room ? 0 : -ENOMEM;
	set->entry = grown;
	set->room = room;
	return 0;
}

static int append(struct address_set *set, const struct known_address *addr)
{
	struct known_address *last = set->count ? &set->entry[set->count - 1] : NULL;
	int err;

	if (last && !compare(last, addr)) {
		merge(last, addr);
		return 0;
	}
	err = make_room(set);
	if (!err)
		set->entry[set->count++] = *addr;
	return err;
}

int address_set_add(struct address_set *set, const struct in6_addr *address, uint32_t ifindex,
		    uint32_t roles)
{
	struct known_address addr = {*address, *address, ifindex, roles};
	struct prefix whole = {*address, 128}, v4;
	int err = append(set, &addr);

	if (err || !set->rules || !address_set_v4_of(set->rules, &whole, &v4))
		return err;
	addr.key = v4.address;
	return append(set, &addr);
}

void address_set_free(struct address_set *set)
{
	free(set->entry);
	*set = (struct address_set){.rules = set->rules};
}

/* The first one that is not before the prefix. */
static const struct known_address *lower_bound(const struct address_set *set,
					       const struct prefix *prefix)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(&set->entry[middle].key, &prefix->address, sizeof(prefix->address)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return set->entry + low;
}

const struct known_address *address_set_next(const struct address_set *set,
					     const struct prefix *prefix, uint32_t roles,
					     const struct known_address *after)
{
	const struct known_address *end = set->entry + set->count;

	if (!set->count)
		return NULL;
	for (const struct known_address *addr = after ? after + 1 : lower_bound(set, prefix);
	     addr < end; addr++) {
		struct prefix whole = {addr->key, 128};

		if (!prefix_contains(prefix, &whole))
			return NULL;
		if (addr->roles & roles)
			return addr;
	}
	return NULL;
}
