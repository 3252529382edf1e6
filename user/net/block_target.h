/* SPDX-License-Identifier: GPL-2.0-only */
/* What a prefix is to the tables: the whole of a site, or a prefix that is searched for. And whether it is
 * anything a person can have meant: a /64 behind which the whole IPv4 Internet is, is not.
 */
#ifndef SLASH64_USER_UNITS_H
#define SLASH64_USER_UNITS_H

#include "net/source_rules.h"

#define UNIT_NOTE_MAX 256

/* What is shorter is more than one network, and is blocked only where somebody insists: a /29 is what a registry gives one
 * network without asking why.
 */
#define UNIT_LENGTH_MIN	   29
#define UNIT_V4_LENGTH_MIN 13

struct unit {
	/* in the form it is stored in: every form of an IPv4 host is its IPv4 address */
	struct prefix prefix;
	bool is_site;
	uint64_t site; /* where it is one */
};

/* What was said, where that is something else than the prefix that is stored: an address that
 * stands for its site, or another form of an IPv4 address. Of length 0 where it is the prefix
 * itself.
 */
struct prefix unit_said(const struct unit *unit, const struct prefix *prefix);

/* The unit of a prefix that is in the stored form; cannot fail. */
struct unit unit_of_stored(const struct site_rules *rules, const struct s64_seed *seed,
			   const struct prefix *prefix);

/* The unit somebody means who wrote a prefix, or (`note` PREFIX_WAS_ADDRESS) an address, which stands for its
 * site. `said`, which may be NULL, is what the answer should say of it, or "". -EINVAL where it can be none at all; -EDOM where it is
 * none that is safe to block, and then *unit is filled in all the same, for those who insist.
 */
int unit_of(const struct site_rules *rules, const struct s64_seed *seed,
	    const struct prefix *prefix, enum prefix_note note, struct unit *unit,
	    char said[UNIT_NOTE_MAX], struct error *error);

#endif
