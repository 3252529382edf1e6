/* SPDX-License-Identifier: GPL-2.0-only */
/* Listening sockets when file descriptors run out. accept(2) then fails as long as a client waits,
 * and a loop that retried at once would do nothing else. So a listener pauses, and logs that once
 * in a while. The last descriptors are reserved for clients that change something: readers are no
 * longer accepted then.
 */
#ifndef SLASH64_DAEMON_API_HTTP_LISTENER_H
#define SLASH64_DAEMON_API_HTTP_LISTENER_H

struct bufferevent;
struct error;
struct event_base;
struct evconnlistener;
struct evhttp;
struct listener;

/* Descriptors that must be left for a listener to accept a connection. */
#define LISTENER_LEAVES_NONE 0
#define LISTENER_LEAVES_SOME 64

/* Watches a listener that `http` serves already; `name` identifies it for a person. NULL if out of
 * memory. Freed after `http`.
 */
struct listener *listener_watch(struct event_base *base, struct evhttp *http,
				struct evconnlistener *accepts, const char *name,
				unsigned int leaves);
/* Tells of each new connection, before it has its descriptor. */
void listener_tell(struct listener *listener,
		   void (*accepted)(struct bufferevent *connection, void *data), void *data);
/* Binds `http` to ADDRESS:PORT, and watches it likewise. `what` is the setting, for a person. -EINVAL
 * if that is no address.
 */
int listener_bind(struct event_base *base, struct evhttp *http, const char *what, const char *where,
		  struct listener **listener, struct error *error);
/* The same in two steps: a socket that is bound, so that nobody else can have the address, and takes
 * no connection; then it listens. The second takes the socket over, whatever comes of it.
 */
int listener_reserve(const char *what, const char *where, int *fd, struct error *error);
int listener_open(struct event_base *base, struct evhttp *http, const char *what, const char *where,
		  int fd, struct listener **listener, struct error *error);
void listener_free(struct listener *listener);

#endif
