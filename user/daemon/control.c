// SPDX-License-Identifier: GPL-2.0-only
#include "control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <grp.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <slash64/site.h>

#include "daemon.h"
#include "metrics.h"
#include "names.h"
#include "policy_json.h"
#include "reply.h"

#define BODY_BYTES_MAX	  (1 << 20)
#define HEADERS_BYTES_MAX 16384
#define TIMEOUT_S	  30
#define BACKLOG		  64
#define PAGE_ROWS	  1000
#define TOP_SECONDS	  10
#define TOP_LIMIT	  20
#define TOP_LIMIT_MAX	  10000

/* --- lists, sent a page at a time as the reader takes them --- */

struct stream {
	struct daemon *daemon;
	struct evhttp_request *request;
	struct evbuffer *page;
	struct store_block last; /* where to go on */
	char last_origin[64];
	unsigned int rows; /* of this page */
};

static void stream_free(struct stream *stream)
{
	evbuffer_free(stream->page);
	free(stream);
}

static bool stream_row(const struct store_block *block, void *data)
{
	struct stream *stream = data;

	reply_line(stream->page, block_to_json(block, &stream->daemon->sites, NULL));
	stream->last = *block;
	snprintf(stream->last_origin, sizeof(stream->last_origin), "%s", block->origin);
	stream->last.origin = stream->last_origin;
	stream->rows++;
	return true;
}

static void stream_page(struct evhttp_connection *connection, void *data);

static void stream_closed(struct evhttp_connection *connection, void *data)
{
	(void)connection;
	stream_free(data);
}

static void stream_end(struct stream *stream)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(stream->request);

	if (connection)
		evhttp_connection_set_closecb(connection, NULL, NULL);
	evhttp_send_reply_end(stream->request);
	stream_free(stream);
}

static void stream_page(struct evhttp_connection *connection, void *data)
{
	struct stream *stream = data;
	struct error error;

	(void)connection;
	stream->rows = 0;
	if (store_blocks(stream->daemon->store, stream->last.origin ? &stream->last : NULL, PAGE_ROWS,
			 stream_row, stream, &error))
		reply_line(stream->page, json_pack("{s:s}", "error", error.text));
	if (!stream->rows) {
		stream_end(stream);
		return;
	}
	evhttp_send_reply_chunk_with_cb(stream->request, stream->page, stream_page, stream);
}

static void send_list_header(struct evhttp_request *request)
{
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "application/x-ndjson");
}

static void get_blocks(struct daemon *daemon, struct evhttp_request *request)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	struct evhttp_connection *connection = evhttp_request_get_connection(request);

	if (stream)
		stream->page = evbuffer_new();
	if (!stream || !stream->page) {
		free(stream);
		reply_object(request, NULL);
		return;
	}
	stream->daemon = daemon;
	stream->request = request;
	evhttp_connection_set_closecb(connection, stream_closed, stream);
	send_list_header(request);
	evhttp_send_reply_start(request, HTTP_OK, "OK");
	stream_page(connection, stream);
}

static bool allow_row(const struct store_block *allow, void *data)
{
	reply_line(data, allow_to_json(allow, NULL));
	return true;
}

static void get_allows(struct daemon *daemon, struct evhttp_request *request)
{
	struct evbuffer *out = evbuffer_new();
	struct error error;
	int err;

	if (!out) {
		reply_object(request, NULL);
		return;
	}
	err = store_allows(daemon->store, allow_row, out, &error);
	if (err) {
		reply_error(request, err, &error);
	} else {
		send_list_header(request);
		evhttp_send_reply(request, HTTP_OK, "OK", out);
	}
	evbuffer_free(out);
}

/* --- blocks and allowed prefixes --- */

static int text_to_prefix(const char *text, struct prefix *prefix, char *note, size_t bytes,
			  struct error *error)
{
	char canonical[PREFIX_TEXT_MAX];
	enum prefix_note said;

