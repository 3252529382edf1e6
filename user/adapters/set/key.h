/* SPDX-License-Identifier: GPL-2.0-only */
/* What an entry is about: a prefix, or an address that stands for its source. As slash64d keeps both
 * apart, 2001:db8::1 is not 2001:db8::1/128.
 */
#ifndef SLASH64_ADAPTERS_SET_KEY_H
#define SLASH64_ADAPTERS_SET_KEY_H

#include "net/prefix.h"

struct set_key {
	struct prefix prefix;
	bool is_address;
};

/* Parses ADDRESS or ADDRESS/LENGTH. Bits behind the length are cut; ::ffff:a.b.c.d is the IPv4
 * address a.b.c.d. 0, or -EINVAL.
 */
int set_key_parse(const char *text, struct set_key *key);

/* A prefix, as the routes and rules of BGP have it: never an address that stands for more. */
struct set_key set_key_of_prefix(const struct prefix *prefix);

/* As slash64d reads it. Into buf of PREFIX_TEXT_MAX; returns buf. */
const char *set_key_format(const struct set_key *key, char *buf);

bool set_key_equal(const struct set_key *a, const struct set_key *b);

#endif
