/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets that are listened on, when file descriptors run out. accept(2) then fails for as long as somebody waits, and
 * a loop that tried again at once would do nothing else. So a listener rests for a moment, and that is said once in a
 * while. The last descriptors are for whoever changes something: who only looks is not taken in any more while they
 * are left.
 */
#ifndef SLASH64_DAEMON_LISTENER_H
#define SLASH64_DAEMON_LISTENER_H

struct event_base;
struct evconnlistener;
struct evhttp;
struct listener;

/* Descriptors that are left over when a listener takes nobody in any more. */
#define LISTENER_LEAVES_NONE 0
#define LISTENER_LEAVES_SOME 64

/* Watch over a listener that `http` serves already; `name` tells a person which it is. NULL is out of memory. It is
 * freed after `http`.
 */
struct listener *listener_watch(struct event_base *base, struct evhttp *http,
				struct evconnlistener *accepts, const char *name,
				unsigned int leaves);
void listener_free(struct listener *listener);

#endif
