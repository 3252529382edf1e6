/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel knows of addresses that a router must not lose, as netlink dumps into sets (guards_known.h).
 * All of this network namespace, IPv6 and IPv4.
 */
#ifndef SLASH64_DAEMON_GUARDS_KERNEL_H
#define SLASH64_DAEMON_GUARDS_KERNEL_H

#include "address_set.h"
#include "networks.h"
#include "daemon/netlink/netlink_dump.h"

enum kernel_table {
	KERNEL_ADDRESSES, /* unicast; KNOWN_OWN, KNOWN_FAR_END; networks that are connected */
	/* those that were written, and not learned; KNOWN_NEIGHBOUR, KNOWN_ROUTER */
	KERNEL_NEIGHBOURS,
	KERNEL_SESSIONS,  /* TCP, begun by this router; KNOWN_BGP */
	KERNEL_ROUTES_V6, /* KNOWN_NEXT_HOP, KNOWN_DEFAULT; networks that static routes lead to */
	KERNEL_ROUTES_V4,
	KERNEL_NEXTHOPS, /* objects; KNOWN_NEXT_HOP */
	KERNEL_TABLE_COUNT
};

/* For messages. */
const char *kernel_table_name(enum kernel_table table);

/* A dump in parts, for tables that are large. */
struct kernel_dump {
	struct netlink_dump netlink;
	enum kernel_table table;
	struct networks *networks;    /* where those go; set once it is open, NULL: nowhere */
	uint8_t listening[65536 / 8]; /* ports of this router; a bit each */
};

/* Opens the socket and asks. -errno, and there is nothing to close. */
int kernel_dump_open(struct kernel_dump *dump, enum kernel_table table);
/* Asks for another table of the same subsystem when the one before is read to its end. */
int kernel_dump_next(struct kernel_dump *dump, enum kernel_table table);
/* One message of the kernel, up to 32 KiB, into the set. 1: there is more; 0: that was all; -EAGAIN: not yet,
 * where it does not `wait`; -errno.
 */
int kernel_dump_read(struct kernel_dump *dump, struct known_set *set, bool wait);
void kernel_dump_close(struct kernel_dump *dump);

/* A whole table, in place of what the set holds, and the networks, which are not sealed yet (NULL: not wanted). -errno,
 * and both stay.
 */
int kernel_gather(enum kernel_table table, struct known_set *set, struct networks *networks);

/* What notices of new routes and nexthop objects tell; others tell nothing. -ENOMEM. */
int kernel_take_notices(const void *buffer, size_t bytes, struct known_set *set,
			struct networks *networks);

#endif
