/* SPDX-License-Identifier: GPL-2.0-only */
/* The control API (docs/api.md): HTTP with JSON bodies over Unix sockets, one for those who may
 * change things, and one for readers.
 */
#ifndef SLASH64_DAEMON_API_HTTP_SERVER_H
#define SLASH64_DAEMON_API_HTTP_SERVER_H

struct daemon;
struct error;
struct evhttp;
struct listener;

struct control {
	struct evhttp *all, *read; /* NULL: not listening */
	struct listener *all_listener, *read_listener;
};

/* Listens on the configured sockets. -EADDRINUSE if a daemon answers there already. What is open
 * after a failure must be closed too.
 */
int control_listen(struct daemon *daemon, struct control *control, struct error *error);

/* Stops listening and removes the sockets. */
void control_close(struct daemon *daemon, struct control *control);

#endif
