/* SPDX-License-Identifier: GPL-2.0-only */
/* The source rules (headers/slash64/source.h), general and configured, and the source of an address
 * by them, as the datapath computes it.
 */
#ifndef SLASH64_NET_SOURCE_RULES_H
#define SLASH64_NET_SOURCE_RULES_H

#include <slash64/source.h>

#include "base/error.h"
#include "prefix.h"

struct source_rules {
	struct s64_source_rule rule[S64_SOURCE_RULES_MAX]; /* longer prefixes first */
	unsigned int count;
};

/* The source of an address. */
struct source {
	uint64_t src_key;
	uint32_t length; /* a longer prefix is a part of the source */
	enum s64_source_kind kind;
	const struct s64_source_rule *rule; /* the one that says so; NULL: none */
	struct prefix shown;		    /* what a person reads and blocks */
};

/* The general rules. */
void source_rules_init(struct source_rules *rules);

/* Adds a rule: `kind` NAT64, ISATAP, or LENGTH with a length of 16 to 128. -EINVAL if it makes no
 * sense, -ENOSPC, -EEXIST if there is one for the same prefix.
 */
int source_rules_add(struct source_rules *rules, const struct prefix *prefix,
		     enum s64_source_kind kind, uint8_t source_length, struct error *error);

bool source_rules_equal(const struct source_rules *a, const struct source_rules *b);

/* The rule that matches an address, or NULL. */
const struct s64_source_rule *source_rules_find(const struct source_rules *rules, uint64_t hi,
						uint64_t lo);
struct prefix source_rule_prefix(const struct s64_source_rule *rule);

/* The source of `address`. A prefix of IPv4 is an IPv4 address. */
struct source source_rules_identify(const struct source_rules *rules, const struct s64_seed *seed,
				    const struct prefix *address);

/* Length of an IPv4 host's prefix behind an RFC 6052 prefix of that length: up to the last bit of
 * the IPv4 address.
 */
uint8_t nat64_end(uint8_t prefix_length);

/* The address of an IPv4 host behind an RFC 6052 prefix, of full length. */
struct prefix nat64_address(const struct prefix *translator, uint32_t v4);

#endif
