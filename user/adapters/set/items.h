/* SPDX-License-Identifier: GPL-2.0-only */
/* The entries of a set by their keys: what the source wants beside what slash64d has in force. The
 * hash is keyed, as others choose the prefixes.
 */
#ifndef SLASH64_ADAPTERS_SET_ITEMS_H
#define SLASH64_ADAPTERS_SET_ITEMS_H

#include <stddef.h>

#include "set.h"

struct set_state {
	bool is; /* there is one */
	enum set_kind kind;
	uint32_t rate, burst;
	int64_t until_ms; /* 0: no end */
	char *reason;	  /* "" if there is none; NULL if !is */
};

struct set_item {
	struct set_key key;
	struct set_state wanted;
	struct set_state in_force;
	enum set_plan { SET_KEEP, SET_PUT, SET_END } plan;
	int64_t plan_until_ms; /* of SET_PUT */
	uint32_t listed;       /* number of the last list that had it */
	bool was_missed;       /* a list that is waiting for another one did not have it */
	bool is_removed;       /* the source has ended it */
	bool is_refused;       /* by slash64d, when it was last put */
	bool was_sent;	       /* with the last change */
	struct set_item *next; /* of its chain */
};

struct set_items {
	struct set_item **chain;
	size_t chains, count;
	uint64_t seed[3];
};

int set_items_init(struct set_items *items);
void set_items_free(struct set_items *items);

/* NULL if there is none. */
struct set_item *set_items_find(const struct set_items *items, const struct set_key *key);
/* A new one if there is none; NULL if out of memory. */
struct set_item *set_items_add(struct set_items *items, const struct set_key *key);

/* Calls the function for each item, in no order, and removes those for which it returns false. */
typedef bool (*set_items_keep_t)(struct set_item *item, void *data);
void set_items_sweep(struct set_items *items, set_items_keep_t keep, void *data);

/* For a loop: each item in turn; NULL at the end. `at` begins as 0. The set stays as it is. */
struct set_item *set_items_next(const struct set_items *items, const struct set_item *item,
				size_t *at);

/* --- states --- */

/* Copies; -ENOMEM leaves *to as it was. */
int set_state_set(struct set_state *to, const struct set_entry *from);
void set_state_clear(struct set_state *state);
/* Apart from their ends. */
bool set_state_is_like(const struct set_state *a, const struct set_state *b);

#endif
