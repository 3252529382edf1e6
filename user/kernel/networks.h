/* SPDX-License-Identifier: GPL-2.0-only */
/* Networks behind this router: a list that names one is wrong, or is the other side of an attack.
 * The operator lists them under `own`. Others are found if somebody configured them: by a permanent
 * address with its length, or by a static route. Anything that a packet can cause (a router
 * advertisement, a lease, a route from a protocol) does not count. Nor does a network on an
 * interface that a default route uses: everybody is there.
 */
#ifndef SLASH64_KERNEL_NETWORKS_H
#define SLASH64_KERNEL_NETWORKS_H

#include <stddef.h>

#include "net/prefix_set.h"

#define NETWORKS_MAX	     65536 /* found networks; those under `own` are not limited */
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
	struct network *entry; /* sorted by prefix, once they are sealed */
	size_t count, room;
	struct prefix_set set;
	uint32_t outside[NETWORKS_OUTSIDE_MAX]; /* interfaces that a default route uses */
	size_t outsides;
	bool left_out; /* there are more than NETWORKS_MAX */
};

/* A unicast route of the kernel that no protocol brought. */
struct network_route {
	struct prefix to;
	uint32_t ifindex;
};

/* -ENOMEM. */
int networks_add(struct networks *networks, const struct prefix *prefix, uint32_t ifindex,
		 enum network_kind kind);
/* The length tells whether it leads outside: half of the Internet or more is no network. */
int networks_add_route(struct networks *networks, const struct network_route *route);
void networks_add_outside(struct networks *networks, uint32_t ifindex);

/* Sorts, and removes those that are outside according to `routes`, which may be the same. -ENOMEM.
 */
int networks_seal(struct networks *networks, const struct networks *routes);
void networks_clear(struct networks *networks); /* keeps its memory */
void networks_free(struct networks *networks);

/* A network that contains the prefix, or else one that is within it; NULL. */
const struct network *networks_find(const struct networks *networks, const struct prefix *prefix);

#endif
