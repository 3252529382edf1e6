/* SPDX-License-Identifier: GPL-2.0-only */
/* Networks behind this router: what a list names of them was mistaken, or is the other side of an attack. The operator
 * names them under `own`; and they are found where somebody has written down that they are there: a permanent address
 * with its length, or a static route. What comes of a packet (a router advertisement, a lease, a route that a protocol
 * brings) says nothing here. Nor does what lies where a default route leads: there is everybody.
 */
#ifndef SLASH64_DAEMON_GUARDS_NETWORKS_H
#define SLASH64_DAEMON_GUARDS_NETWORKS_H

#include <stddef.h>

#include "net/prefix_set.h"

#define NETWORKS_MAX	     65536 /* found; those that `own` names are as many as there are */
#define NETWORKS_OUTSIDE_MAX 64

enum network_kind {
	NETWORK_CONFIGURED,
	NETWORK_CONNECTED,
	NETWORK_ROUTED,
};

struct network {
	struct prefix prefix;
	uint32_t ifindex; /* 0: none */
	enum network_kind kind;
};

struct networks {
	struct network *entry; /* sorted by prefix, when they are sealed */
	size_t count, room;
	struct prefix_set set;
	uint32_t outside[NETWORKS_OUTSIDE_MAX]; /* interfaces that a default route leads to */
	size_t outsides;
	bool left_out; /* there are more than NETWORKS_MAX */
};

/* A route of the kernel, unicast, that no protocol has brought. */
struct network_route {
	struct prefix to;
	uint32_t ifindex;
};

/* -ENOMEM. */
int networks_add(struct networks *networks, const struct prefix *prefix, uint32_t ifindex,
		 enum network_kind kind);
/* Whether it leads outside is seen by its length: half of the Internet and more is no network. */
int networks_add_route(struct networks *networks, const struct network_route *route);
void networks_add_outside(struct networks *networks, uint32_t ifindex);

/* Sorts, and leaves out what lies outside by `routes`, which may be the same. -ENOMEM. */
int networks_seal(struct networks *networks, const struct networks *routes);
void networks_clear(struct networks *networks); /* and keeps its room */
void networks_free(struct networks *networks);

/* One that the prefix lies in, or else one that lies in it; NULL. */
const struct network *networks_find(const struct networks *networks, const struct prefix *prefix);

#endif
