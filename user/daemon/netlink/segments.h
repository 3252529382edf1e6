/* SPDX-License-Identifier: GPL-2.0-only */
/* The SRv6 segments of this router (RFC 8986): routes with the encapsulation seg6local, in any
 * table. A router may have a million routes, and the kernel does not filter a dump by
 * encapsulation. So they are read once, a part in each turn of the event loop, and followed by
 * notifications from then on. They are read again if a notification was lost or a segment was
 * removed.
 */
#ifndef SLASH64_DAEMON_NETLINK_SEGMENTS_H
#define SLASH64_DAEMON_NETLINK_SEGMENTS_H

#include "own_list.h"

struct event_base;
struct segments;

/* Reads them, or as many as it can in a moment. `changed` is called whenever they change, but not
 * from within this call. -errno
 */
int segments_start(struct segments **segments, struct event_base *base, void (*changed)(void *),
		   void *data);
void segments_stop(struct segments *segments);

/* RTM_NEWROUTE or RTM_DELROUTE; others are ignored. -ENOMEM */
int segments_notice(const struct nlmsghdr *message, void *segments);

/* Notifications were lost. */
void segments_lost(struct segments *segments);

const struct own_list *segments_known(const struct segments *segments);

#endif
