/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces come, go, are renamed, and lose their program to somebody else: rtnetlink reports it,
 * and the wanted state is restored.
 */
#ifndef SLASH64_DAEMON_NETLINK_LINK_MONITOR_H
#define SLASH64_DAEMON_NETLINK_LINK_MONITOR_H

#include "base/error.h"

struct event_base;
struct links;

/* What brings the wanted state back. -EAGAIN where that has to wait a moment. */
typedef int (*links_look_t)(void *data);

int links_start(struct links **links, struct event_base *base, links_look_t look, void *data,
		struct error *error);
void links_stop(struct links *links); /* NULL is fine */

#endif
