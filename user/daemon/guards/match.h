/* SPDX-License-Identifier: GPL-2.0-only */
/* Searches all sets of addresses for a prefix, and describes what it finds. */
#ifndef SLASH64_DAEMON_GUARDS_PLACES_H
#define SLASH64_DAEMON_GUARDS_PLACES_H

#include "protected_addresses.h"
#include "address_set.h"

struct place {
	enum guard guard; /* the guard for an address found here */
	uint32_t role;	  /* one of enum known_role; others in the set are ignored */
	const struct known_set *set;
};

/* The first guard that matches; `places` are in the order of their guards. `text` then names
 * addresses with all their roles: one for each guard that is not named yet, up to three, and the
 * number of others.
 */
enum guard places_search(const struct place *places, size_t place_count,
			 const struct prefix *prefix, char *text, size_t bytes);

#endif
