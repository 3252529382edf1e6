// SPDX-License-Identifier: GPL-2.0-only
#include "event_stream.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/time.h"
#include "daemon/api/json/event_json.h"
#include "daemon/daemon.h"
#include "daemon/events/event_pace.h"
#include "event_backlog.h"
#include "daemon/api/http/caller.h"
#include "daemon/api/http/reply.h"

#define DRAIN_MS 50 /* more often than otherwise, while somebody looks */
/* Of the lines that wait: for all readers, and for one of them. The least is more than comes in one
 * batch from a few CPUs.
 */
#define BYTES_ALL (8 << 20)
#define BYTES_MAX (512 << 10)
#define INPUT_MAX 4096 /* a reader has nothing to say */
#define SIGN_MS	  (EVENT_STREAM_SIGN_S * 1000)
/* A reader that wants so few a second shows them to a person: they go out together, as each sending costs more than what is
 * sent.
 */
#define FEW_PER_SECOND 20
#define FEW_MS	       950 /* about once a second */

_Static_assert(S64_IFACES_MAX > UINT8_MAX, "every slot of a sample is one");
_Static_assert(BYTES_ALL / EVENT_STREAMS_MAX >= 64 << 10, "room for each reader");

struct event_stream {
	struct event_streams *all;
	struct evhttp_request *request;
	struct event_filter filter;
	struct event_pace pace;
	struct event_backlog backlog;
	int64_t sent_ms; /* CLOCK_MONOTONIC */
	LIST_ENTRY(event_stream) link;
};

LIST_HEAD(event_stream_list, event_stream);

struct event_streams {
	struct daemon *daemon;
	struct event *timer;
	struct event_reader reader; /* for all of them; added while there is one */
	struct event_stream_list list;
	unsigned int count;
};

/* --- one stream --- */

static void on_sent(struct evhttp_connection *connection, void *data);

static bool can_wait(const struct event_stream *stream)
{
	return stream->pace.per_second > 0 && stream->pace.per_second <= FEW_PER_SECOND &&
	       clock_monotonic_ms() - stream->sent_ms < FEW_MS;
}

static void send_pending(struct event_stream *stream)
{
	if (stream->backlog.in_flight || !evbuffer_get_length(stream->backlog.pending) ||
	    can_wait(stream))
		return;
	event_backlog_send(&stream->backlog);
	stream->sent_ms = clock_monotonic_ms();
	evhttp_send_reply_chunk_with_cb(stream->request, stream->backlog.pending, on_sent, stream);
}

static void on_sent(struct evhttp_connection *connection, void *data)
{
	struct event_stream *stream = data;

	(void)connection;
	event_backlog_sent(&stream->backlog);
	send_pending(stream);
}

static void stream_remove(struct event_stream *stream)
{
	struct event_streams *all = stream->all;

	LIST_REMOVE(stream, link);
	if (!--all->count || S64_MISTAKE(READER_LEAVES_ALL)) {
		events_remove(&all->reader);
		event_del(all->timer);
	}
	event_backlog_free(&stream->backlog);
	free(stream);
}

/* Nobody reads any more. libevent takes the connection away from an unfinished request, and leaves
 * the request to us; ending it frees it.
 */
static void on_closed(struct evhttp_connection *connection, void *data)
{
	struct event_stream *stream = data;

	(void)connection;
	if (!evhttp_request_get_connection(stream->request))
		evhttp_send_reply_end(stream->request);
	stream_remove(stream);
}

/* --- all of them --- */

static size_t bytes_each(const struct event_streams *all)
{
	size_t bytes = BYTES_ALL / all->count;

	return bytes < BYTES_MAX ? bytes : BYTES_MAX;
}

static size_t make_line(const struct event_streams *all, const struct s64_sample *sample,
			char line[EVENT_LINE_MAX])
{
	const struct daemon *daemon = all->daemon;
	const struct iface *iface = daemon->ifaces.entry[sample->iface_slot];
	const struct event_view view = {.sample = sample,
					.time_ms = event_time_ms(daemon->maps.meta, sample),
					.interface = iface ? iface->name : NULL,
					.rules = &daemon->blocks.rules,
					.seed = &daemon->maps.meta->seed};

	return event_to_line(&view, line, EVENT_LINE_MAX);
}