	note[0] = '\0';
	if (!text)
		return error_set(error, -EINVAL, "'prefix' is missing");
	if (prefix_parse(text, prefix, &said))
		return error_set(error, -EINVAL,
				 "'%.64s' is not a prefix: write it like 2001:db8:0:1::/64", text);
	if (said == PREFIX_WAS_ADDRESS)
		snprintf(note, bytes, "%s was taken for its /64, %s", text,
			 prefix_format(prefix, canonical));
	else if (said == PREFIX_HAD_HOST_BITS)
		snprintf(note, bytes, "%s has bits behind its length; taken for %s", text,
			 prefix_format(prefix, canonical));
	return 0;
}

static int parse_block(json_t *object, struct store_block *block, char *note, size_t bytes,
		       struct error *error)
{
	json_t *span = json_object_get(object, "for_seconds");
	const char *prefix;
	int err;

	err = object_text(object, "prefix", PREFIX_TEXT_MAX, &prefix, error);
	if (!err)
		err = text_to_prefix(prefix, &block->prefix, note, bytes, error);
	if (!err)
		err = object_text(object, "reason", CONFIG_REASON_MAX - 1, &block->reason, error);
	if (!err)
		err = object_text(object, "ticket", CONFIG_REASON_MAX - 1, &block->ticket, error);
	if (err)
		return err;
	block->origin = STORE_ORIGIN_OPERATOR;
	block->start_ms = clock_wall_ms();
	if (span && !json_is_null(span)) {
		double seconds = json_number_value(span);

		if (!json_is_number(span) || !(seconds >= 0.001 && seconds <= 10.0 * 366 * 86400))
			return error_set(error, -EINVAL,
					 "'for_seconds' must be a number above 0 and below ten years");
		block->until_ms = block->start_ms + (int64_t)(seconds * 1000);
	}
	return 0;
}

static void post_block(struct daemon *daemon, struct evhttp_request *request)
{
	static const char *const keys[] = {"prefix", "for_seconds", "reason", "ticket", NULL};
	struct error error;
	json_t *object = request_object(request, keys, &error);
	struct store_block block = {};
	char note[256];
	int err = -EINVAL;

	if (object)
		err = parse_block(object, &block, note, sizeof(note), &error);
	if (!err)
		err = blocks_put(&daemon->blocks, &block, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, block_to_json(&block, &daemon->sites, note[0] ? note : NULL));
	json_decref(object);
}

static void post_allow(struct daemon *daemon, struct evhttp_request *request)
{
	static const char *const keys[] = {"prefix", "reason", NULL};
	struct error error;
	json_t *object = request_object(request, keys, &error);
	struct store_block allow = {.origin = STORE_ORIGIN_OPERATOR, .start_ms = clock_wall_ms()};
	const char *prefix = NULL;
	char note[256];
	int err = -EINVAL;

	if (object)
		err = object_text(object, "prefix", PREFIX_TEXT_MAX, &prefix, &error);
	if (!err)
		err = text_to_prefix(prefix, &allow.prefix, note, sizeof(note), &error);
	if (!err)
		err = object_text(object, "reason", CONFIG_REASON_MAX - 1, &allow.reason, &error);
	if (!err)
		err = blocks_allow(&daemon->blocks, &allow, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, allow_to_json(&allow, note[0] ? note : NULL));
	json_decref(object);
}

typedef int (*remove_t)(struct blocks *blocks, const struct prefix *prefix, const char *origin,
			struct error *error);

static void delete_prefix(struct daemon *daemon, struct evhttp_request *request, remove_t remove)
{
	char *text = request_parameter(request, "prefix");
	char note[256], canonical[PREFIX_TEXT_MAX];
	struct prefix prefix;
	struct error error;
	int err;

	err = text_to_prefix(text, &prefix, note, sizeof(note), &error);
	if (!err)
		err = remove(&daemon->blocks, &prefix, NULL, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, json_pack("{s:s, s:o}", "prefix",
						prefix_format(&prefix, canonical), "note",
						note[0] ? json_string(note) : json_null()));
	free(text);
}

static void delete_block(struct daemon *daemon, struct evhttp_request *request)
{
	delete_prefix(daemon, request, blocks_remove);
}

static void delete_allow(struct daemon *daemon, struct evhttp_request *request)
{
	delete_prefix(daemon, request, blocks_disallow);
}

/* --- status --- */

struct totals {
	double rate[S64_VERDICT_COUNT];
};

static void add_total(const struct counter_row *row, void *data)
{
	((struct totals *)data)->rate[row->verdict] += row->packets_per_second;
}

