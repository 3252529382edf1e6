// SPDX-License-Identifier: GPL-2.0-only
/* The control API: the state of slash64d, and its interfaces. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config_diff.h"
#include "daemon/api/json/config_json.h"
#include "feeds.h"
#include "daemon/confirm.h"
#include "daemon/api/handlers.h"
#include "interfaces.h"
#include "daemon/api/health.h"
#include "daemon/attach/interfaces_detached.h"
#include "daemon/api/http/routes.h"
#include "daemon/api/endpoints/blocks/why.h"
#include "status.h"
#include "daemon/api/metrics/prometheus.h"
#include "policy/names.h"
#include "config/policy_json.h"
#include "daemon/privileges.h"
#include "daemon/api/http/reply.h"
#include "daemon/upkeep.h"
#include "base/time.h"

#define POLICY_READERS_MAX 4 /* of the configuration in force, at a time */

/* --- status --- */

struct rates {
	const char *iface;
	json_t *array;
};

static void add_rate(const struct counter_row *row, void *data)
{
	struct rates *rates = data;

	json_array_append_new(rates->array,
			      json_pack("{s:o, s:s, s:s, s:s, s:f, s:I, s:I}", "interface",
					text_to_json(rates->iface), "class",
					class_info(row->class)->name, "verdict",
					verdict_name(row->verdict), "reason",
					reason_name(row->reason), "packets_per_second",
					row->packets_per_second, "packets",
					(json_int_t)row->packets, "bytes", (json_int_t)row->bytes));
}

static int by_rate(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	double rate_x = json_number_value(json_object_get(x, "packets_per_second"));
	double rate_y = json_number_value(json_object_get(y, "packets_per_second"));
	json_int_t packets_x = json_integer_value(json_object_get(x, "packets"));
	json_int_t packets_y = json_integer_value(json_object_get(y, "packets"));

	if (rate_x != rate_y)
		return rate_x > rate_y ? -1 : 1;
	return packets_x > packets_y ? -1 : packets_x < packets_y;
}

static json_t *sorted_by_rate(json_t *array)
{
	size_t n = json_array_size(array);
	json_t **rows = calloc(n + 1, sizeof(*rows));
	json_t *sorted = json_array();

	if (!rows || !sorted) {
		free(rows);
		json_decref(sorted);
		return array;
	}
	for (size_t i = 0; i < n; i++)
		rows[i] = json_array_get(array, i);
	qsort(rows, n, sizeof(*rows), by_rate);
	for (size_t i = 0; i < n; i++)
		json_array_append(sorted, rows[i]);
	free(rows);
	json_decref(array);
	return sorted;
}

static json_t *rates_to_json(const struct daemon *daemon)
{
	struct rates rates = {.array = json_array()};
	struct s64_counters *sum = malloc(sizeof(*sum));

	for (uint32_t i = 0; sum && rates.array && i < daemon->maps.meta->iface_slots; i++) {
		const struct iface *iface = daemon->ifaces.entry[i];

		if (!iface)
			continue;
		rates.iface = iface->name;
		counters_sum(&daemon->maps, i, sum);
		counters_each(sum, &iface->rate, add_rate, &rates);
	}
	free(sum);
	return rates.array ? sorted_by_rate(rates.array) : NULL;
}

static json_t *store_to_json(const struct daemon *daemon)
{
	struct store_condition store;

	store_condition(daemon->store, &store);
	return json_pack("{s:b, s:I, s:I, s:o, s:I, s:I, s:o, s:o, s:b, s:I, s:o}", "held",
			 upkeep_store_is_held(daemon->upkeep), "log_bytes",
			 (json_int_t)store.log_bytes, "unnamed",
			 (json_int_t)unnamed_count(&daemon->blocks), "path",
			 text_to_json(store.path), "bytes", (json_int_t)store.bytes,
			 "disk_free_bytes", (json_int_t)store.disk_free_bytes, "written",
			 time_to_json(store.written_ms), "error", text_or_null(store.failure),
			 "read_only", store.is_read_only, "changes", (json_int_t)store.changes,
			 "last_change", time_to_json(store.last_change_ms));
}

