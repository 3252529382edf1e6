// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>

#include "failures.h"
#include "reply.h"
#include "daemon/loop/task.h"
#include "daemon/loop/turn.h"

#define PAGE_ROWS 1000
/* of waiting for the reader: what is not read stays in the store's write-ahead log */
#define SPAN_S	30
#define SPAN_NS (SPAN_S * 1000000000ULL)

struct stream {
	struct evhttp_request *request;
	struct evbuffer *page;
	const struct stream_source *source;
	void *data; /* NULL once it has ended */
	struct event *span;
	uint64_t sent_ns, waited_ns; /* for the reader */
	struct task *task;	     /* the task that fills a page */
	int more;
	struct error error;
	bool gone; /* nobody reads any more */
	bool late; /* ended early */
};

static void stream_page(struct evhttp_connection *connection, void *data);

static void stream_free(struct stream *stream)
{
	if (stream->page)
		evbuffer_free(stream->page);
	if (stream->span)
		event_free(stream->span);
	if (stream->data)
		stream->source->close(stream->data);
	task_free(stream->task);
	free(stream);
}

/* Nobody reads any more. libevent takes the connection away from an unfinished request, and leaves
 * the request to us; ending it frees it.
 */
static void stream_closed(struct evhttp_connection *connection, void *data)
{
	struct stream *stream = data;

	(void)connection;
	stream->gone = true;
	if (stream->task && task_is_busy(stream->task))
		task_give_up(stream->task);
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

/* A slow reader must not keep the write-ahead log from being checkpointed. */
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

/* Within the task: as many rows as there is time for, and at least one, however long that takes. */
static void fill_page(void *data)
{
	struct stream *stream = data;

	stream->more = 1;
	for (int i = 0; stream->more > 0 && i < PAGE_ROWS && !(i && task_is_due(stream->task)); i++)
		stream->more = stream->source->next(stream->data, stream->page, &stream->error);
}

/* The total time the reader needs. The time before there is something to read does not count. */
static void wait_for_reader(struct stream *stream)
{
	uint64_t left_us = stream->waited_ns < SPAN_NS ? (SPAN_NS - stream->waited_ns) / 1000 : 0;
	struct timeval left = {left_us / 1000000, left_us % 1000000};

	stream->sent_ns = turn_now_ns();
	if (stream->data)
		event_add(stream->span, &left);
}

static void send_page(void *data)
{
	struct stream *stream = data;

	if (stream->gone)
		return;
	if (stream->more < 0)
		reply_line(stream->page, failure_to_json(failure_of(stream->more, &stream->error),
							 &stream->error));
	if (stream->more <= 0 && stream->data) {
		stream->source->close(stream->data);
		stream->data = NULL;
	}
	if (!evbuffer_get_length(stream->page)) {
		stream_end(stream);
		return;
	}
	wait_for_reader(stream);
	evhttp_send_reply_chunk_with_cb(stream->request, stream->page, stream_page, stream);
}

static void stream_page(struct evhttp_connection *connection, void *data)
{
	struct stream *stream = data;

	(void)connection;
	event_del(stream->span);
	stream->waited_ns += turn_now_ns() - stream->sent_ns;
	stream->more = 0;
	if (stream->late)
		stream->more = error_set(
			&stream->error, -ETIMEDOUT,
			"the answer was not read within %d s, and was cut off: read it faster, or in parts",
			SPAN_S);
	stream->late = false;
	if (stream->data)
		task_run_later(stream->task, fill_page, send_page, stream);
	else
		send_page(stream);
}

void stream_start(struct turns *turns, struct evhttp_request *request,
		  const struct stream_source *source, void *data, struct evbuffer *first)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	struct stream *stream = calloc(1, sizeof(*stream));

	if (stream) {
		stream->page = evbuffer_new();
		stream->task = task_new(turns);
		stream->span = event_new(evhttp_connection_get_base(connection), -1, 0, stream_late,
					 stream);
	}
	if (!stream || !stream->page || !stream->task || !stream->span) {
		if (stream)
			stream_free(stream);
		source->close(data);
		reply_object(request, NULL);
		return;
	}
	stream->request = request;
	stream->source = source;
	stream->data = data;
	source->pace(data, stream->task);
	if (first)
		evbuffer_add_buffer(stream->page, first);
	evhttp_connection_set_closecb(connection, stream_closed, stream);
	reply_list_header(request);
	evhttp_send_reply_start(request, HTTP_OK, "OK");
	stream->sent_ns = turn_now_ns();
	stream_page(connection, stream);
}
