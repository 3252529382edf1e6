// SPDX-License-Identifier: GPL-2.0-only
#include "listener.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "failures.h"
#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "net/listen_address.h"

#define REST_MS	    100
#define SAY_EVERY_S 60
#define BACKLOG	    128

static const struct timeval rest = {0, REST_MS * 1000};
/* of a listener that does not rest: so it is found among the events of the loop */
static const struct timeval idle = {3600, 0};

struct listener {
	struct evconnlistener *accepts;
	struct event *rested;
	unsigned int leaves;
	int64_t said_s; /* CLOCK_MONOTONIC; 0: never */
	void (*accepted)(struct bufferevent *connection, void *data); /* NULL: nobody is told */
	void *data;
	char name[128];
};

static void on_rested(evutil_socket_t fd, short what, void *data)
{
	struct listener *listener = data;

	(void)fd;
	(void)what;
	evconnlistener_enable(listener->accepts);
	event_add(listener->rested, &idle);
}

static void pause_accepting(struct listener *listener)
{
	evconnlistener_disable(listener->accepts);
	event_add(listener->rested, &rest);
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
		pause_accepting(listener);
		say(listener);
	}
	connection = failures_connection(base);
	if (connection && listener->accepted)
		listener->accepted(connection, listener->data);
	return connection;
}

struct search {
	const struct evconnlistener *accepts;
	struct listener *found;
};

static int look_for(const struct event_base *base, const struct event *event, void *data)
{
	struct search *search = data;
	struct listener *listener = event_get_callback_arg(event);

	(void)base;
	if (event_get_callback(event) != on_rested || listener->accepts != search->accepts)
		return 0;
	search->found = listener;
	return 1;
}

/* Others took the last descriptor. libevent passes the server's data here, not ours. A listener that
 * goes while it rests takes its event along.
 */
static void on_error(struct evconnlistener *accepts, void *data)
{
	struct search search = {.accepts = accepts};

	(void)data;
	event_base_foreach_event(evconnlistener_get_base(accepts), look_for, &search);
	if (search.found)
		pause_accepting(search.found);
}

struct listener *listener_watch(struct event_base *base, struct evhttp *http,
				struct evconnlistener *accepts, const char *name,
				unsigned int leaves)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (listener)
		listener->rested = event_new(base, -1, 0, on_rested, listener);
	if (!listener || !listener->rested) {
		free(listener);
		return NULL;
	}
	event_add(listener->rested, &idle);
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

static int bind_to(const struct evutil_addrinfo *address, int *out)
{
	int on = 1, err = 0,
	    fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, address->ai_addr, address->ai_addrlen))
		err = -errno;
	if (err)
		close(fd);
	else
		*out = fd;
	return err;
}

static int cannot_listen(const char *what, const char *where, int err, struct error *error)
{
	return error_set(error, err,
			 "%s: cannot listen on %s: %s; name another address or 'off' in %s.listen",
			 what, where, strerror(-err), what);
}

int listener_reserve(const char *what, const char *where, int *fd, struct error *error)
{
	struct evutil_addrinfo *found = NULL,
			       hints = {.ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_STREAM,
					.ai_flags = EVUTIL_AI_PASSIVE | EVUTIL_AI_ADDRCONFIG};
	char address[128], service[8];
	uint16_t port;
	int err;

	if (listen_address_parse(where, address, sizeof(address), &port))
		return error_set(error, -EINVAL,
				 "%s: '%s' is not ADDRESS:PORT; write it like [::1]:9664, or off",
				 what, where);
	snprintf(service, sizeof(service), "%u", port);
	if (evutil_getaddrinfo(address, service, &hints, &found))
		return cannot_listen(what, where, -EADDRNOTAVAIL, error);
	err = bind_to(found, fd);
	evutil_freeaddrinfo(found);
	return err ? cannot_listen(what, where, err, error) : 0;
}

int listener_open(struct event_base *base, struct evhttp *http, const char *what, const char *where,
		  int fd, struct listener **out, struct error *error)
{
	struct evhttp_bound_socket *bound;
	char name[160];
	int err = listen(fd, BACKLOG) ? -errno : 0;

	bound = err ? NULL : evhttp_accept_socket_with_handle(http, fd);
	if (!bound) {
		close(fd);
		return cannot_listen(what, where, err ? err : -ENOMEM, error);
	}
	snprintf(name, sizeof(name), "%s on %s", what, where);
	*out = listener_watch(base, http, evhttp_bound_socket_get_listener(bound), name,
			      LISTENER_LEAVES_SOME);
	return *out ? 0 : error_set(error, -ENOMEM, "out of memory");
}

int listener_bind(struct event_base *base, struct evhttp *http, const char *what, const char *where,
		  struct listener **out, struct error *error)
{
	int fd, err = listener_reserve(what, where, &fd, error);

	return err ? err : listener_open(base, http, what, where, fd, out, error);
}

void listener_free(struct listener *listener)
{
	if (!listener)
		return;
	event_free(listener->rested);
	free(listener);
}
