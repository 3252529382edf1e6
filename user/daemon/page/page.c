// SPDX-License-Identifier: GPL-2.0-only
#include "page.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "connections.h"
#include "daemon/api/http/failures.h"
#include "daemon/api/http/listener.h"
#include "daemon/daemon.h"
#include "net/listen_address.h"
#include "requests.h"

#define TIMEOUT_S   30	   /* without a byte, in either direction */
#define BODY_MAX    1024   /* of what is refused anyway */
#define METHODS_ALL 0xffff /* also methods that libevent does not know: we refuse them */

struct page {
	int fd; /* an address that is reserved, and where it does not listen yet; or -1 */
	struct evhttp *http;
	struct listener *listener;
	struct page_connections *connections;
	struct page_context context;
};

static void on_request(struct evhttp_request *request, void *data)
{
	struct page *page = data;

	page_answer(&page->context, request);
}

static void on_accepted(struct bufferevent *connection, void *data)
{
	page_connections_add(((struct page *)data)->connections, connection);
}

static int serve(struct daemon *daemon, struct page *page, struct error *error)
{
	int fd = page->fd;

	page->fd = -1;
	page->http = evhttp_new(daemon->base);
	page->connections = page_connections_new(daemon->base);
	if (!page->http || !page->connections) {
		close(fd);
		return error_set(error, -ENOMEM, "out of memory");
	}
	return listener_open(daemon->base, page->http, "page", page->context.listen, fd,
			     &page->listener, error);
}

static int open_page(struct daemon *daemon, struct page *page, struct error *error)
{
	int err = serve(daemon, page, error);

	if (err)
		return err;
	page->context.daemon = daemon;
	page->context.connections = page->connections;
	listener_tell(page->listener, on_accepted, page);
	evhttp_set_max_headers_size(page->http, FAILURES_HEADERS_MAX);
	evhttp_set_max_body_size(page->http, BODY_MAX);
	evhttp_set_timeout(page->http, TIMEOUT_S);
	evhttp_set_allowed_methods(page->http, METHODS_ALL);
	evhttp_set_gencb(page->http, on_request, page);
	return 0;
}

static int reserve(const char *listen, struct page **out, struct error *error)
{
	struct page *page = calloc(1, sizeof(*page));
	int err = page ? listener_reserve("page", listen, &page->fd, error) :
			 error_set(error, -ENOMEM, "out of memory");

	if (err) {
		free(page);
		return err;
	}
	snprintf(page->context.listen, sizeof(page->context.listen), "%s", listen);
	*out = page;
	return 0;
}

void page_free(struct page *page)
{
	if (!page)
		return;
	/* its connections end here, with what they wait for */
	if (page->http)
		evhttp_free(page->http);
	listener_free(page->listener);
	page_connections_free(page->connections);
	if (page->fd >= 0)
		close(page->fd);
	free(page);
}

static bool is_off(const char *listen)
{
	return !strcmp(listen, "off");
}

static int try(struct daemon *daemon, struct error *error)
{
	struct page *page;
	int err;

	if (daemon->page || is_off(daemon->config.page))
		return 0;
	err = reserve(daemon->config.page, &page, error);
	if (!err && (err = open_page(daemon, page, error)))
		page_free(page);
	else if (!err)
		daemon->page = page;
	return err;
}

void page_start(struct daemon *daemon)
{
	struct error error;

	if (try(daemon, &error))
		log_error("%s; retrying, everything else works", error.text);
}

void page_retry(struct daemon *daemon)
{
	bool was_there = daemon->page;
	struct error ignored;

	if (!try(daemon, &ignored) && !was_there && daemon->page)
		log_info("page on %s: listening now", daemon->config.page);
}

static bool is_same_port(const char *a, const char *b)
{
	char address[128];
	uint16_t port_a, port_b;

	return !listen_address_parse(a, address, sizeof(address), &port_a) &&
	       !listen_address_parse(b, address, sizeof(address), &port_b) && port_a == port_b;
}

int page_prepare(struct daemon *daemon, const char *listen, struct page **out, struct error *error)
{
	const char *before = daemon->config.page;
	int err;

	*out = NULL;
	if (is_off(listen) || !strcmp(listen, before))
		return 0;
	err = reserve(listen, out, error);
	/* by ourselves, at an address that includes this one: it is free when the old one is closed */
	return err == -EADDRINUSE && daemon->page && is_same_port(listen, before) ? 0 : err;
}

void page_commit(struct daemon *daemon, struct page *fresh, const char *before)
{
	const char *now = daemon->config.page;
	struct error error;

	if (!fresh && !strcmp(now, before))
		return;
	page_free(daemon->page);
	daemon->page = NULL;
	if (fresh && !open_page(daemon, fresh, &error))
		daemon->page = fresh;
	else
		page_free(fresh);
	if (!daemon->page)
		page_start(daemon);
	if (is_off(now))
		log_info("the page is off");
	else if (daemon->page)
		log_info("page on %s", now);
}

void page_stop(struct daemon *daemon)
{
	page_free(daemon->page);
	daemon->page = NULL;
}