static json_t *with_condition(const struct daemon *daemon, json_t *status)
{
	json_object_set_new(status, "schema", json_integer(CONTROL_SCHEMA));
	json_object_set_new(status, "health", health_to_json(daemon));
	json_object_set_new(status, "store", store_to_json(daemon));
	json_object_set_new(status, "confirmation", confirmation_to_json(daemon));
	json_object_set_new(status, "feeds", control_feeds_to_json(daemon, false));
	return status;
}

json_t *control_status_to_json(const struct daemon *daemon)
{
	const struct addresses_count own = addresses_count(daemon->addresses);
	const struct s64_meta *meta = daemon->maps.meta;

	return with_condition(
		daemon,
		json_pack(
			"{s:s, s:i, s:I, s:s, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}, s:o}",
			"version", SLASH64_VERSION, "pid", (int)getpid(), "uptime_seconds",
			(json_int_t)(clock_monotonic_s() - daemon->started_s), "config",
			daemon->config.file, "interfaces", control_ifaces_to_json(daemon), "maps",
			"blocks", (json_int_t)blocks_count(&daemon->blocks), "blocks_capacity",
			(json_int_t)meta->blocks, "prefixes",
			(json_int_t)daemon->prefixes.buckets.keys, "prefixes_capacity",
			(json_int_t)meta->prefixes, "allowlist",
			(json_int_t)blocks_allowed(&daemon->blocks)->count, "limiter_live",
			(json_int_t)daemon->limiter.live, "limiter_capacity",
			(json_int_t)meta->limiter_buckets * S64_LIMITER_SLOTS, "own_addresses",
			(json_int_t)own.known, "own_addresses_capacity", (json_int_t)S64_LOCAL_ROOM,
			"own_addresses_left_out", (json_int_t)own.left_out, "bytes",
			(json_int_t)maps_memory(&daemon->maps), "rates", rates_to_json(daemon)));
}

void control_get_status(struct daemon *daemon, struct evhttp_request *request)
{
	reply_object(request, control_status_to_json(daemon));
}

/* --- other requests --- */

static int find_word(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	return -ENOENT;
}

void control_post_iface(struct daemon *daemon, struct evhttp_request *request,
			const struct actor *actor)
{
	static const char *const keys[] = {"name", "mode", "filter", NULL};
	struct error error;
	json_t *object = request_object(request, keys, &error);
	const char *name = NULL, *mode = NULL, *filter = NULL;
	int mode_index = MODE_AUTO, filter_index = -1, err = -EINVAL;
	struct iface *iface;

	if (object)
		err = object_text(object, "name", S64_IFACE_NAME_MAX - 1, &name, &error);
	if (!err)
		err = object_text(object, "mode", 16, &mode, &error);
	if (!err)
		err = object_text(object, "filter", 16, &filter, &error);
	if (!err && !name)
		err = error_set(&error, -EINVAL, "'name' is missing");
	if (!err && mode && (mode_index = find_word(config_mode_names, mode)) < 0)
		err = error_set(&error, -EINVAL, "'mode' must be native, generic or auto");
	if (!err && filter && (filter_index = find_word(policy_filter_names, filter)) < 0)
		err = error_set(&error, -EINVAL, "'filter' must be enforce or monitor");
	if (!err)
		err = ifaces_attach(&daemon->ifaces, actor, &daemon->config, name, mode_index,
				    filter_index, &iface, &error);
	if (!err) /* the first attach may find that there is no dispatcher, and never will be */
		err = privileges_drop(daemon, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, control_iface_to_json(daemon, iface));
	json_decref(object);
}

/* A configured interface returns, which whoever detaches it should know. */
static json_t *detached_to_json(const struct daemon *daemon, const char *name)
{
	bool configured = iface_detached_find(&daemon->ifaces, name);

	return json_pack(
		"{s:o, s:b, s:o}", "name", text_to_json(name), "configured", configured, "note",
		text_or_null(
			configured ?
				"it is in the configuration: the next reload or start attaches it again" :
				NULL));
}

void control_delete_iface(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor)
{
	char *name = request_parameter(request, "name");
	struct request_why why;
	struct error error;
	int err = request_why(request, &why, &error);

	if (!err)
		err = name ? ifaces_detach(&daemon->ifaces, actor, name, &why.why, &error) :
			     error_set(&error, -EINVAL, "'name' is missing");
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, detached_to_json(daemon, name));
	request_why_free(&why);
	free(name);
}

