/* SPDX-License-Identifier: GPL-2.0-only */
/* The router's own addresses, live through rtnetlink, kept in the table by which the fast path tells local from transit:
 * unicast and anycast addresses and joined groups of all interfaces of this network namespace, local routes (AnyIP), and
 * SRv6 segments. A change is in force some milliseconds after the kernel has made it, however many come; nothing that
 * must not be lost waits for that (docs/design.md).
 */
#ifndef SLASH64_DAEMON_ADDRESSES_H
#define SLASH64_DAEMON_ADDRESSES_H

#include "maps/maps.h"

struct addresses;
struct event_base;

/* Fills the table before it returns, and follows changes from then on. */
int addresses_start(struct addresses **addresses, struct event_base *base,
		    const struct tables *tables, struct error *error);
void addresses_stop(struct addresses *addresses);

/* How many are in the table, and how many found no place in it. */
struct addresses_count {
	size_t known, left_out;
};

struct addresses_count addresses_count(const struct addresses *addresses);

#endif
