/* SPDX-License-Identifier: GPL-2.0-only */
/* Who holds a prefix: the files "delegated-REGISTRY-extended-latest" that the regional registries
 * publish every day, read from disk. Nobody is asked.
 *
 *   ripencc|NL|ipv6|2001:67c:2e8::|48|20100908|assigned|opaque-id
 *
 * The fifth field of IPv6 is the length of the prefix, that of IPv4 the number of addresses, which
 * need not be a power of 2. The opaque id is the same for everything that one holder has from that
 * registry.
 */
#ifndef SLASH64_REGISTRY_DELEGATED_H
#define SLASH64_REGISTRY_DELEGATED_H

#include "base/error.h"
#include "net/prefix.h"

#define DELEGATED_WORD_MAX    24
#define DELEGATED_ID_MAX      96
#define DELEGATED_NETWORK_MAX (2 * INET6_ADDRSTRLEN + 4)

struct delegation {
	bool is_v4;
	struct in6_addr first, last;	     /* IPv4 as IPv4-mapped */
	char network[DELEGATED_NETWORK_MAX]; /* "2001:db8::/32", or "FIRST - LAST" */
	char registry[DELEGATED_WORD_MAX];   /* "ripencc" */
	char country[DELEGATED_WORD_MAX];    /* ISO 3166, two letters; may be empty */
	char status[DELEGATED_WORD_MAX];     /* "allocated" or "assigned" */
	char date[DELEGATED_WORD_MAX];	     /* "20100908"; may be empty */
	char id[DELEGATED_ID_MAX];	     /* of the holder; may be empty */
};

/* Parses a line without its end. 0: *out is a delegation. 1: nothing that anybody holds: a header,
 * a summary, a comment, an AS number, free space. -EINVAL: malformed.
 */
int delegated_parse(const char *line, struct delegation *out);

/* The smallest delegation in a file that contains a prefix. 0; 1 if there is none; or -errno, with
 * *error set, if the file cannot be read, or is no such file.
 */
int delegated_find(const char *file, const struct prefix *prefix, struct delegation *out,
		   struct error *error);

#endif
