/* SPDX-License-Identifier: GPL-2.0-only */
/* Failures in HTTP: a status, and a code for scripts. All failures of a server are JSON, including
 * those that libevent answers itself before a request reaches a handler.
 */
#ifndef SLASH64_DAEMON_API_HTTP_FAILURES_H
#define SLASH64_DAEMON_API_HTTP_FAILURES_H

#include <stddef.h>

#include "base/error.h"

struct bufferevent;
struct event_base;

/* Maximum bytes of the path of a request; of its request line and headers; of its body, if changes
 * are allowed, and if they are refused anyway.
 */
#define FAILURES_ADDRESS_MAX   8192
#define FAILURES_HEADERS_MAX   32768
#define FAILURES_BODY_MAX      (1 << 20)
#define FAILURES_LOOK_BODY_MAX 16384

/* On every answer of the page, and on those that libevent gives itself: they keep a browser from
 * doing anything with it but showing it. X(name, value)
 */
#define FAILURES_GUARDS(X)                                                                   \
	X("Content-Security-Policy",                                                         \
	  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'") \
	X("X-Content-Type-Options", "nosniff")                                               \
	X("X-Frame-Options", "DENY")                                                         \
	X("Referrer-Policy", "no-referrer")                                                  \
	X("Cross-Origin-Resource-Policy", "same-origin")

struct failure {
	int status;
	const char *phrase; /* RFC 9110 15 */
	const char *code;
};

const struct failure *failure_of_code(enum error_code code);
/* That of the error's code; if it has none, of a negative errno. */
const struct failure *failure_of(int err, const struct error *error);
/* The general one of a status; that of 500 if it is none of ours. */
const struct failure *failure_of_status(int status);

/* A connection for evhttp_set_bevcb(), which converts libevent's error pages to JSON. NULL if out
 * of memory.
 */
struct bufferevent *failures_connection(struct event_base *base);

#endif