static json_t *iface_to_json(const struct daemon *daemon, const struct iface *iface)
{
	struct s64_counters *sum = malloc(sizeof(*sum));
	struct totals totals = {};

	if (!sum)
		return NULL;
	counters_sum(&daemon->tables, iface->slot, sum);
	counters_each(sum, &iface->rate, add_total, &totals);
	free(sum);
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:i, s:s, s:f, s:f, s:f}", "name", iface->name,
			 "ifindex", (int)iface->attachment.ifindex, "state",
			 iface->attached ? "attached" : "missing", "mode",
			 iface->attachment.generic ? "generic" : "native", "method",
			 iface->attachment.method == ATTACH_DISPATCHER ? "dispatcher" : "direct",
			 "filter", policy_filter_names[iface->policy.filter], "program_id",
			 (int)iface->attachment.program_id, "origin",
			 iface->from_config ? STORE_ORIGIN_CONFIG : STORE_ORIGIN_OPERATOR,
			 "passed_per_second", totals.rate[S64_PASS], "dropped_per_second",
			 totals.rate[S64_DROP], "would_drop_per_second", totals.rate[S64_WOULD_DROP]);
}

struct rates {
	const char *iface;
	json_t *array;
};

static void add_rate(const struct counter_row *row, void *data)
{
	struct rates *rates = data;

	json_array_append_new(
		rates->array,
		json_pack("{s:s, s:s, s:s, s:s, s:f, s:I, s:I}", "interface", rates->iface, "class",
			  class_info(row->class)->name, "verdict", verdict_name(row->verdict),
			  "reason", reason_name(row->reason), "packets_per_second",
			  row->packets_per_second, "packets", (json_int_t)row->packets, "bytes",
			  (json_int_t)row->bytes));
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

	for (uint32_t i = 0; sum && rates.array && i < daemon->tables.meta->iface_slots; i++) {
		const struct iface *iface = daemon->ifaces.entry[i];

		if (!iface)
			continue;
		rates.iface = iface->name;
		counters_sum(&daemon->tables, i, sum);
		counters_each(sum, &iface->rate, add_rate, &rates);
	}
	free(sum);
	return rates.array ? sorted_by_rate(rates.array) : NULL;
}

static void get_status(struct daemon *daemon, struct evhttp_request *request)
{
	const struct s64_meta *meta = daemon->tables.meta;
	json_t *ifaces = json_array();
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	for (uint32_t i = 0; i < meta->iface_slots; i++)
		if (daemon->ifaces.entry[i])
			json_array_append_new(ifaces,
					      iface_to_json(daemon, daemon->ifaces.entry[i]));
	reply_object(
		request,
		json_pack("{s:s, s:i, s:I, s:s, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I}, s:o}",
			  "version", SLASH64_VERSION, "pid", (int)getpid(), "uptime_seconds",
			  (json_int_t)(now.tv_sec - daemon->started), "config", daemon->config.file,
			  "interfaces", ifaces, "tables", "blocks", (json_int_t)daemon->sites.count,
			  "blocks_capacity", (json_int_t)meta->blocks, "allows",
			  (json_int_t)daemon->blocks.allows.count, "limiter_live",
			  (json_int_t)tables_limiter_sweep(&daemon->tables), "limiter_capacity",
			  (json_int_t)meta->limiter_lines * S64_LIMITER_SLOTS, "bytes",
			  (json_int_t)tables_memory(&daemon->tables), "rates",
			  rates_to_json(daemon)));
}

/* --- the rest --- */

static int number_parameter(struct evhttp_request *request, const char *name, double standard,
			    double max, double *value, struct error *error)
{
	char *text = request_parameter(request, name);
	char *end;
	int err = 0;

	*value = standard;
	if (text) {
		*value = strtod(text, &end);
		if (*end || end == text || !(*value > 0 && *value <= max))
			err = error_set(error, -EINVAL, "'%s' must be a number above 0, at most %g",
					name, max);
	}
	free(text);
	return err;
}

