/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_DAEMON_LINK_MASTER_H
#define SLASH64_DAEMON_LINK_MASTER_H

#include <net/if.h>

/* The bridge, bond or team that an interface is a port of; "" for none. Asked over rtnetlink, as /sys shows those of
 * the network namespace it was mounted in. -errno where it cannot be told.
 */
int link_master(unsigned int ifindex, char master[IF_NAMESIZE]);

#endif
