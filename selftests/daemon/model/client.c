// SPDX-License-Identifier: GPL-2.0-only
#include "client.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client_readers.h"
#include "client_wraps.h"
#include "daemon/api/http/caller.h"
#include "daemon/store/log/audit_log.h"
#include "model.h"

#define TURNS_MAX 2000
#define TURN_MS	  5

static struct {
	struct event_base *base;
	void (*handle)(struct evhttp_request *request,
		       void *data); /* on_request() of api/http/server.c */
	void *data;
	/* of the current request */
	int code;
	bool done;
	struct evbuffer *body;
	void (*more)(struct evhttp_connection *connection, void *data);
	void *more_data;
} client;

/* --- replaces libevent's handling of an answer --- */

void __real_evhttp_set_gencb(struct evhttp *http, void (*handle)(struct evhttp_request *, void *),
			     void *data);
void __wrap_evhttp_set_gencb(struct evhttp *http, void (*handle)(struct evhttp_request *, void *),
			     void *data)
{
	client.handle = handle;
	client.data = data;
	the_daemon = data;
	__real_evhttp_set_gencb(http, handle, data);
}

void __wrap_evhttp_send_reply(struct evhttp_request *request, int code, const char *reason,
			      struct evbuffer *body)
{
	(void)request;
	(void)reason;
	world_at(PLACE_ANSWER);
	client.code = code;
	if (body)
		evbuffer_add_buffer(client.body, body);
	client.done = true;
}

void __wrap_evhttp_send_error(struct evhttp_request *request, int code, const char *reason)
{
	world_fail("answers", "the answer is HTML: %d %s to %s", code, reason, request->uri);
}

void __wrap_evhttp_send_reply_start(struct evhttp_request *request, int code, const char *reason)
{
	struct client_reader *reader = client_reader_of(request);

	(void)reason;
	if (reader)
		reader->started = true;
	client.code = code;
}

void __wrap_evhttp_send_reply_chunk_with_cb(struct evhttp_request *request, struct evbuffer *body,
					    void (*more)(struct evhttp_connection *, void *),
					    void *data)
{
	struct client_reader *reader = client_reader_of(request);

	if (reader) {
		client_reader_sent(reader, body, more, data);
		return;
	}
	evbuffer_add_buffer(client.body, body);
	client.more = more;
	client.more_data = data;
}

void __wrap_evhttp_send_reply_end(struct evhttp_request *request)
{
	if (!client_reader_of(request))
		client.done = true;
}

/* It exists, but is never used. */
struct evhttp_connection *__wrap_evhttp_request_get_connection(struct evhttp_request *request)
{
	struct client_reader *reader = client_reader_of(request);

	if (reader)
		return reader->is_gone ? NULL : (struct evhttp_connection *)reader;
	return (struct evhttp_connection *)&client;
}

struct bufferevent *__wrap_evhttp_connection_get_bufferevent(struct evhttp_connection *connection)
{
	(void)connection;
	return NULL;
}

int __wrap_bufferevent_getfd(struct bufferevent *socket)
{
	(void)socket;
	return -1;
}

int __wrap_bufferevent_set_timeouts(struct bufferevent *socket, const struct timeval *read,
				    const struct timeval *write)
{
	(void)socket;
	(void)read;
	(void)write;
	return 0;
}

void __wrap_bufferevent_setwatermark(struct bufferevent *socket, short events, size_t low,
				     size_t high)
{
	(void)socket;
	(void)events;
	(void)low;
	(void)high;
}

struct event_base *__wrap_evhttp_connection_get_base(struct evhttp_connection *connection)
{
	(void)connection;
	return client.base;
}

void __wrap_evhttp_connection_set_closecb(struct evhttp_connection *connection,
					  void (*closed)(struct evhttp_connection *, void *),
					  void *data)
{
	struct client_reader *reader = client_reader_at(connection);

	if (!reader)
		return;
	reader->closed = closed;
	reader->closed_data = data;
}

void __wrap_caller_of(struct evhttp_request *request, struct actor *actor)
{
	(void)request;
	*actor = (struct actor){
		.uid = 1000, .pid = 1, .login_uid = -1, .who = "model", .source = "socket"};
}

/* --- a request --- */

void client_use(struct event_base *base)
{
	client.base = base;
}

void client_turn(void)
{
	event_base_loop(client.base, EVLOOP_NONBLOCK);
	client_readers_turn();
}

