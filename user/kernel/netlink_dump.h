/* SPDX-License-Identifier: GPL-2.0-only */
/* A dump of one of the kernel's tables over netlink, in parts, so that a long one does not block
 * the event loop.
 */
#ifndef SLASH64_KERNEL_NETLINK_DUMP_H
#define SLASH64_KERNEL_NETLINK_DUMP_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mnl_socket;

struct netlink_dump {
	struct mnl_socket *socket;
	uint32_t sequence;
	bool interrupted;   /* the table changed meanwhile: entries may be missing */
	bool may_be_absent; /* a table that the kernel does not have counts as empty */
};

/* Called for each message. -errno ends the dump. */
typedef int (*netlink_take_t)(const struct nlmsghdr *message, void *data);

/* Opens NETLINK_ROUTE, or another subsystem. -errno: there is nothing to close. */
int netlink_dump_open(struct netlink_dump *dump, int subsystem);
void netlink_dump_close(struct netlink_dump *dump);

/* Requests a table, with the kernel's own request header, by which it also filters. Several tables
 * may be requested, one after the other.
 */
int netlink_dump_ask(struct netlink_dump *dump, uint16_t type, const void *header, size_t bytes);

/* The same with a request that has its type and payload; nothing is filtered. */
int netlink_dump_send(struct netlink_dump *dump, struct nlmsghdr *request);

/* Reads what the kernel has ready, up to 32 KiB. 1: there is more; 0: complete; -EAGAIN: not ready,
 * if it does not `wait`; -errno.
 */
int netlink_dump_read(struct netlink_dump *dump, netlink_take_t take, void *data, bool wait);

/* For messages received elsewhere. -errno of the first one that is refused. */
int netlink_each(const void *buffer, size_t bytes, netlink_take_t take, void *data);

#endif
