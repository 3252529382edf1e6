/* SPDX-License-Identifier: GPL-2.0-only */
/* Everything that the kernel considers local, as a list of prefixes: addresses (/128), and local
 * routes.
 */
#ifndef SLASH64_DAEMON_NETLINK_OWN_LIST_H
#define SLASH64_DAEMON_NETLINK_OWN_LIST_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

#include "net/prefix.h"

struct own_list {
	struct prefix *entry; /* the most important first; may contain duplicates */
	size_t count, room;
};

/* Link-local addresses and groups of link scope are left out: the datapath recognises them itself
 * (bpf/direction.h). -ENOMEM: the list is unchanged.
 */
int own_list_add(struct own_list *list, const struct in6_addr *address, uint8_t length);
int own_list_append(struct own_list *list, const struct own_list *more);
void own_list_remove(struct own_list *list, const struct prefix *prefix);
bool own_list_equal(const struct own_list *a, const struct own_list *b);
void own_list_free(struct own_list *list);

/* Replaces the list by everything in this network namespace except segments (segments.h): unicast
 * and anycast addresses, local routes, joined groups. *interrupted: it changed meanwhile, and
 * entries may be missing. -errno: the list is unchanged.
 */
int own_list_read(struct own_list *list, bool *interrupted);

/* The destination of a message about a route to an SRv6 segment of this router (RFC 8986): 1,
 * otherwise 0.
 */
int own_segment_of(const struct nlmsghdr *message, struct prefix *segment);

#endif
