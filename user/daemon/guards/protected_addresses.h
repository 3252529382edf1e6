/* SPDX-License-Identifier: GPL-2.0-only */
/* Would a block of this prefix lock the operator out, or cut the router off? Checked before a
 * block, against the kernel of this network namespace (own addresses, next hops, BGP peers), and
 * logind and utmp (where users are logged in from). Only what is proven counts, never what a
 * stranger can cause by sending a packet, such as a neighbour entry or a connection to a listening
 * port: otherwise an attacker could not be blocked.
 *
 * A prefix covers an address that is within it. It also covers one that is an IPv4 address within
 * it behind a translator or a tunnel (source.h), because the block of an IPv4 address covers all
 * its forms.
 */
#ifndef SLASH64_DAEMON_GUARDS_PROTECTED_ADDRESSES_H
#define SLASH64_DAEMON_GUARDS_PROTECTED_ADDRESSES_H

#include "config/config.h"
#include "base/error.h"
#include "net/block_target.h"

/* In this order: if several match, the first is reported. */
enum guard {
	GUARD_NONE,
	GUARD_EVERYTHING, /* all of IPv6, or all of IPv4: not even with force */
	GUARD_SHORT, /* shorter than BLOCK_TARGET_LENGTH_MIN or, for IPv4, BLOCK_TARGET_V4_LENGTH_MIN */
	GUARD_OWN_ADDRESS, /* a unicast address of this router */
	GUARD_NEXT_HOP,	   /* a gateway of a route or a nexthop object */
	GUARD_NEIGHBOUR,   /* a permanent neighbour, or the far end of a link */
	GUARD_PEER,	   /* configured, or with a BGP session that this router opened */
	GUARD_SSH,	   /* the operator's own source, or that of another logged-in user */
	/* configured as own, or found behind this router (networks.h) */
	GUARD_OWN_NETWORK,
};

/* The hint of a refusal that force overrides. */
#define GUARD_FORCE_HINT "force overrides this"

struct protected_addresses;
struct event_base;

/* Reads all routes before it returns, and follows them from then on. A new next hop is known at
 * once, or, if hundreds of routes change in a second, once that is over and they have been read
 * again; one in use is a neighbour before that. Read failures are warnings, not errors.
 */
int protected_addresses_start(struct protected_addresses **protection, struct event_base *base,
			      struct error *error);
void protected_addresses_stop(struct protected_addresses *protection);

/* Takes from a configuration: the rules by which an IPv4 address is found in an IPv6 one (until
 * then the general rules), its peers, each a whole address, and its own networks. The previous
 * state goes to *before, for protected_addresses_restore() or protected_addresses_forget(). -ENOMEM: nothing has changed.
 */
struct protected_addresses_before;
int protected_addresses_configure(struct protected_addresses *protection,
				  const struct source_rules *rules,
				  const struct config_prefixes *peers,
				  const struct config_prefixes *own,
				  struct protected_addresses_before **before);
void protected_addresses_restore(struct protected_addresses *protection,
				 struct protected_addresses_before *before);
void protected_addresses_forget(struct protected_addresses_before *before);

/* From where whoever asks is logged in, as the client tells (IPv4 mapped): guarded as well as what the
 * kernel tells. NULL: slash64d itself asks.
 */
struct guards_caller {
	const struct in6_addr *from;
	size_t count;
};

#define GUARDS_SOURCES_MAX 64 /* more do not count */

/* What the kernel tells is at most 100 ms old, or 20 times what it takes to ask, so that a check costs
 * microseconds in a row of them; where it takes little, the loop asks again before that is over, for
 * 2 s behind a check.
 * Unless it returns GUARD_NONE, *why is one line: what is not blocked, why, and what to do.
 */
enum guard protected_addresses_check(struct protected_addresses *protection,
				     const struct prefix *prefix,
				     const struct guards_caller *caller, struct error *why);

/* Reads logged-in users from there instead of LOGINS_UTMP; the text remains the caller's. */
void protected_addresses_set_utmp(struct protected_addresses *protection, const char *path);

/* GUARD_EVERYTHING, or GUARD_SHORT: decided by the prefix alone. */
bool protected_addresses_is_short(const struct prefix *prefix);

/* All guarded addresses, in no order and perhaps twice: with a million prefixes to check, it is
 * faster to ask which of them cover one of these. Valid until the next call.
 */
size_t protected_addresses_list(struct protected_addresses *protection,
				const struct guards_caller *caller,
				const struct in6_addr **addresses);
/* All guarded networks, likewise: a prefix within one, or that contains one, is refused. */
size_t protected_addresses_networks(struct protected_addresses *protection,
				    const struct prefix **networks);

#endif
