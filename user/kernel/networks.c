// SPDX-License-Identifier: GPL-2.0-only
#include "networks.h"
#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* of a route that leads to a network, and not to the Internet, or half of it */
#define LENGTH_MIN	16
#define V4_LENGTH_MIN	8
#define LINK_LOCAL_BITS 0xfe80ULL << 48
#define LINK_LOCAL_MASK 0xffc0ULL << 48

int networks_add(struct networks *networks, const struct prefix *prefix, uint32_t ifindex,
		 enum network_kind kind)
{
	if (networks->count == NETWORKS_MAX && kind != NETWORK_CONFIGURED) {
		networks->left_out = true;
		return 0;
	}
	if (array_reserve(&networks->entry, &networks->room, networks->count + 1,
			  sizeof(*networks->entry)))
		return -ENOMEM;
	networks->entry[networks->count++] = (struct network){*prefix, ifindex, kind};
	return 0;
}

static bool is_outside(const struct networks *networks, uint32_t ifindex)
{
	for (size_t i = 0; i < networks->outsides; i++)
		if (networks->outside[i] == ifindex)
			return true;
	return false;
}

void networks_add_outside(struct networks *networks, uint32_t ifindex)
{
	if (ifindex && networks->outsides < NETWORKS_OUTSIDE_MAX && !is_outside(networks, ifindex))
		networks->outside[networks->outsides++] = ifindex;
}

int networks_add_route(struct networks *networks, const struct network_route *route)
{
	bool v4 = prefix_is_v4(&route->to);
	uint8_t length = route->to.length - (v4 ? PREFIX_V4_LENGTH : 0);

	if (length < (v4 ? V4_LENGTH_MIN : LENGTH_MIN)) {
		networks_add_outside(networks, route->ifindex);
		return 0;
	}
	if (!v4 && (prefix_hi(&route->to) & LINK_LOCAL_MASK) == LINK_LOCAL_BITS)
		return 0;
	return networks_add(networks, &route->to, route->ifindex, NETWORK_ROUTED);
}

static int compare(const void *a, const void *b)
{
	const struct network *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	return order ? order : (int)x->kind - (int)y->kind;
}

int networks_seal(struct networks *networks, const struct networks *routes)
{
	size_t kept = 0;
	int err = 0;

	if (networks->count)
		qsort(networks->entry, networks->count, sizeof(*networks->entry), compare);
	prefix_set_free(&networks->set);
	for (size_t i = 0; i < networks->count && !err; i++) {
		struct network *network = &networks->entry[i];

		if (kept && !prefix_compare(&networks->entry[kept - 1].prefix, &network->prefix))
			continue;
		if (network->kind != NETWORK_CONFIGURED && is_outside(routes, network->ifindex))
			continue;
		err = prefix_set_add(&networks->set, &network->prefix);
		networks->entry[kept++] = *network;
	}
	networks->count = kept;
	return err;
}

void networks_clear(struct networks *networks)
{
	networks->count = networks->outsides = 0;
	networks->left_out = false;
	prefix_set_free(&networks->set);
}

void networks_free(struct networks *networks)
{
	free(networks->entry);
	prefix_set_free(&networks->set);
	memset(networks, 0, sizeof(*networks));
}

const struct network *networks_find(const struct networks *networks, const struct prefix *prefix)
{
	const struct prefix *found = prefix_set_around(&networks->set, prefix);
	struct network key;

	if (!found)
		found = prefix_set_within(&networks->set, prefix);
	if (!found)
		return NULL;
	for (int kind = NETWORK_CONFIGURED; kind <= NETWORK_ROUTED; kind++) {
		const struct network *network;

		key = (struct network){*found, 0, kind};
		network = bsearch(&key, networks->entry, networks->count, sizeof(key), compare);
		if (network)
			return network;
	}
	return NULL;
}
