/* SPDX-License-Identifier: GPL-2.0-only */
/* The router's own addresses, live through rtnetlink, kept in the table by which the fast path tells local
 * from transit: unicast, anycast, and joined groups of all interfaces of this network namespace.
 */
#ifndef SLASH64_DAEMON_ADDRESSES_H
#define SLASH64_DAEMON_ADDRESSES_H

#include "tables.h"

struct addresses;
struct event_base;

/* Fills the table before it returns, and follows changes from then on. */
int addresses_start(struct addresses **addresses, struct event_base *base, const struct tables *tables,
		    struct error *error);
void addresses_stop(struct addresses *addresses);

/* How many are in the table. */
size_t addresses_count(const struct addresses *addresses);

#endif
