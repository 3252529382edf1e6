// SPDX-License-Identifier: GPL-2.0-only
#include "connections.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/time.h"
#include "daemon/api/http/failures.h"

/* more than a request that is too long; the rest waits in the kernel */
#define INPUT_MAX (FAILURES_HEADERS_MAX * 3 / 2)
#define SWEEP_S	  5

struct connection {
	struct bufferevent *socket;
	uint64_t cookie;
	int fd;
	int64_t asked_ms; /* CLOCK_MONOTONIC: the last request, or the start */
	bool streams;	  /* its answer ends when it likes */
	bool lists;	  /* and is a list that is in progress */
};

struct page_connections {
	struct event *arrived, *sweep;
	struct bufferevent *fresh; /* without a descriptor yet; NULL: none */
	struct connection entry[PAGE_CONNECTIONS_MAX];
	unsigned int count;
};

static bool cookie_of(int fd, uint64_t *cookie)
{
	socklen_t bytes = sizeof(*cookie);

	return fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_COOKIE, cookie, &bytes);
}

static bool is_open(const struct connection *connection)
{
	uint64_t cookie;

	return cookie_of(connection->fd, &cookie) && cookie == connection->cookie;
}

static void forget_closed(struct page_connections *all)
{
	for (unsigned int i = 0; i < all->count;)
		if (is_open(&all->entry[i]))
			i++;
		else
			all->entry[i] = all->entry[--all->count];
}

/* libevent sees the end of it, and cleans up. */
static void end(int fd)
{
	shutdown(fd, SHUT_RDWR);
}

/* A stream comes after whoever could ask again at once. */
static bool is_idler(const struct connection *a, const struct connection *b)
{
	return a->streams != b->streams ? b->streams : a->asked_ms < b->asked_ms;
}

static void make_room(struct page_connections *all)
{
	struct connection *idlest = &all->entry[0];

	if (all->count < PAGE_CONNECTIONS_MAX)
		return;
	forget_closed(all);
	if (all->count < PAGE_CONNECTIONS_MAX)
		return;
	for (unsigned int i = 1; i < all->count; i++)
		if (is_idler(&all->entry[i], idlest))
			idlest = &all->entry[i];
	end(idlest->fd);
	*idlest = all->entry[--all->count];
}

/* libevent has given it its descriptor by now. It is still there: events of its socket are heard
 * after the next wait for events at the earliest, and this runs before.
 */
static void take_fresh(struct page_connections *all)
{
	struct connection taken = {.socket = all->fresh, .asked_ms = clock_monotonic_ms()};

	all->fresh = NULL;
	if (!taken.socket)
		return;
	taken.fd = bufferevent_getfd(taken.socket);
	if (!cookie_of(taken.fd, &taken.cookie))
		return;
	make_room(all);
	all->entry[all->count++] = taken;
}

static void on_arrived(evutil_socket_t fd, short what, void *all)
{
	(void)fd;
	(void)what;
	take_fresh(all);
}

void page_connections_add(struct page_connections *all, struct bufferevent *connection)
{
	take_fresh(all);
	all->fresh = connection;
	bufferevent_setwatermark(connection, EV_READ, 0, INPUT_MAX);
	event_active(all->arrived, EV_TIMEOUT, 0);
}

/* Slow senders too: a byte each minute is no request. */
static void on_sweep(evutil_socket_t fd, short what, void *data)
{
	int64_t now_ms = clock_monotonic_ms();
	struct page_connections *all = data;

	(void)fd;
	(void)what;
	forget_closed(all);
	for (unsigned int i = 0; i < all->count; i++)
		if (!all->entry[i].streams &&
		    now_ms - all->entry[i].asked_ms > PAGE_IDLE_MAX_S * 1000LL)
			end(all->entry[i].fd);
}

void page_connections_asked(struct page_connections *all, struct evhttp_connection *connection,
			    bool streams)
{
	const struct bufferevent *socket = evhttp_connection_get_bufferevent(connection);

	for (unsigned int i = 0; i < all->count; i++)
		if (all->entry[i].socket == socket) {
			all->entry[i].asked_ms = clock_monotonic_ms();
			all->entry[i].streams = streams;
			all->entry[i].lists = false;
		}
}

static struct connection *find(struct page_connections *all, struct evhttp_request *request)
{
	const struct bufferevent *socket =
		evhttp_connection_get_bufferevent(evhttp_request_get_connection(request));

	for (unsigned int i = 0; i < all->count; i++)
		if (all->entry[i].socket == socket)
			return &all->entry[i];
	return NULL;
}

static void on_complete(struct evhttp_request *request, void *all)
{
	struct connection *connection = find(all, request);

	if (connection)
		connection->lists = false;
}

bool page_connections_list(struct page_connections *all, struct evhttp_request *request)
{
	struct connection *own, *oldest = NULL;
	unsigned int count = 0;

	forget_closed(all);
	own = find(all, request);
	for (unsigned int i = 0; i < all->count; i++) {
		struct connection *other = &all->entry[i];

		if (!other->lists)
			continue;
		count++;
		if (!oldest || other->asked_ms < oldest->asked_ms)
			oldest = other;
	}
	if (!own)
		return false;
	if (count >= PAGE_LISTS_MAX) {
		if (clock_monotonic_ms() - oldest->asked_ms < PAGE_LIST_MAX_S * 1000)
			return false;
		end(oldest->fd);
		oldest->lists = false;
	}
	own->lists = true;
	evhttp_request_set_on_complete_cb(request, on_complete, all);
	return true;
}

size_t page_connections_waiting(struct page_connections *all)
{
	size_t bytes = 0;

	forget_closed(all);
	for (unsigned int i = 0; i < all->count; i++)
		bytes += evbuffer_get_length(bufferevent_get_output(all->entry[i].socket));
	return bytes;
}

unsigned int page_connections_count(struct page_connections *all)
{
	forget_closed(all);
	return all->count;
}

struct page_connections *page_connections_new(struct event_base *base)
{
	static const struct timeval sweep = {SWEEP_S, 0};
	struct page_connections *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	all->arrived = event_new(base, -1, 0, on_arrived, all);
	all->sweep = event_new(base, -1, EV_PERSIST, on_sweep, all);
	if (all->arrived && all->sweep && !event_add(all->sweep, &sweep))
		return all;
	page_connections_free(all);
	return NULL;
}

void page_connections_free(struct page_connections *all)
{
	if (!all)
		return;
	if (all->arrived)
		event_free(all->arrived);
	if (all->sweep)
		event_free(all->sweep);
	free(all);
}