/* Its line is made once, and only if somebody takes it. */
static void on_event(const struct s64_sample *sample, void *data)
{
	struct event_streams *all = data;
	size_t max = bytes_each(all), bytes = 0;
	char line[EVENT_LINE_MAX];
	struct event_stream *stream;

	LIST_FOREACH(stream, &all->list, link)
	{
		if (!event_filter_matches(&stream->filter, sample) ||
		    !event_pace_take(&stream->pace) ||
		    !event_backlog_has_room(&stream->backlog, max))
			continue;
		if (!bytes)
			bytes = make_line(all, sample, line);
		event_backlog_add(&stream->backlog, line, bytes);
	}
}

static void on_batch(void *data)
{
	struct event_streams *all = data;
	int64_t now_ms = clock_monotonic_ms();
	struct event_stream *stream;

	LIST_FOREACH(stream, &all->list, link)
	{
		event_pace_end_batch(&stream->pace, now_ms);
		if (!stream->backlog.in_flight && now_ms - stream->sent_ms >= SIGN_MS &&
		    !evbuffer_get_length(stream->backlog.pending))
			event_backlog_add_sign(&stream->backlog);
		send_pending(stream);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct event_streams *all = data;

	(void)fd;
	(void)what;
	samples_drain(&all->daemon->samples, &all->daemon->blocks);
}

static struct event_streams *streams_new(struct daemon *daemon)
{
	struct event_streams *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	all->daemon = daemon;
	all->reader =
		(struct event_reader){.on_event = on_event, .on_batch = on_batch, .data = all};
	event_filter_init(&all->reader.filter);
	all->timer = event_new(daemon->base, -1, EV_PERSIST, on_timer, all);
	if (all->timer)
		return all;
	free(all);
	return NULL;
}

void event_streams_free(struct event_streams *all)
{
	if (!all)
		return;
	event_free(all->timer);
	free(all);
}

static void streams_add(struct event_streams *all, struct event_stream *stream)
{
	static const struct timeval drain = {0, DRAIN_MS * 1000};

	LIST_INSERT_HEAD(&all->list, stream, link);
	if (all->count++)
		return;
	/* what came before is not for the first reader */
	samples_drain(&all->daemon->samples, &all->daemon->blocks);
	events_add(&all->daemon->samples.events, &all->reader);
	event_add(all->timer, &drain);
}

/* It may say nothing for as long as it likes, and read nothing for some minutes. */
static void let_stay(struct evhttp_connection *connection)
{
	static const struct timeval stalled = {EVENT_STREAM_STALLED_S, 0};
	struct bufferevent *socket = evhttp_connection_get_bufferevent(connection);

	bufferevent_set_timeouts(socket, NULL, &stalled);
	bufferevent_setwatermark(socket, EV_READ, 0, INPUT_MAX);
}

static unsigned int streams_max(struct evhttp_request *request)
{
	return EVENT_STREAMS_MAX - (caller_is_known(request) ? 0 : CALLER_STREAMS_KEPT);
}

int event_stream_start(struct daemon *daemon, struct evhttp_request *request,
		       const struct event_filter *filter, double per_second, struct error *error)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	struct event_stream *stream;

	if (!daemon->streams)
		daemon->streams = streams_new(daemon);
	if (daemon->streams && daemon->streams->count >= streams_max(request))
		return error_set(error, -EUSERS,
				 "%u readers follow the events already; end one of them",
				 daemon->streams->count);
	stream = daemon->streams ? calloc(1, sizeof(*stream)) : NULL;
	if (!stream || event_backlog_init(&stream->backlog)) {
		free(stream);
		return error_set(error, -ENOMEM, "out of memory; try again");
	}
	stream->all = daemon->streams;
	stream->request = request;
	stream->filter = *filter;
	stream->sent_ms = clock_monotonic_ms();
	event_pace_init(&stream->pace, per_second, stream->sent_ms);
	streams_add(stream->all, stream);
	evhttp_connection_set_closecb(connection, on_closed, stream);
	let_stay(connection);
	reply_list_header(request);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
	evhttp_send_reply_start(request, HTTP_OK, "OK");
	return 0;
}
