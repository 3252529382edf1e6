// SPDX-License-Identifier: GPL-2.0-only
#include "overview.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "daemon/api/handlers.h"
#include "daemon/api/http/reply.h"
#include "history.h"
#include "status.h"
#include "top.h"

#define EACH_S	    1
#define STALE_MS    2500 /* older ones are not answered: a new one is made at once */
#define WANTED_MS   5000 /* none is made if nobody has asked for so long */
#define TOP_SECONDS 3
#define TOP_ROWS    10
#define LAST_POINTS 10 /* of the history: who misses some seconds need not ask for it */
#define JSON_FLAGS  (JSON_COMPACT | JSON_REAL_PRECISION(6))

/* Shared by all answers with it, which are perhaps not sent yet. */
struct text {
	unsigned int references;
	int64_t made_ms; /* CLOCK_MONOTONIC */
	size_t bytes;
	char *text;
};

/* Made in two turns of the loop: under a flood, what is loudest takes a while to find. */
struct overview {
	struct daemon *daemon;
	struct event *second, *rest;
	json_t *sources; /* of the one that is being made */
	struct text *latest;
	int64_t asked_ms; /* CLOCK_MONOTONIC */
};

static void text_drop(struct text *text)
{
	if (!text || --text->references)
		return;
	free(text->text);
	free(text);
}

static void on_sent(const void *bytes, size_t count, void *text)
{
	(void)bytes;
	(void)count;
	text_drop(text);
}

/* --- what is in it --- */

static json_t *last_points(const struct history *history)
{
	uint64_t last = history_last(history);

	return control_history_to_json(history, last > LAST_POINTS ? last - LAST_POINTS : 0);
}

static json_t *loudest(const struct daemon *daemon, enum top_by by)
{
	return control_top_to_json(daemon, by, TOP_SECONDS, TOP_ROWS);
}

/* Takes over the sources. */
static json_t *to_json(const struct daemon *daemon, json_t *sources)
{
	return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o}", "time",
			 exact_time_to_json(clock_wall_ms()), "status",
			 control_status_to_json(daemon), "samples_lost",
			 (json_int_t)daemon->samples.lost, "sources", sources, "destinations",
			 loudest(daemon, TOP_BY_DESTINATION), "history",
			 last_points(daemon->history));
}

static struct text *make_text(const struct daemon *daemon, json_t *sources)
{
	struct text *text = calloc(1, sizeof(*text));
	json_t *object = to_json(daemon, sources);

	if (text)
		text->text = object ? json_dumps(object, JSON_FLAGS) : NULL;
	json_decref(object);
	if (!text || !text->text) {
		free(text);
		return NULL;
	}
	text->bytes = strlen(text->text);
	text->references = 1;
	text->made_ms = clock_monotonic_ms();
	return text;
}

/* --- when it is made --- */

static void begin(struct overview *overview)
{
	struct daemon *daemon = overview->daemon;

	samples_drain(&daemon->samples, &daemon->blocks);
	json_decref(overview->sources);
	overview->sources = loudest(daemon, TOP_BY_SOURCE);
}

static void finish(struct overview *overview)
{
	struct text *text = make_text(overview->daemon, overview->sources);

	overview->sources = NULL;
	text_drop(overview->latest);
	overview->latest = text;
}

static void on_second(evutil_socket_t fd, short what, void *data)
{
	struct overview *overview = data;

	(void)fd;
	(void)what;
	if (clock_monotonic_ms() - overview->asked_ms > WANTED_MS) {
		event_del(overview->second);
		return;
	}
	begin(overview);
	event_add(overview->rest, &(const struct timeval){0, 0});
}

static void on_rest(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	finish(data);
}

static struct overview *overview_new(struct daemon *daemon)
{
	struct overview *overview = calloc(1, sizeof(*overview));

	if (!overview)
		return NULL;
	overview->daemon = daemon;
	overview->second = event_new(daemon->base, -1, EV_PERSIST, on_second, overview);
	overview->rest = event_new(daemon->base, -1, 0, on_rest, overview);
	if (overview->second && overview->rest)
		return overview;
	overview_free(overview);
	return NULL;
}

void overview_free(struct overview *overview)
{
	if (!overview)
		return;
	if (overview->second)
		event_free(overview->second);
	if (overview->rest)
		event_free(overview->rest);
	json_decref(overview->sources);
	text_drop(overview->latest);
	free(overview);
}

/* NULL if out of memory. */
static struct text *latest(struct daemon *daemon)
{
	static const struct timeval each = {EACH_S, 0};
	int64_t now_ms = clock_monotonic_ms();
	struct overview *overview;

	if (!daemon->overview)
		daemon->overview = overview_new(daemon);
	overview = daemon->overview;
	if (!overview)
		return NULL;
	overview->asked_ms = now_ms;
	if (!overview->latest || now_ms - overview->latest->made_ms > STALE_MS) {
		event_del(overview->rest);
		begin(overview);
		finish(overview);
	}
	if (!event_pending(overview->second, EV_TIMEOUT, NULL))
		event_add(overview->second, &each);
	return overview->latest;
}

void control_get_overview(struct daemon *daemon, struct evhttp_request *request)
{
	struct text *text = latest(daemon);
	struct evbuffer *out = text ? evbuffer_new() : NULL;

	if (!out || evbuffer_add_reference(out, text->text, text->bytes, on_sent, text)) {
		reply_object(request, NULL);
	} else {
		text->references++;
		evbuffer_add(out, "\n", 1);
		evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
				  "application/json");
		evhttp_send_reply(request, HTTP_OK, "OK", out);
	}
	if (out)
		evbuffer_free(out);
}
