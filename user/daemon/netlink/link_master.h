/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_DAEMON_NETLINK_LINK_MASTER_H
#define SLASH64_DAEMON_NETLINK_LINK_MASTER_H

#include <net/if.h>

/* The bridge, bond or team that an interface is a port of; "" for none. Uses rtnetlink, because
 * /sys shows the network namespace that it was mounted in. -errno if unknown.
 */
int link_master(unsigned int ifindex, char master[IF_NAMESIZE]);

#endif
