/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses in the kernel that a router must not lose, as netlink dumps into sets (address_set.h).
 * All of this network namespace, IPv6 and IPv4.
 */
#ifndef SLASH64_KERNEL_KERNEL_DUMP_H
#define SLASH64_KERNEL_KERNEL_DUMP_H

#include "address_set.h"
#include "networks.h"
#include "netlink_dump.h"

enum kernel_table {
	KERNEL_ADDRESSES, /* unicast; ADDRESS_OWN, ADDRESS_FAR_END; connected networks */
	/* permanent, not learned; ADDRESS_NEIGHBOUR, ADDRESS_ROUTER */
	KERNEL_NEIGHBOURS,
	KERNEL_SESSIONS,  /* TCP, opened by this router; ADDRESS_BGP */
	KERNEL_ROUTES_V6, /* ADDRESS_NEXT_HOP, ADDRESS_DEFAULT; networks of static routes */
	KERNEL_ROUTES_V4,
	KERNEL_NEXTHOPS, /* objects; ADDRESS_NEXT_HOP */
	/* TCP, opened by the other side, which proves nothing: to ask about; ADDRESS_BGP_IN */
	KERNEL_SESSIONS_IN,
	KERNEL_TABLE_COUNT
};

/* For messages. */
const char *kernel_table_name(enum kernel_table table);

/* A dump in parts, for large tables. */
struct kernel_dump {
	struct netlink_dump netlink;
	enum kernel_table table;
	/* receives the networks; set once it is open, NULL: not wanted */
	struct networks *networks;
	uint8_t listening[65536 / 8]; /* ports of this router; a bit each */
};

/* Opens the socket and sends the request. -errno: there is nothing to close. */
int kernel_dump_open(struct kernel_dump *dump, enum kernel_table table);
/* Requests another table of the same subsystem, after the previous one was read to its end. */
int kernel_dump_next(struct kernel_dump *dump, enum kernel_table table);
/* Reads one message of the kernel, up to 32 KiB, into the set. 1: there is more; 0: complete;
 * -EAGAIN: not ready, if it does not `wait`; -errno.
 */
int kernel_dump_read(struct kernel_dump *dump, struct address_set *set, bool wait);
void kernel_dump_close(struct kernel_dump *dump);

/* A whole table, replacing the contents of the set and of the networks, which are not sealed yet
 * (NULL: not wanted). -errno: both are unchanged.
 */
int kernel_gather(enum kernel_table table, struct address_set *set, struct networks *networks);

/* Adds new routes and nexthop objects from notifications; ignores others. -ENOMEM. */
int kernel_take_notices(const void *buffer, size_t bytes, struct address_set *set,
			struct networks *networks);

#endif
