// SPDX-License-Identifier: GPL-2.0-only
#include "items.h"

#include <errno.h>
#include <slash64/hash.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CHAINS_MIN 64

int set_items_init(struct set_items *items)
{
	*items = (struct set_items){.chains = CHAINS_MIN};
	if (getrandom(items->seed, sizeof(items->seed), 0) != sizeof(items->seed))
		return -EIO;
	items->seed[1] |= 1;
	items->seed[2] |= 1;
	items->chain = calloc(items->chains, sizeof(struct set_item *));
	return items->chain ? 0 : -ENOMEM;
}

static void item_free(struct set_item *item)
{
	set_state_clear(&item->wanted);
	set_state_clear(&item->in_force);
	free(item);
}

void set_items_free(struct set_items *items)
{
	for (size_t i = 0; items->chain && i < items->chains; i++) {
		while (items->chain[i]) {
			struct set_item *next = items->chain[i]->next;

			item_free(items->chain[i]);
			items->chain[i] = next;
		}
	}
	free(items->chain);
	*items = (struct set_items){};
}

static struct set_item **chain_of(const struct set_items *items, const struct set_key *key)
{
	const struct s64_seed seed = {items->seed[0], {items->seed[1], items->seed[2]}};
	uint64_t hash = s64_hash128(prefix_hi(&key->prefix),
				    prefix_lo(&key->prefix) ^ (uint64_t)key->prefix.length << 56 ^
					    key->is_address,
				    &seed);

	return &items->chain[hash & (items->chains - 1)];
}

struct set_item *set_items_find(const struct set_items *items, const struct set_key *key)
{
	struct set_item *item = *chain_of(items, key);

	while (item && !set_key_equal(&item->key, key))
		item = item->next;
	return item;
}

/* Without the memory for it, chains become longer. */
static void grow(struct set_items *items)
{
	struct set_items wider = *items;

	wider.chains = items->chains * 2;
	wider.chain = calloc(wider.chains, sizeof(struct set_item *));
	if (!wider.chain)
		return;
	for (size_t i = 0; i < items->chains; i++) {
		while (items->chain[i]) {
			struct set_item *item = items->chain[i],
					**to = chain_of(&wider, &item->key);

			items->chain[i] = item->next;
			item->next = *to;
			*to = item;
		}
	}
	free(items->chain);
	*items = wider;
}

struct set_item *set_items_add(struct set_items *items, const struct set_key *key)
{
	struct set_item *item = set_items_find(items, key), **chain;

	if (item)
		return item;
	item = calloc(1, sizeof(*item));
	if (!item)
		return NULL;
	if (items->count >= items->chains)
		grow(items);
	item->key = *key;
	chain = chain_of(items, key);
	item->next = *chain;
	*chain = item;
	items->count++;
	return item;
}

void set_items_sweep(struct set_items *items, set_items_keep_t keep, void *data)
{
	for (size_t i = 0; i < items->chains; i++) {
		struct set_item **at = &items->chain[i];

		while (*at) {
			struct set_item *item = *at;

			if (keep(item, data)) {
				at = &item->next;
				continue;
			}
			*at = item->next;
			item_free(item);
			items->count--;
		}
	}
}

struct set_item *set_items_next(const struct set_items *items, const struct set_item *item,
				size_t *at)
{
	if (item && item->next)
		return item->next;
	while (*at < items->chains)
		if (items->chain[(*at)++])
			return items->chain[*at - 1];
	return NULL;
}

/* --- states --- */

int set_state_set(struct set_state *to, const struct set_entry *from)
{
	const char *reason = from->reason ? from->reason : "";
	char *copy = to->is && !strcmp(to->reason, reason) ? to->reason : strdup(reason);

	if (!copy)
		return -ENOMEM;
	if (copy != to->reason)
		free(to->reason);
	*to = (struct set_state){.is = true,
				 .kind = from->kind,
				 .rate = from->kind == SET_THROTTLE ? from->rate : 0,
				 .burst = from->kind == SET_THROTTLE ? from->burst : 0,
				 .until_ms = from->until_ms,
				 .reason = copy};
	return 0;
}

void set_state_clear(struct set_state *state)
{
	free(state->reason);
	*state = (struct set_state){};
}

bool set_state_is_like(const struct set_state *a, const struct set_state *b)
{
	return a->is && b->is && a->kind == b->kind && a->rate == b->rate && a->burst == b->burst &&
	       !strcmp(a->reason, b->reason);
}
