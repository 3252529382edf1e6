/* SPDX-License-Identifier: GPL-2.0-only */
/* The control API (docs/api.md): HTTP with JSON bodies over a Unix socket. */
#ifndef SLASH64_DAEMON_CONTROL_H
#define SLASH64_DAEMON_CONTROL_H

struct daemon;
struct error;
struct evhttp;

/* Listen on the socket of the configuration. -EADDRINUSE where a daemon answers there already. */
int control_listen(struct daemon *daemon, struct evhttp **http, struct error *error);

/* Stop listening and remove the socket. */
void control_close(const struct daemon *daemon, struct evhttp *http);

#endif