/* With the interfaces as they are, which may have been attached by hand, or differently from the
 * configuration.
 */
static json_t *policy_in_force(const struct daemon *daemon)
{
	struct config view = daemon->config;
	json_t *rows = NULL;

	view.iface = calloc(S64_IFACES_MAX, sizeof(*view.iface));
	view.iface_count = 0;
	for (uint32_t i = 0; view.iface && i < daemon->maps.meta->iface_slots; i++) {
		struct iface *iface = daemon->ifaces.entry[i];
		struct config_iface *copy = &view.iface[view.iface_count];

		if (!iface)
			continue;
		strcpy(copy->name, iface->name);
		copy->policy = &iface->policy;
		view.iface_count++;
	}
	if (view.iface)
		rows = policy_to_json(&view);
	free(view.iface);
	return rows;
}

/* Takes over the rows. NULL if there are none, or no memory. */
static struct evbuffer *policy_lines(json_t *rows, struct changes *changes)
{
	const struct pace pace = changes_pace(changes);
	struct evbuffer *out = rows ? evbuffer_new() : NULL;
	json_t *row;
	size_t i;

	if (out)
		json_array_foreach (rows, i, row) {
			reply_line(out, json_incref(row));
			changes_breathe(changes);
		}
	config_rows_free(rows, &pace);
	return out;
}

/* Takes over the lines. */
static void reply_policy(struct evhttp_request *request, struct evbuffer *lines)
{
	if (lines) {
		reply_list_header(request);
		evhttp_send_reply(request, HTTP_OK, "OK", lines);
		evbuffer_free(lines);
	} else {
		reply_object(request, NULL);
	}
}

/* Somebody who waits for the configuration in force. */
struct policy_request {
	struct daemon *daemon;
	struct evhttp_request *request; /* NULL: nobody waits any more */
};

/* As stream_closed() of stream.c: the request is ours if libevent has taken the connection away. If
 * a server goes, as the page does by a reload, it takes the request with it.
 */
static void policy_reader_left(struct evhttp_connection *connection, void *data)
{
	struct policy_request *asked = data;

	(void)connection;
	if (!evhttp_request_get_connection(asked->request))
		evhttp_send_reply_end(asked->request);
	asked->request = NULL;
}

static void look_at_configured(void *data)
{
	struct policy_request *asked = data;
	struct daemon *daemon = asked->daemon;
	const struct pace pace = changes_pace(daemon->changes);
	struct evbuffer *lines = NULL;

	if (asked->request)
		lines = policy_lines(config_rows_in_force(daemon,
							  config_to_rows(&daemon->config, &pace)),
				     daemon->changes);
	daemon->policy_readers--;
	if (asked->request) {
		evhttp_connection_set_closecb(evhttp_request_get_connection(asked->request), NULL,
					      NULL);
		reply_policy(asked->request, lines);
	} else if (lines) {
		evbuffer_free(lines);
	}
	free(asked);
}

/* A configuration may have very many entries. It is read as a change, which changes nothing, but
 * pauses, and no reload comes in between. Changes wait for it, so only few may ask at a time.
 */
void control_get_policy(struct daemon *daemon, struct evhttp_request *request)
{
	struct policy_request *asked;
	struct error error;

	if (!request_flag(request, "configured")) {
		reply_policy(request, policy_lines(policy_in_force(daemon), NULL));
		return;
	}
	if (daemon->policy_readers >= POLICY_READERS_MAX) {
		error_set(&error, -EUSERS, "%d others are reading the configuration; try again",
			  POLICY_READERS_MAX);
		reply_error(request, -EUSERS, &error);
		return;
	}
	asked = malloc(sizeof(*asked));
	if (!asked) {
		reply_object(request, NULL);
		return;
	}
	*asked = (struct policy_request){daemon, request};
	daemon->policy_readers++;
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), policy_reader_left,
				      asked);
	changes_run(daemon->changes, look_at_configured, asked);
}

void control_get_metrics(struct daemon *daemon, struct evhttp_request *request)
{
	metrics_answer(daemon, request);
}
