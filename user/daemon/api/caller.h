/* SPDX-License-Identifier: GPL-2.0-only */
/* Who asks: the other end of a control connection, as the kernel knows it. */
#ifndef SLASH64_DAEMON_PEER_H
#define SLASH64_DAEMON_PEER_H

#include "daemon/store/audit_log.h"

struct evhttp_request;

/* The address of the SSH client, which `slash64` tells of itself, so it is what it says. */
#define PEER_FROM_HEADER "Slash64-From"

/* SO_PEERCRED of unix(7): as the process was when it connected. */
void peer_of(struct evhttp_request *request, struct store_actor *actor);

#endif
