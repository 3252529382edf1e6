/* SPDX-License-Identifier: GPL-2.0-only */
/* What a failure is called over HTTP: its status, and a word for scripts. All failures of a server are told in JSON,
 * those too that libevent answers by itself, before a request comes to anybody.
 */
#ifndef SLASH64_DAEMON_FAILURES_H
#define SLASH64_DAEMON_FAILURES_H

#include <stddef.h>

struct bufferevent;
struct event_base;

/* Bytes of the address of a request; of its request line and headers together; of its body, where changes
 * are made, and where they are refused anyway.
 */
#define FAILURES_ADDRESS_MAX   8192
#define FAILURES_HEADERS_MAX   32768
#define FAILURES_BODY_MAX      (1 << 20)
#define FAILURES_LOOK_BODY_MAX 16384

struct failure {
	int status;
	const char *phrase; /* RFC 9110 15 */
	const char *code;
};

/* Of an errno, negative. */
const struct failure *failure_of_errno(int err);
/* Of a status; that of 500 where it is none of ours. */
const struct failure *failure_of_status(int status);

/* A connection, for evhttp_set_bevcb(), which tells in JSON what libevent refuses. NULL is out of memory. */
struct bufferevent *failures_connection(struct event_base *base);

#endif
