/* SPDX-License-Identifier: GPL-2.0-only */
/* The search for a prefix in all places where an address may be known from, and the words for what is found. */
#ifndef SLASH64_DAEMON_GUARDS_PLACES_H
#define SLASH64_DAEMON_GUARDS_PLACES_H

#include "protected_addresses.h"
#include "address_set.h"

struct place {
	enum guard guard; /* what an address from here is under */
	uint32_t role;	  /* one of enum known_role; others of the set do not count */
	const struct known_set *set;
};

/* The first guard that holds; `places` are in the order of their guards. `text` then names addresses, with all
 * that each of them is: one for each guard that is not named yet, up to three, and how many more there are.
 */
enum guard places_search(const struct place *places, size_t place_count,
			 const struct prefix *prefix, char *text, size_t bytes);

#endif