static void get_top(struct daemon *daemon, struct evhttp_request *request)
{
	struct evbuffer *out = evbuffer_new();
	struct top_row *rows = NULL;
	double seconds, limit;
	struct error error;
	int n = -ENOMEM, err;

	err = number_parameter(request, "seconds", TOP_SECONDS, 3600, &seconds, &error);
	if (!err)
		err = number_parameter(request, "limit", TOP_LIMIT, TOP_LIMIT_MAX, &limit, &error);
	if (err) {
		reply_error(request, err, &error);
		goto out;
	}
	samples_drain(&daemon->samples, &daemon->sites);
	if (out)
		n = samples_top(&daemon->samples, seconds, limit, &rows);
	if (n < 0) {
		reply_object(request, NULL);
		goto out;
	}
	for (int i = 0; i < n; i++) {
		struct prefix prefix = prefix_of_site(rows[i].site, rows[i].source_hi,
						      rows[i].source_lo);
		char text[PREFIX_TEXT_MAX];

		reply_line(out, json_pack("{s:s, s:f, s:f, s:f, s:s, s:s, s:b}", "site",
					  prefix_format(&prefix, text), "packets_per_second",
					  rows[i].packets_per_second, "bytes_per_second",
					  rows[i].bytes_per_second, "dropped_percent",
					  rows[i].dropped * 100, "class",
					  class_info(rows[i].class)->name, "reason",
					  reason_name(rows[i].reason), "blocked",
					  sites_has(&daemon->sites, rows[i].site)));
	}
	send_list_header(request);
	evhttp_send_reply(request, HTTP_OK, "OK", out);
	free(rows);
out:
	if (out)
		evbuffer_free(out);
}

static int find_word(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	return -ENOENT;
}

static void post_iface(struct daemon *daemon, struct evhttp_request *request)
{
	static const char *const keys[] = {"name", "mode", "filter", NULL};
	struct error error;
	json_t *object = request_object(request, keys, &error);
	const char *name = NULL, *mode = NULL, *filter = NULL;
	int mode_index = MODE_AUTO, filter_index = -1, err = -EINVAL;
	struct iface *iface;

	if (object)
		err = object_text(object, "name", IF_NAMESIZE - 1, &name, &error);
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
		err = ifaces_attach(&daemon->ifaces, &daemon->config, name, mode_index, filter_index,
				    &iface, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, iface_to_json(daemon, iface));
	json_decref(object);
}

static void delete_iface(struct daemon *daemon, struct evhttp_request *request)
{
	char *name = request_parameter(request, "name");
	struct error error;
	int err = name ? ifaces_detach(&daemon->ifaces, name, &error) :
			 error_set(&error, -EINVAL, "'name' is missing");

	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, json_pack("{s:s}", "name", name));
	free(name);
}

static void post_reload(struct daemon *daemon, struct evhttp_request *request)
{
	struct error error;
	int changes = daemon_reload(daemon, &error);

	if (changes < 0)
		reply_error(request, changes == -ENOENT ? -EINVAL : changes, &error);
	else
		reply_object(request, json_pack("{s:s, s:i, s:s}", "config", daemon->config.file,
						"changes", changes, "message",
						"the configuration is in force"));
}

static void get_policy(struct daemon *daemon, struct evhttp_request *request)
{
	json_t *rows = policy_to_json(&daemon->config), *row;
	struct evbuffer *out = evbuffer_new();
	size_t i;

	if (!rows || !out) {
		reply_object(request, NULL);
	} else {
		json_array_foreach(rows, i, row)
			reply_line(out, json_incref(row));
		send_list_header(request);
		evhttp_send_reply(request, HTTP_OK, "OK", out);
	}
	json_decref(rows);
	if (out)
		evbuffer_free(out);
}

static void get_metrics(struct daemon *daemon, struct evhttp_request *request)
{
	metrics_answer(daemon, request);
}

/* --- routing --- */

