// SPDX-License-Identifier: GPL-2.0-only
#include "listener.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "failures.h"
#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "net/listen_address.h"

#define REST_MS	    100
#define SAY_EVERY_S 60

static const struct timeval rest = {0, REST_MS * 1000};

struct listener {
	struct evconnlistener *accepts;
	struct event *rested;
	unsigned int leaves;
	int64_t said_s; /* CLOCK_MONOTONIC; 0: never */
	void (*accepted)(struct bufferevent *connection, void *data); /* NULL: nobody is told */
	void *data;
	char name[128];
};

static void on_rested(evutil_socket_t fd, short what, void *accepts)
{
	(void)fd;
	(void)what;
	evconnlistener_enable(accepts);
}

/* The kernel assigns the lowest free number, so the next one tells how many are in use. */
static bool few_left(const struct listener *listener)
{
	struct rlimit files;
	int next = fcntl(evconnlistener_get_fd(listener->accepts), F_DUPFD_CLOEXEC, 0);

	if (next < 0)
		return true;
	close(next);
	return !getrlimit(RLIMIT_NOFILE, &files) &&
	       (rlim_t)next + listener->leaves >= files.rlim_cur;
}

static void say(struct listener *listener)
{
	int64_t now_s = clock_monotonic_s();

	if (listener->said_s && now_s - listener->said_s < SAY_EVERY_S)
		return;
	listener->said_s = now_s;
	log_warning("%s: out of file descriptors, new connections wait; close "
		    "idle ones, or raise LimitNOFILE",
		    listener->name);
}

/* A connection was accepted. Whether there is room for another one is checked now, when this one
 * has its descriptor.
 */
static struct bufferevent *on_accepted(struct event_base *base, void *data)
{
	struct listener *listener = data;
	struct bufferevent *connection;

	if (few_left(listener)) {
		evconnlistener_disable(listener->accepts);
		event_add(listener->rested, &rest);
		say(listener);
	}
	connection = failures_connection(base);
	if (connection && listener->accepted)
		listener->accepted(connection, listener->data);
	return connection;
}

/* Others took the last descriptor. libevent passes the server's data here, not ours. */
static void on_error(struct evconnlistener *accepts, void *data)
{
	(void)data;
	evconnlistener_disable(accepts);
	event_base_once(evconnlistener_get_base(accepts), -1, EV_TIMEOUT, on_rested, accepts,
			&rest);
}

struct listener *listener_watch(struct event_base *base, struct evhttp *http,
				struct evconnlistener *accepts, const char *name,
				unsigned int leaves)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (listener)
		listener->rested = event_new(base, -1, 0, on_rested, accepts);
	if (!listener || !listener->rested) {
		free(listener);
		return NULL;
	}
	listener->accepts = accepts;
	listener->leaves = leaves;
	snprintf(listener->name, sizeof(listener->name), "%s", name);
	evconnlistener_set_error_cb(accepts, on_error);
	evhttp_set_bevcb(http, on_accepted, listener);
	return listener;
}

void listener_tell(struct listener *listener,
		   void (*accepted)(struct bufferevent *connection, void *data), void *data)
{
	listener->accepted = accepted;
	listener->data = data;
}

int listener_bind(struct event_base *base, struct evhttp *http, const char *what, const char *where,
		  struct listener **out, struct error *error)
{
	struct evhttp_bound_socket *bound;
	char address[128], name[160];
	uint16_t port;
	int err;

	if (listen_address_parse(where, address, sizeof(address), &port))
		return error_set(error, -EINVAL,
				 "%s: '%s' is not ADDRESS:PORT; write it like [::1]:9664, or off",
				 what, where);
	errno = 0;
	bound = evhttp_bind_socket_with_handle(http, address, port);
	if (!bound) {
		err = errno ? -errno : -EADDRNOTAVAIL;
		return error_set(
			error, err,
			"%s: cannot listen on %s: %s; name another address or 'off' in %s.listen",
			what, where, strerror(-err), what);
	}
	snprintf(name, sizeof(name), "%s on %s", what, where);
	*out = listener_watch(base, http, evhttp_bound_socket_get_listener(bound), name,
			      LISTENER_LEAVES_SOME);
	return *out ? 0 : error_set(error, -ENOMEM, "out of memory");
}

void listener_free(struct listener *listener)
{
	if (!listener)
		return;
	event_free(listener->rested);
	free(listener);
}
