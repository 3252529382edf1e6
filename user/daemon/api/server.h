/* SPDX-License-Identifier: GPL-2.0-only */
/* The control API (docs/api.md): HTTP with JSON bodies over Unix sockets, one for those who may change things, and
 * one for those who only look.
 */
#ifndef SLASH64_DAEMON_CONTROL_H
#define SLASH64_DAEMON_CONTROL_H

struct daemon;
struct error;
struct evhttp;
struct listener;

struct control {
	struct evhttp *all, *read; /* NULL: does not listen */
	struct listener *all_listener, *read_listener;
};

/* Listen on the sockets of the configuration. -EADDRINUSE where a daemon answers there already. What listens when
 * it fails is to be closed all the same.
 */
int control_listen(struct daemon *daemon, struct control *control, struct error *error);

/* Stop listening and remove the sockets. */
void control_close(const struct daemon *daemon, struct control *control);

#endif
