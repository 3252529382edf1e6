/* SPDX-License-Identifier: GPL-2.0-only */
/* Searches all sets of addresses for a prefix, and describes what it finds. */
#ifndef SLASH64_DAEMON_GUARDS_MATCH_H
#define SLASH64_DAEMON_GUARDS_MATCH_H

#include "protected_addresses.h"
#include "kernel/address_set.h"

struct match_set {
	enum guard guard; /* the guard for an address found here */
	uint32_t role;	  /* one of enum address_role; others in the set are ignored */
	const struct address_set *set;
};

/* The first guard that matches; `places` are in the order of their guards. `text` then names
 * addresses with all their roles: one for each guard that is not named yet, up to three, and the
 * number of others.
 */
enum guard match_search(const struct match_set *match_sets, size_t match_set_count,
			const struct prefix *prefix, char *text, size_t bytes);

#endif