static const struct route {
	enum evhttp_cmd_type method;
	const char *path;
	void (*handle)(struct daemon *daemon, struct evhttp_request *request);
} routes[] = {
	{EVHTTP_REQ_GET, "/v1/status", get_status},
	{EVHTTP_REQ_GET, "/v1/blocks", get_blocks},
	{EVHTTP_REQ_POST, "/v1/blocks", post_block},
	{EVHTTP_REQ_DELETE, "/v1/blocks", delete_block},
	{EVHTTP_REQ_GET, "/v1/allows", get_allows},
	{EVHTTP_REQ_POST, "/v1/allows", post_allow},
	{EVHTTP_REQ_DELETE, "/v1/allows", delete_allow},
	{EVHTTP_REQ_POST, "/v1/interfaces", post_iface},
	{EVHTTP_REQ_DELETE, "/v1/interfaces", delete_iface},
	{EVHTTP_REQ_GET, "/v1/top", get_top},
	{EVHTTP_REQ_GET, "/v1/policy", get_policy},
	{EVHTTP_REQ_POST, "/v1/reload", post_reload},
	{EVHTTP_REQ_GET, "/metrics", get_metrics},
};

static void on_request(struct evhttp_request *request, void *data)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
	bool known = false;
	struct error error;

	for (size_t i = 0; path && i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(routes[i].path, path))
			continue;
		known = true;
		if (routes[i].method == evhttp_request_get_command(request)) {
			routes[i].handle(data, request);
			return;
		}
	}
	error_set(&error, 0,
		  known ? "the path %s does not take this method; docs/api.md lists what there is" :
			  "there is no path %s; docs/api.md lists what there is",
		  path ? path : "-");
	reply_error(request, known ? -EINVAL : -ENOENT, &error);
}

/* --- the socket --- */

/* A socket that nobody answers at is left from a daemon that died. */
static int clear_stale(const struct sockaddr_un *address, struct error *error)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return error_set(error, -errno, "cannot open a socket: %s", strerror(errno));
	err = connect(fd, (const struct sockaddr *)address, sizeof(*address)) ? -errno : 0;
	close(fd);
	if (!err)
		return error_set(error, -EADDRINUSE,
				 "another slash64d answers at %s; stop it first, or name another control.socket",
				 address->sun_path);
	if (err != -ENOENT)
		unlink(address->sun_path);
	return 0;
}

static int make_parent(const char *path)
{
	char copy[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

	snprintf(copy, sizeof(copy), "%s", path);
	return mkdir(dirname(copy), 0755) && errno != EEXIST ? -errno : 0;
}

static int open_socket(const struct config *config, struct error *error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct group *group = getgrnam(config->socket_group);
	mode_t mask;
	int fd, err;

	if (strlen(config->socket) >= sizeof(address.sun_path))
		return error_set(error, -EINVAL, "control.socket: the path is too long");
	strcpy(address.sun_path, config->socket);
	err = make_parent(config->socket);
	if (!err)
		err = clear_stale(&address, error);
	else
		error_set(error, err, "cannot make the directory of %s: %s", config->socket,
			  strerror(-err));
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Nobody else may connect before the mode is right. */
	mask = umask(0177);
	err = fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	umask(mask);
	if (!err && group && chown(config->socket, -1, group->gr_gid))
		err = -errno;
	if (!err && (chmod(config->socket, 0660) || listen(fd, BACKLOG)))
		err = -errno;
	if (err) {
		if (fd >= 0)
			close(fd);
		return error_set(error, err, "cannot listen on %s: %s", config->socket,
				 strerror(-err));
	}
	return fd;
}

int control_listen(struct daemon *daemon, struct evhttp **out, struct error *error)
{
	struct evhttp *http = evhttp_new(daemon->base);
	struct evconnlistener *listener;
	int fd;

	if (!http)
		return error_set(error, -ENOMEM, "out of memory");
	evhttp_set_max_headers_size(http, HEADERS_BYTES_MAX);
	evhttp_set_max_body_size(http, BODY_BYTES_MAX);
	evhttp_set_timeout(http, TIMEOUT_S);
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_DELETE);
	evhttp_set_gencb(http, on_request, daemon);
	fd = open_socket(&daemon->config, error);
	if (fd < 0) {
		evhttp_free(http);
		return fd;
	}
	listener = evconnlistener_new(daemon->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (!listener || !evhttp_bind_listener(http, listener)) {
		if (listener)
			evconnlistener_free(listener);
		else
			close(fd);
		evhttp_free(http);
		return error_set(error, -ENOMEM, "out of memory");
	}
	*out = http;
	return 0;
}

void control_close(const struct daemon *daemon, struct evhttp *http)
{
	if (!http)
		return;
	evhttp_free(http);
	unlink(daemon->config.socket);
}
