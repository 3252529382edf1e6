/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of addresses, with their roles. Fill it with address_set_add(), end with address_set_seal(), then
 * search. An IPv4 address behind a translator or a tunnel is in it in both forms, because it is
 * blocked as IPv4 (block_target.h).
 */
#ifndef SLASH64_KERNEL_ADDRESS_SET_H
#define SLASH64_KERNEL_ADDRESS_SET_H

#include <stddef.h>

#include "net/source_rules.h"

enum address_role {
	ADDRESS_OWN = 1U << 0,
	ADDRESS_NEXT_HOP = 1U << 1,
	ADDRESS_DEFAULT = 1U << 2, /* the gateway of a default route */
	ADDRESS_NEIGHBOUR = 1U << 3,
	ADDRESS_ROUTER = 1U << 4, /* a neighbour that announced itself as a router (RFC 4861 4.4) */
	ADDRESS_FAR_END = 1U << 5,  /* of a point-to-point link */
	ADDRESS_BGP = 1U << 6,	    /* a session that this router opened, or tries to open */
	ADDRESS_SSH = 1U << 7,	    /* a user who is logged in */
	ADDRESS_OPERATOR = 1U << 8, /* the caller */
	ADDRESS_PEER = 1U << 9,	    /* configured */
	ADDRESS_BGP_IN = 1U << 10,  /* an established session that the other side opened */
};

struct known_address {
	/* the search key: the IPv4 address in `seen`, mapped, or `seen` itself */
	struct in6_addr key;
	struct in6_addr seen; /* IPv4 mapped */
	uint32_t ifindex;     /* 0: unknown */
	uint32_t roles;	      /* enum address_role */
};

struct address_set {
	struct known_address *entry;
	size_t count, room;
	const struct source_rules *rules; /* by which IPv4 addresses are found; NULL: not at all */
};

/* -ENOMEM: the set is unchanged. */
int address_set_add(struct address_set *set, const struct in6_addr *address, uint32_t ifindex,
		    uint32_t roles);
/* Sorts, and merges equal addresses. */
void address_set_seal(struct address_set *set);
void address_set_free(struct address_set *set); /* keeps the rules */

/* The next one in `prefix` with any of the roles, after `after` (NULL: the first). NULL if there is
 * none.
 */
const struct known_address *address_set_next(const struct address_set *set,
					     const struct prefix *prefix, uint32_t roles,
					     const struct known_address *after);

/* If a prefix covers one IPv4 host behind a translator or a tunnel: the host's IPv4 address. */
bool address_set_v4_of(const struct source_rules *rules, const struct prefix *prefix,
		       struct prefix *v4);

#endif