static void converse(struct evhttp_request *request)
{
	client.handle(request, client.data);
	for (unsigned int turn = 0; !client.done; turn++) {
		void (*more)(struct evhttp_connection *, void *) = client.more;

		if (turn == TURNS_MAX)
			world_fail("answers", "no answer to %s", request->uri);
		client.more = NULL;
		if (more) {
			more((struct evhttp_connection *)&client, client.more_data);
		} else {
			world_pass_ms(TURN_MS);
			client_turn();
		}
	}
}

static struct evhttp_request *request_new(const char *method, const char *uri, const char *body)
{
	struct evhttp_request *request = evhttp_request_new(NULL, NULL);

	request->type = !strcmp(method, "GET")	 ? EVHTTP_REQ_GET :
			!strcmp(method, "POST")	 ? EVHTTP_REQ_POST :
			!strcmp(method, "PATCH") ? EVHTTP_REQ_PATCH :
						   EVHTTP_REQ_DELETE;
	request->uri = strdup(uri);
	request->uri_elems = evhttp_uri_parse(uri);
	if (!request->uri_elems)
		world_fail("model", "no URI: %s", uri);
	if (body)
		evbuffer_add(request->input_buffer, body, strlen(body));
	return request;
}

static void check_answer(const char *uri, struct answer *answer)
{
	const char *error;
	json_error_t why;

	switch (answer->code) {
	case 200:
	case 400:
	case 404:
	case 409:
	case 413:
	case 500:
	case 503:
		break;
	default:
		world_fail("answers", "%d to %s: %s", answer->code, uri, answer->text);
	}
	answer->object = json_loadb(answer->text, answer->bytes, 0, &why);
	error = json_string_value(json_object_get(answer->object, "error"));
	if ((answer->code != 200) != !!error && !strchr(answer->text, '\n'))
		world_fail("answers", "%d to %s, and %s", answer->code, uri, answer->text);
	if (error && (!*error || strchr(error, '\n')))
		world_fail("answers", "no line of text to %s: '%s'", uri, error);
	snprintf(answer->error, sizeof(answer->error), "%s", error ? error : "");
}

void client_follow(const char *uri, bool reads)
{
	struct evhttp_request *request = request_new("GET", uri, NULL);

	if (!client_reader_start(request, reads))
		world_fail("model", "too many readers");
	client.code = 0;
	client.handle(request, client.data);
	if (client.code != 200)
		world_fail("events", "%s is answered with %d", uri, client.code);
}

void client_ask(const char *method, const char *uri, const char *body, struct answer *answer)
{
	struct evhttp_request *request = request_new(method, uri, body);

	memset(answer, 0, sizeof(*answer));
	client.code = 0;
	client.done = false;
	client.more = NULL;
	client.body = evbuffer_new();
	converse(request);
	answer->code = client.code;
	answer->bytes = evbuffer_get_length(client.body);
	answer->text = malloc(answer->bytes + 1);
	evbuffer_remove(client.body, answer->text, answer->bytes);
	answer->text[answer->bytes] = '\0';
	evbuffer_free(client.body);
	evhttp_request_free(request);
	world_note(world->wall_ns ^ (uint64_t)answer->code);
	check_answer(uri, answer);
	if (world->tells && strcmp(method, "GET"))
		fprintf(stderr, "\t%s %s %s\n\t-> %d %.400s", method, uri, body ? body : "",
			answer->code, answer->text);
}

void client_forget(struct answer *answer)
{
	json_decref(answer->object);
	free(answer->text);
	memset(answer, 0, sizeof(*answer));
}

void client_each_line(const struct answer *answer, client_each_t each, void *data)
{
	const char *at = answer->text, *end;

	while (*at && (end = strchr(at, '\n'))) {
		json_error_t why;
		json_t *row = json_loadb(at, end - at, 0, &why);

		if (!json_is_object(row))
			world_fail("answers", "no object: %.*s", (int)(end - at), at);
		each(row, data);
		json_decref(row);
		at = end + 1;
	}
}

const char *client_escape(const char *text)
{
	static char out[8][512];
	static unsigned int turn;
	char *to = out[turn++ % 8];
	size_t n = 0;

	for (; *text && n + 4 < sizeof(out[0]); text++) {
		if (strchr("/:%&?#+ ", *text))
			n += sprintf(to + n, "%%%02X", (unsigned char)*text);
		else
			to[n++] = *text;
	}
	to[n] = '\0';
	return to;
}

int64_t client_time_s(const json_t *value)
{
	struct tm parts = {};
	const char *text = json_string_value(value);

	if (!value || json_is_null(value))
		return 0;
	if (json_is_number(value))
		return json_number_value(value);
	if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%S", &parts))
		return -1;
	return timegm(&parts);
}
