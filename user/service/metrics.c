// SPDX-License-Identifier: GPL-2.0-only
#include "metrics.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "net/listen_address.h"

#define ADDRESS_MAX 512
#define HEADERS_MAX 8192
#define TIMEOUT_S   10

/* As long as the program. */
struct server {
	metrics_write_t write;
	void *data;
};

void metrics_head(struct evbuffer *out, const char *name, const char *type, const char *help)
{
	evbuffer_add_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void answer(struct evhttp_request *request, void *data)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	const struct server *server = data;
	struct evbuffer *out;

	if (!path || strcmp(path, "/metrics")) {
		evhttp_send_error(request, HTTP_NOTFOUND, NULL);
		return;
	}
	out = evbuffer_new();
	if (!out) {
		evhttp_send_error(request, HTTP_SERVUNAVAIL, NULL);
		return;
	}
	server->write(out, server->data);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "text/plain; version=0.0.4; charset=utf-8");
	evhttp_send_reply(request, HTTP_OK, "OK", out);
	evbuffer_free(out);
}

struct evhttp *metrics_serve(struct event_base *base, const char *listen, metrics_write_t write,
			     void *data, struct error *error)
{
	static struct server server;
	char address[ADDRESS_MAX];
	struct evhttp *http = evhttp_new(base);
	uint16_t port;

	server = (struct server){write, data};
	if (!http) {
		error_set(error, -ENOMEM, "out of memory");
		return NULL;
	}
	if (listen_address_parse(listen, address, sizeof(address), &port)) {
		error_set(error, -EINVAL, "metrics: '%s' is not ADDRESS:PORT", listen);
		evhttp_free(http);
		return NULL;
	}
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(http, HEADERS_MAX);
	evhttp_set_max_body_size(http, 0);
	evhttp_set_timeout(http, TIMEOUT_S);
	evhttp_set_gencb(http, answer, &server);
	if (evhttp_bind_socket(http, address, port)) {
		error_set(error, -errno, "cannot listen on %s: %s; correct 'metrics'", listen,
			  strerror(errno));
		evhttp_free(http);
		return NULL;
	}
	return http;
}
