/* SPDX-License-Identifier: GPL-2.0-only */
/* A dump of one of the kernel's tables over netlink, in parts, so that a long one does not stop the event loop. */
#ifndef SLASH64_DAEMON_NETLINK_DUMP_H
#define SLASH64_DAEMON_NETLINK_DUMP_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mnl_socket;

struct netlink_dump {
	struct mnl_socket *socket;
	uint32_t sequence;
	bool interrupted;   /* the table changed meanwhile: something may be missing */
	bool may_be_absent; /* a table that the kernel does not have is empty, and no error */
};

/* One message. -errno ends the dump. */
typedef int (*netlink_take_t)(const struct nlmsghdr *message, void *data);

/* Of NETLINK_ROUTE, or another subsystem. -errno, and there is nothing to close. */
int netlink_dump_open(struct netlink_dump *dump, int subsystem);
void netlink_dump_close(struct netlink_dump *dump);

/* Asks for a table, by the kernel's own header of its requests, by which it also filters. Several may be asked for, one
 * when the other has been read to its end.
 */
int netlink_dump_ask(struct netlink_dump *dump, uint16_t type, const void *header, size_t bytes);

/* The same by a request that has its type and what follows the header; nothing is filtered. */
int netlink_dump_send(struct netlink_dump *dump, struct nlmsghdr *request);

/* What the kernel has ready of it, up to 32 KiB. 1: there is more; 0: that was all; -EAGAIN: not yet, where it does not
 * `wait`; -errno.
 */
int netlink_dump_read(struct netlink_dump *dump, netlink_take_t take, void *data, bool wait);

/* For messages that have been received otherwise. -errno of the first that is not taken. */
int netlink_each(const void *buffer, size_t bytes, netlink_take_t take, void *data);

#endif
