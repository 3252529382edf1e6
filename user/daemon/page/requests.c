// SPDX-License-Identifier: GPL-2.0-only
#include "requests.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>

#include "assets.h"
#include "base/time.h"
#include "connections.h"
#include "daemon/api/http/failures.h"
#include "daemon/api/http/reply.h"
#include "daemon/api/http/routes.h"
#include "host.h"

/* Of answers that wait for their readers, all connections together: beyond it, answers that are made
 * for one reader are refused. Those that all share cost nothing.
 */
#define WAITING_MAX (16 << 20)

static const char *const headers[][2] = {
#define X(name, value) {name, value},
	FAILURES_GUARDS(X)
#undef X
};

static void refuse(struct evhttp_request *request, enum error_code code, const char *text)
{
	struct error error;

	error_set(&error, 0, "%s", text);
	reply_failure(request, code, &error);
}

static bool is_head(struct evhttp_request *request)
{
	return evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
}

/* --- who asks --- */

/* RFC 9112 3.2: exactly one Host. NULL otherwise. */
static const char *host_of(struct evhttp_request *request)
{
	const struct evkeyval *header;
	const char *host = NULL;

	TAILQ_FOREACH(header, evhttp_request_get_input_headers(request), next)
	{
		if (strcasecmp(header->key, "Host"))
			continue;
		if (host)
			return NULL;
		host = header->value;
	}
	return host;
}

static bool is_for_us(const struct page_context *context, struct evhttp_request *request,
		      const char *host)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	struct sockaddr_storage local = {};
	socklen_t bytes = sizeof(local);

	/* an absolute address, as proxies are asked, names a host of its own */
	if (!uri || evhttp_uri_get_scheme(uri) || evhttp_uri_get_host(uri))
		return false;
	if (getsockname(fd, (struct sockaddr *)&local, &bytes))
		return false;
	return page_host_is_ours(host, (const struct sockaddr *)&local, context->listen);
}

/* Another site makes a browser ask, for an image or in a frame: it could not read the answer, but let
 * it be made. A link to the page itself is fine. Browsers add the header, and scripts cannot.
 */
static bool is_of_another_site(struct evhttp_request *request)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	const char *site =
		evhttp_find_header(evhttp_request_get_input_headers(request), "Sec-Fetch-Site");

	return site && strcmp(site, "same-origin") && strcmp(site, "none") && path &&
	       strcmp(path, "/");
}

/* Returns whether it was refused. */
static bool refused(const struct page_context *context, struct evhttp_request *request)
{
	enum evhttp_cmd_type method = evhttp_request_get_command(request);
	const char *host = host_of(request);

	if (!host) {
		refuse(request, ERROR_INVALID,
		       "the request has no Host, or more than one; send one");
	} else if (!is_for_us(context, request, host)) {
		refuse(request, ERROR_MISDIRECTED,
		       "the page is not served under this name; use localhost, or the address of page.listen");
	} else if (is_of_another_site(request)) {
		refuse(request, ERROR_CROSS_SITE,
		       "another site asks for this; open the page itself");
	} else if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
		evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "GET, HEAD");
		refuse(request, ERROR_METHOD_NOT_ALLOWED,
		       "the page is for looking, it takes GET and HEAD; use the control socket");
	} else {
		return false;
	}
	return true;
}

/* --- files --- */

static bool is_cached(struct evhttp_request *request, const char *etag)
{
	const char *known =
		evhttp_find_header(evhttp_request_get_input_headers(request), "If-None-Match");

	return known && strstr(known, etag);
}

/* Static memory: a slow reader keeps nothing from being freed. */
static void send_asset(struct evhttp_request *request, const struct page_asset *asset)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(request);
	struct evbuffer *body = evbuffer_new();
	char etag[PAGE_ETAG_MAX], length[24];

	if (!body) {
		reply_object(request, NULL);
		return;
	}
	evhttp_add_header(out, "ETag", page_asset_etag(asset, etag));
	evhttp_add_header(out, "Cache-Control", "no-cache");
	if (is_cached(request, etag)) {
		evhttp_send_reply(request, HTTP_NOTMODIFIED, "Not Modified", NULL);
	} else {
		evhttp_add_header(out, "Content-Type", asset->type);
		snprintf(length, sizeof(length), "%zu", (size_t)(asset->end - asset->bytes));
		if (is_head(request))
			evhttp_add_header(out, "Content-Length", length);
		else
			evbuffer_add_reference(body, asset->bytes, asset->end - asset->bytes, NULL,
					       NULL);
		evhttp_send_reply(request, HTTP_OK, "OK", body);
	}
	evbuffer_free(body);
}

/* --- the API --- */

/* Shared by all who ask, or limited elsewhere: of these, a crowd may have as many as it likes. */
static bool is_cheap(const char *path)
{
	return !strcmp(path, "/v1/overview") || !strcmp(path, "/v1/events");
}

static bool is_list(const char *path)
{
	static const char *const lists[] = {"/v1/blocks", "/v1/allowlist", "/v1/export", "/v1/log"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!strcmp(lists[i], path))
			return true;
	return false;
}

static bool has_room(struct page_context *context, struct evhttp_request *request, const char *path)
{
	if (is_cheap(path))
		return true;
	return page_budget_has(&context->budget, clock_monotonic_ns()) &&
	       page_connections_waiting(context->connections) <= WAITING_MAX &&
	       (!is_list(path) || page_connections_list(context->connections, request));
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void pass_on(struct page_context *context, struct evhttp_request *request, const char *path)
{
	uint64_t began_ns = cpu_ns();

	evhttp_add_header(evhttp_request_get_output_headers(request), "Cache-Control", "no-store");
	if (is_head(request)) {
		control_route_head(request);
	} else if (has_room(context, request, path)) {
		control_route(context->daemon, request, false);
		page_budget_spend(&context->budget, cpu_ns() - began_ns);
	} else {
		refuse(request, ERROR_TOO_MANY_READERS,
		       "the page has more to answer than it may; try again, or use a socket");
	}
}

void page_answer(struct page_context *context, struct evhttp_request *request)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri && evhttp_uri_get_path(uri) ? evhttp_uri_get_path(uri) : "";
	const struct page_asset *asset = page_asset_find(path);

	page_connections_asked(context->connections, evhttp_request_get_connection(request),
			       !strcmp(path, "/v1/events") || !strcmp(path, "/v1/log"));
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		evhttp_add_header(evhttp_request_get_output_headers(request), headers[i][0],
				  headers[i][1]);
	if (refused(context, request))
		return;
	if (asset)
		send_asset(request, asset);
	else
		pass_on(context, request, path);
}
