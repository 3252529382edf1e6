// SPDX-License-Identifier: GPL-2.0-only
/* What it does, for Prometheus. */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/listen_address.h"
#include "notify.h"

#define HEADERS_MAX 8192
#define TIMEOUT_S   10

static void head(struct evbuffer *out, const char *name, const char *type, const char *help)
{
	evbuffer_add_printf(out, "# HELP slash64_notify_%s %s\n# TYPE slash64_notify_%s %s\n", name,
			    help, name, type);
}

/* Names of receivers need no escapes: settings.c checks them. */
static void row(struct evbuffer *out, const char *name, const struct delivery *delivery,
		int64_t value)
{
	evbuffer_add_printf(out, "slash64_notify_%s{receiver=\"%s\"} %" PRId64 "\n", name,
			    delivery->receiver->name, value);
}

#define ROWS(name, type, help, value)                                          \
	do {                                                                   \
		head(out, name, type, help);                                   \
		for (size_t i = 0; i < notify->settings.receiver_count; i++) { \
			struct delivery *delivery = &notify->delivery[i];      \
                                                                               \
			row(out, name, delivery, (int64_t)(value));            \
		}                                                              \
	} while (0)

static void write_metrics(struct notify *notify, struct evbuffer *out)
{
	ROWS("delivered_total", "counter", "Changes that the receiver has taken.",
	     delivery->delivered);
	ROWS("failures_total", "counter", "Attempts that failed.", delivery->failed);
	ROWS("refused_total", "counter", "Changes that the receiver refused for good.",
	     delivery->refused);
	ROWS("repeated_total", "counter", "Changes that were no news in their incident.",
	     delivery->repeated);
	ROWS("filtered_total", "counter", "Changes that the receiver is not told.",
	     delivery->filtered);
	ROWS("waiting", "gauge", "Changes in the queue for the receiver.",
	     queue_waiting(notify->queue, delivery->receiver->name));
	ROWS("last_success_timestamp_seconds", "gauge",
	     "When the receiver last took a change; 0: not since the start.", delivery->last_s);
	head(out, "changes_total", "counter", "Changes taken from the log of slash64d.");
	evbuffer_add_printf(out, "slash64_notify_changes_total %" PRIu64 "\n", notify->changes);
	head(out, "last_contact_timestamp_seconds", "gauge",
	     "When slash64d was last heard; 0: not since the start.");
	evbuffer_add_printf(out, "slash64_notify_last_contact_timestamp_seconds %" PRId64 "\n",
			    notify->contact_s);
	head(out, "queue_full", "gauge", "1 while the queue takes no more.");
	evbuffer_add_printf(out, "slash64_notify_queue_full %d\n", (int)notify->is_full);
}

static void answer(struct evhttp_request *request, void *data)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
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
	write_metrics(data, out);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "text/plain; version=0.0.4; charset=utf-8");
	evhttp_send_reply(request, HTTP_OK, "OK", out);
	evbuffer_free(out);
}

struct evhttp *metrics_serve(struct notify *notify, struct event_base *base, struct error *error)
{
	char address[RECEIVER_TEXT_MAX];
	struct evhttp *http = evhttp_new(base);
	uint16_t port;

	listen_address_parse(notify->settings.metrics, address, sizeof(address), &port);
	if (!http) {
		error_set(error, -ENOMEM, "out of memory");
		return NULL;
	}
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(http, HEADERS_MAX);
	evhttp_set_max_body_size(http, 0);
	evhttp_set_timeout(http, TIMEOUT_S);
	evhttp_set_gencb(http, answer, notify);
	if (evhttp_bind_socket(http, address, port)) {
		error_set(error, -errno, "cannot listen on %s: %s; correct 'metrics'",
			  notify->settings.metrics, strerror(errno));
		evhttp_free(http);
		return NULL;
	}
	return http;
}
