// SPDX-License-Identifier: GPL-2.0-only
#include "overview.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "daemon/api/handlers.h"
#include "daemon/api/http/reply.h"
#include "daemon/attach/interfaces.h"
#include "history.h"
#include "status.h"
#include "top.h"

#define FRESH_MS    900 /* less than a second: who asks each second is given a new one each time */
#define TOP_SECONDS 10	/* as GET /v1/top */
#define TOP_ROWS    10
#define LAST_POINTS 10 /* of the history: who misses some seconds need not ask for it */
#define JSON_FLAGS  (JSON_COMPACT | JSON_REAL_PRECISION(6))

/* Its text is shared by all answers of that second, which are perhaps not sent yet. */
struct overview {
	unsigned int references;
	int64_t made_ms; /* CLOCK_MONOTONIC */
	size_t bytes;
	char *text;
};

void overview_free(struct overview *overview)
{
	if (!overview || --overview->references)
		return;
	free(overview->text);
	free(overview);
}

static void on_sent(const void *text, size_t bytes, void *overview)
{
	(void)text;
	(void)bytes;
	overview_free(overview);
}

/* --- what is in it --- */

static json_t *last_points(const struct history *history)
{
	uint64_t last = history_last(history);

	return control_history_to_json(history, last > LAST_POINTS ? last - LAST_POINTS : 0);
}

static json_t *to_json(const struct daemon *daemon)
{
	return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o}", "time",
			 exact_time_to_json(clock_wall_ms()), "status",
			 control_status_to_json(daemon), "samples_lost",
			 (json_int_t)daemon->samples.lost, "sources",
			 control_top_to_json(daemon, TOP_BY_SOURCE, TOP_SECONDS, TOP_ROWS),
			 "destinations",
			 control_top_to_json(daemon, TOP_BY_DESTINATION, TOP_SECONDS, TOP_ROWS),
			 "history", last_points(daemon->history));
}

static struct overview *make(struct daemon *daemon)
{
	struct overview *overview = calloc(1, sizeof(*overview));
	json_t *object;

	if (!overview)
		return NULL;
	samples_drain(&daemon->samples, &daemon->blocks);
	object = to_json(daemon);
	overview->text = object ? json_dumps(object, JSON_FLAGS) : NULL;
	json_decref(object);
	if (!overview->text) {
		free(overview);
		return NULL;
	}
	overview->bytes = strlen(overview->text);
	overview->references = 1;
	overview->made_ms = clock_monotonic_ms();
	return overview;
}

/* --- the answer --- */

static struct overview *latest(struct daemon *daemon)
{
	struct overview *old = daemon->overview;

	if (old && clock_monotonic_ms() - old->made_ms < FRESH_MS)
		return old;
	daemon->overview = make(daemon);
	overview_free(old);
	return daemon->overview;
}

void control_get_overview(struct daemon *daemon, struct evhttp_request *request)
{
	struct overview *overview = latest(daemon);
	struct evbuffer *out = overview ? evbuffer_new() : NULL;

	if (!out ||
	    evbuffer_add_reference(out, overview->text, overview->bytes, on_sent, overview)) {
		reply_object(request, NULL);
	} else {
		overview->references++;
		evbuffer_add(out, "\n", 1);
		evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
				  "application/json");
		evhttp_send_reply(request, HTTP_OK, "OK", out);
	}
	if (out)
		evbuffer_free(out);
}
