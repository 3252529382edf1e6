/* SPDX-License-Identifier: GPL-2.0-only */
/* The caller: the other end of a control connection, as the kernel knows it. */
#ifndef SLASH64_DAEMON_API_HTTP_CALLER_H
#define SLASH64_DAEMON_API_HTTP_CALLER_H

#include <netinet/in.h>
#include <stdbool.h>

#include "daemon/store/log/actor.h"

struct evhttp_request;

/* Readers of a stream that only the sockets may have, so that those of the page do not take them all. */
#define CALLER_STREAMS_KEPT 16

/* The addresses of the SSH clients around it, the nearest first, between commas, which `slash64` tells of itself: nothing
 * that helps an attacker, as whoever may ask may also force.
 */
#define CALLER_FROM_HEADER "Slash64-From"

/* SO_PEERCRED of unix(7): the process at the time it connected; and who had logged in, if that is another user. It has no row of the log yet. */
void caller_of(struct evhttp_request *request, struct actor *actor);

/* The addresses of the header, and how many; text that is not an address is skipped. */
size_t caller_sources(struct evhttp_request *request, struct in6_addr *sources, size_t max);

/* Came through a socket of this host that has permissions, and not over TCP. */
bool caller_is_known(struct evhttp_request *request);

#endif
