// SPDX-License-Identifier: GPL-2.0-only
#include "client_readers.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdio.h>

#include "daemon/api/follow/event_stream.h"
#include "model.h"

#define NS_IN_S		1000000000LL
#define SLACK_S		3
#define SILENT_TEXT_MAX 160

static struct client_reader readers[READERS_MAX];

struct client_reader *client_reader_of(const struct evhttp_request *request)
{
	for (int i = 0; i < READERS_MAX; i++)
		if (request && readers[i].request == request)
			return &readers[i];
	return NULL;
}

struct client_reader *client_reader_at(const struct evhttp_connection *connection)
{
	for (int i = 0; i < READERS_MAX; i++)
		if (readers[i].request && (const void *)connection == &readers[i])
			return &readers[i];
	return NULL;
}

unsigned int client_readers(void)
{
	unsigned int count = 0;

	for (int i = 0; i < READERS_MAX; i++)
		count += readers[i].request != NULL;
	return count;
}

bool client_reader_start(struct evhttp_request *request, bool reads)
{
	for (int i = 0; i < READERS_MAX; i++)
		if (!readers[i].request) {
			readers[i] = (struct client_reader){.request = request,
							    .reads = reads,
							    .heard_ns = world->monotonic_ns};
			return true;
		}
	return false;
}

void client_reader_sent(struct client_reader *reader, struct evbuffer *body,
			void (*more)(struct evhttp_connection *, void *), void *data)
{
	reader->lines += evbuffer_get_length(body) != 0;
	evbuffer_drain(body, evbuffer_get_length(body));
	reader->heard_ns = world->monotonic_ns;
	reader->more = more;
	reader->more_data = data;
}

void client_reader_end(unsigned int at, bool is_taken_away)
{
	struct client_reader *reader = &readers[at % READERS_MAX];

	if (!reader->request)
		return;
	reader->is_gone = is_taken_away;
	if (reader->closed)
		reader->closed((struct evhttp_connection *)reader, reader->closed_data);
	evhttp_request_free(reader->request);
	*reader = (struct client_reader){};
}

void client_readers_end(void)
{
	for (unsigned int i = 0; i < READERS_MAX; i++)
		client_reader_end(i, false);
}

void client_readers_turn(void)
{
	for (int i = 0; i < READERS_MAX; i++) {
		struct client_reader *reader = &readers[i];
		void (*more)(struct evhttp_connection *, void *) = reader->more;

		if (!reader->request || !reader->reads || !more)
			continue;
		reader->more = NULL;
		more((struct evhttp_connection *)reader, reader->more_data);
	}
}

const char *client_readers_check(void)
{
	static char why[SILENT_TEXT_MAX];

	for (int i = 0; i < READERS_MAX; i++) {
		const struct client_reader *reader = &readers[i];
		int64_t silent_s = (world->monotonic_ns - reader->heard_ns) / NS_IN_S;

		if (!reader->request || !reader->reads || silent_s <= EVENT_STREAM_SIGN_S + SLACK_S)
			continue;
		snprintf(why, sizeof(why), "a reader of the events has heard nothing for %lld s",
			 (long long)silent_s);
		return why;
	}
	return NULL;
}
