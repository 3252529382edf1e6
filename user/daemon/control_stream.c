// SPDX-License-Identifier: GPL-2.0-only
#include "control_stream.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>

#include "failures.h"
#include "reply.h"
#include "turn.h"

#define PAGE_ROWS 1000
#define SPAN_S	  30 /* of a source: what it reads stays in the store's write-ahead log for as long */

struct stream {
	struct evhttp_request *request;
	struct evbuffer *page;
	const struct stream_source *source;
	void *data; /* NULL when it has ended */
	struct event *span;
	bool late; /* it was ended before its end */
};

static void stream_free(struct stream *stream)
{
	if (stream->page)
		evbuffer_free(stream->page);
	if (stream->span)
		event_free(stream->span);
	if (stream->data)
		stream->source->close(stream->data);
	free(stream);
}

/* Nobody reads any more. libevent takes the connection off a request that is not done, and leaves it to us; to end it
 * then is to free it.
 */
static void stream_closed(struct evhttp_connection *connection, void *data)
{
	struct stream *stream = data;

	(void)connection;
	if (!evhttp_request_get_connection(stream->request))
		evhttp_send_reply_end(stream->request);
	stream_free(stream);
}

static void stream_end(struct stream *stream)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(stream->request);

	if (connection)
		evhttp_connection_set_closecb(connection, NULL, NULL);
	evhttp_send_reply_end(stream->request);
	stream_free(stream);
}

/* Who reads slowly, or not at all, keeps nothing that others write from being tidied up. */
static void stream_late(evutil_socket_t fd, short what, void *data)
{
	struct stream *stream = data;

	(void)fd;
	(void)what;
	if (!stream->data)
		return;
	stream->source->close(stream->data);
	stream->data = NULL;
	stream->late = true;
}

static void stream_page(struct evhttp_connection *connection, void *data)
{
	struct stream *stream = data;
	struct turn turn = turn_begin();
	struct error error;
	int more = stream->data ? 1 : 0;

	(void)connection;
	if (stream->late)
		more = error_set(&error, -ETIMEDOUT,
				 "the answer was not read within %d s, and is broken off: read it faster, or a part at a time",
				 SPAN_S);
	stream->late = false;
	for (int i = 0; more > 0 && i < PAGE_ROWS && !(i && turn_is_over(&turn)); i++)
		more = stream->source->next(stream->data, stream->page, &error);
	if (more < 0)
		reply_line(stream->page, failure_to_json(failure_of_errno(more), &error));
	if (more <= 0 && stream->data) {
		stream->source->close(stream->data);
		stream->data = NULL;
	}
	if (!evbuffer_get_length(stream->page)) {
		stream_end(stream);
		return;
	}
	evhttp_send_reply_chunk_with_cb(stream->request, stream->page, stream_page, stream);
}

void stream_start(struct evhttp_request *request, const struct stream_source *source, void *data,
		  struct evbuffer *first)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	static const struct timeval span = {SPAN_S, 0};
	struct stream *stream = calloc(1, sizeof(*stream));

	if (stream) {
		stream->page = evbuffer_new();
		stream->span = event_new(evhttp_connection_get_base(connection), -1, 0, stream_late, stream);
	}
	if (!stream || !stream->page || !stream->span || event_add(stream->span, &span)) {
		if (stream)
			stream_free(stream);
		source->close(data);
		reply_object(request, NULL);
		return;
	}
	stream->request = request;
	stream->source = source;
	stream->data = data;
	if (first)
		evbuffer_add_buffer(stream->page, first);
	evhttp_connection_set_closecb(connection, stream_closed, stream);
	reply_list_header(request);
	evhttp_send_reply_start(request, HTTP_OK, "OK");
	stream_page(connection, stream);
}
