/* SPDX-License-Identifier: GPL-2.0-only */
/* The router's own addresses, followed through rtnetlink, in the map that tells local from transit:
 * unicast and anycast addresses and joined groups of all interfaces of this network namespace,
 * local routes (AnyIP), and SRv6 segments. A change is in force some milliseconds after the kernel
 * made it, however many there are; nothing that must not be lost depends on that (docs/design.md).
 */
#ifndef SLASH64_DAEMON_NETLINK_LOCAL_ADDRESS_MONITOR_H
#define SLASH64_DAEMON_NETLINK_LOCAL_ADDRESS_MONITOR_H

#include "maps/maps.h"

struct addresses;
struct event_base;

/* Fills the map before it returns, and follows changes from then on. */
int addresses_start(struct addresses **addresses, struct event_base *base, const struct maps *maps,
		    struct error *error);
void addresses_stop(struct addresses *addresses);

/* The number of entries in the map, and of those that did not fit. */
struct addresses_count {
	size_t known, left_out;
};

struct addresses_count addresses_count(const struct addresses *addresses);

#endif
