/* SPDX-License-Identifier: GPL-2.0-only */
/* The next hops of this router, and the networks of its static routes. There may be a million
 * routes, so they are not read at each check but followed, and read again after a change, at most
 * every 5 s, a part in each turn of the event loop. Only next hops and networks are kept.
 */
#ifndef SLASH64_DAEMON_GUARDS_NEXT_HOPS_H
#define SLASH64_DAEMON_GUARDS_NEXT_HOPS_H

#include "base/error.h"
#include "kernel/address_set.h"
#include "kernel/networks.h"

struct event_base;
struct routes;

/* Reads all of them before it returns. A failure is a warning, and is retried. */
int routes_start(struct routes **routes, struct event_base *base, struct error *error);
void routes_stop(struct routes *routes);

/* Valid until the event loop runs again. */
const struct address_set *routes_next_hops(const struct routes *routes);
const struct networks *routes_networks(const struct routes *routes);

#endif
