// SPDX-License-Identifier: GPL-2.0-only
/* The control API: the loudest sources, destinations, classes and reasons. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/handlers.h"
#include "daemon/api/json/source_json.h"
#include "daemon/api/http/reply.h"
#include "filter.h"
#include "top.h"

#define TOP_SECONDS	10
#define TOP_SECONDS_MAX 3600
#define TOP_LIMIT	20
#define TOP_LIMIT_MAX	10000

struct asked {
	struct event_filter filter;
	bool is_filtered;
	enum top_by by;
	double seconds;
	int64_t limit;
};

/* Blocked, not only throttled. */
static bool is_blocked(const struct blocklist *blocklist, uint64_t src_key)
{
	int info = sources_info(blocklist, src_key);

	return info >= 0 && !(info & S64_BLOCK_THROTTLE);
}

static json_t *source_to_json(const struct daemon *daemon, const struct top_row *row)
{
	struct prefix address = prefix_of_bits(row->src_hi, row->src_lo, 128);
	struct prefix shown =
		source_rules_identify(&daemon->blocks.rules, &daemon->maps.meta->seed, &address)
			.shown;
	char text[PREFIX_TEXT_MAX];
	json_t *object = json_pack("{s:s}", "source", prefix_format(&shown, text));

	source_row_to_json(object, row);
	json_object_set_new(object, "blocked",
			    json_boolean(row->reason == S64_REASON_BLOCKED ||
					 row->reason == S64_REASON_BLOCKED_PREFIX ||
					 is_blocked(&daemon->blocklist, row->src_key)));
	return object;
}

/* An IPv4 address is one of its own. */
static json_t *prefix_to_json(const char *key, uint64_t hi, uint64_t lo, uint8_t length)
{
	struct prefix prefix = prefix_of_bits(hi, lo, hi ? length : 128);
	char text[PREFIX_TEXT_MAX];

	return json_pack("{s:s}", key, prefix_format(&prefix, text));
}

static json_t *row_to_json(const struct daemon *daemon, enum top_by by, const struct top_row *row)
{
	json_t *object;

	switch (by) {
	case TOP_BY_SOURCE:
		return source_to_json(daemon, row);
	case TOP_BY_DESTINATION:
		object = prefix_to_json("destination", row->dst_hi, row->dst_lo, 64);
		break;
	case TOP_BY_AGGREGATE:
		object = prefix_to_json("aggregate", row->src_hi, row->src_lo, 48);
		break;
	default: /* class and reason are in every row */
		object = json_object();
	}
	source_row_to_json(object, row);
	return object;
}

static int parse_by(struct evhttp_request *request, enum top_by *by, struct error *error)
{
	static const char *const names[TOP_BY_COUNT] = {"source", "destination", "48", "class",
							"reason"};
	char *text = request_parameter(request, "by");
	int err = text ? -EINVAL : 0;

	*by = TOP_BY_SOURCE;
	for (int i = 0; text && i < TOP_BY_COUNT; i++)
		if (!strcmp(text, names[i])) {
			*by = i;
			err = 0;
		}
	if (err)
		error_set(error, err,
			  "'by' is '%.32s'; it must be source, destination, 48, class or reason",
			  text);
	free(text);
	return err;
}

/* Not just all packets. */
static bool selects(const struct event_filter *filter)
{
	return filter->source.length || filter->destination.length ||
	       filter->class != EVENT_FILTER_ANY || filter->reason != EVENT_FILTER_ANY ||
	       filter->verdict != EVENT_FILTER_ANY || filter->slot != EVENT_FILTER_ANY;
}

static int parse(const struct daemon *daemon, struct evhttp_request *request, struct asked *asked,
		 struct error *error)
{
	int err = request_number(request, "seconds", TOP_SECONDS, TOP_SECONDS_MAX, &asked->seconds,
				 error);

	asked->limit = TOP_LIMIT;
	if (!err)
		err = request_count(request, "limit", 1, TOP_LIMIT_MAX, &asked->limit, error);
	if (!err)
		err = parse_by(request, &asked->by, error);
	if (!err)
		err = request_filter(daemon, request, &asked->filter, error);
	asked->is_filtered = !err && selects(&asked->filter);
	return err;
}

json_t *control_top_to_json(const struct daemon *daemon, enum top_by by, double seconds,
			    unsigned int limit)
{
	struct top_row *rows = NULL;
	int n = samples_top_by(&daemon->samples, by, NULL, seconds, limit, &rows);
	json_t *array = n < 0 ? NULL : json_array();

	for (int i = 0; array && i < n; i++)
		json_array_append_new(array, row_to_json(daemon, by, &rows[i]));
	free(rows);
	return array;
}

void control_get_top(struct daemon *daemon, struct evhttp_request *request)
{
	struct evbuffer *out = NULL;
	struct top_row *rows = NULL;
	struct asked asked = {};
	struct error error;
	int n = -ENOMEM, err = parse(daemon, request, &asked, &error);

	if (err) {
		reply_error(request, err, &error);
		return;
	}
	samples_drain(&daemon->samples, &daemon->blocks);
	out = evbuffer_new();
	if (out)
		n = samples_top_by(&daemon->samples, asked.by,
				   asked.is_filtered ? &asked.filter : NULL, asked.seconds,
				   asked.limit, &rows);
	if (n < 0) {
		reply_object(request, NULL);
	} else {
		for (int i = 0; i < n; i++)
			reply_line(out, row_to_json(daemon, asked.by, &rows[i]));
		reply_list_header(request);
		evhttp_send_reply(request, HTTP_OK, "OK", out);
		free(rows);
	}
	if (out)
		evbuffer_free(out);
}
