// SPDX-License-Identifier: GPL-2.0-only
#include "prometheus.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "daemon/daemon.h"
#include "daemon/loop/changes.h"
#include "daemon/detect/proposals.h"
#include "daemon/stats/process.h"
#include "base/text/escape.h"
#include "daemon/import/feed_watcher.h"
#include "daemon/api/http/listener.h"
#include "policy/names.h"
#include "daemon/blackholes/blackholes.h"
#include "daemon/upkeep.h"

#define TEXT_TYPE	 "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_FORMATS	 2
#define OPENMETRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct writer {
	const struct daemon *daemon;
	struct evbuffer *out;
	bool openmetrics;
	const char *iface; /* as a label value */
	bool bytes;	   /* which of the two counters */
};

/* OpenMetrics names a counter's family without the _total of its samples. */
static void family(struct writer *writer, const char *name, const char *type, const char *help)
{
	bool counter = !strcmp(type, "counter");
	const char *suffix = counter && !writer->openmetrics ? "_total" : "";

	evbuffer_add_printf(writer->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix, help,
			    name, suffix, type);
}

static void gauge(struct writer *writer, const char *name, const char *help, double value)
{
	family(writer, name, "gauge", help);
	evbuffer_add_printf(writer->out, "%s %.17g\n", name, value);
}

static void counter(struct writer *writer, const char *name, const char *help, uint64_t value)
{
	family(writer, name, "counter", help);
	evbuffer_add_printf(writer->out, "%s_total %" PRIu64 "\n", name, value);
}

/* Escapes backslash, quote and line feed (exposition formats, "label_value"). */
static void escape(const char *text, char *out, size_t bytes)
{
	char plain[S64_IFACE_NAME_MAX * ESCAPE_FACTOR];
	size_t n = 0;

	escape_text(text, plain, sizeof(plain)); /* a label is UTF-8 */
	text = plain;
	for (; *text && n + 3 < bytes; text++) {
		if (*text == '\\' || *text == '"' || *text == '\n') {
			out[n++] = '\\';
			out[n++] = *text == '\n' ? 'n' : *text;
		} else {
			out[n++] = *text;
		}
	}
	out[n] = '\0';
}

static void write_row(const struct counter_row *row, void *data)
{
	struct writer *writer = data;

	evbuffer_add_printf(
		writer->out,
		"slash64_%s_total{interface=\"%s\",class=\"%s\",verdict=\"%s\",reason=\"%s\"} %" PRIu64
		"\n",
		writer->bytes ? "bytes" : "packets", writer->iface, class_info(row->class)->name,
		verdict_name(row->verdict), reason_name(row->reason),
		writer->bytes ? row->bytes : row->packets);
}

/* Of the configuration, and not filtered: detached by hand. NULL behind the last. */
static const char *next_detached(const struct daemon *daemon, size_t *i)
{
	while (*i < daemon->config.iface_count) {
		const char *name = daemon->config.iface[(*i)++].name;

		if (!ifaces_find(&daemon->ifaces, name))
			return name;
	}
	return NULL;
}

/* Nothing is counted there. Queries and alerts see zeros, and not that the interface has vanished. */
static void write_zeros(struct writer *writer)
{
	static const struct counter_row zeros[] = {
		{.class = S64_CLASS_TCP, .verdict = S64_PASS, .reason = S64_REASON_POLICY},
		{.class = S64_CLASS_TCP, .verdict = S64_DROP, .reason = S64_REASON_BLOCKED},
	};
	const char *detached;
	size_t i = 0;

	while ((detached = next_detached(writer->daemon, &i))) {
		char name[S64_IFACE_NAME_MAX * 2];

		escape(detached, name, sizeof(name));
		writer->iface = name;
		for (size_t row = 0; row < sizeof(zeros) / sizeof(zeros[0]); row++)
			write_row(&zeros[row], writer);
	}
}

static void write_counters(struct writer *writer)
{
	const struct ifaces *ifaces = &writer->daemon->ifaces;
	struct s64_counters *sum = malloc(sizeof(*sum));

	if (!sum)
		return;
	for (int bytes = 0; bytes < 2; bytes++) {
		writer->bytes = bytes;
		family(writer, bytes ? "slash64_bytes" : "slash64_packets", "counter",
		       bytes ? "Bytes of the frames processed, by interface, class, verdict and reason." :
			       "Packets processed, by interface, class, verdict and reason.");
		for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
			char name[S64_IFACE_NAME_MAX * 2];

			if (!ifaces->entry[i])
				continue;
			escape(ifaces->entry[i]->name, name, sizeof(name));
			writer->iface = name;
			counters_sum(ifaces->maps, i, sum);
			counters_each(sum, NULL, write_row, writer);
		}
		write_zeros(writer);
	}
	free(sum);
}

static void write_ifaces(struct writer *writer)
{
	const struct ifaces *ifaces = &writer->daemon->ifaces;
	unsigned int attached = 0;
	const char *detached;
	size_t next = 0;

	family(writer, "slash64_interface_attached", "gauge",
	       "1 if the program is on the interface, 0 if it should be and is not, or is that of an earlier version.");
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		const struct iface *iface = ifaces->entry[i];
		char name[S64_IFACE_NAME_MAX * 2];

		if (!iface)
			continue;
		attached += iface->attached;
		escape(iface->name, name, sizeof(name));
		evbuffer_add_printf(
			writer->out,
			"slash64_interface_attached{interface=\"%s\",mode=\"%s\",method=\"%s\",filter=\"%s\"} %d\n",
			name, iface_mode_word(iface), iface_method_word(iface),
			policy_filter_names[iface->policy.filter],
			iface->attached && !iface->outdated);
	}
	/* detached by hand, against the configuration */
	for (size_t i = 0; i < writer->daemon->config.iface_count; i++) {
		const struct config_iface *iface = &writer->daemon->config.iface[i];
		char name[S64_IFACE_NAME_MAX * 2];
		struct policy policy;

		if (ifaces_find(ifaces, iface->name))
			continue;
		config_iface_policy(&writer->daemon->config, iface, &policy);
		escape(iface->name, name, sizeof(name));
		evbuffer_add_printf(
			writer->out,
			"slash64_interface_attached{interface=\"%s\",mode=\"none\",method=\"none\",filter=\"%s\"} 0\n",
			name, policy_filter_names[policy.filter]);
	}
	family(writer, "slash64_interface_repairs", "counter",
	       "Times the program was attached again after it had been removed.");
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		char name[S64_IFACE_NAME_MAX * 2];

		if (!ifaces->entry[i])
			continue;
		escape(ifaces->entry[i]->name, name, sizeof(name));
		evbuffer_add_printf(writer->out,
				    "slash64_interface_repairs_total{interface=\"%s\"} %" PRIu64
				    "\n",
				    name, ifaces->entry[i]->repairs);
	}
	while ((detached = next_detached(writer->daemon, &next))) {
		char name[S64_IFACE_NAME_MAX * 2];

		escape(detached, name, sizeof(name));
		evbuffer_add_printf(writer->out,
				    "slash64_interface_repairs_total{interface=\"%s\"} 0\n", name);
	}
	gauge(writer, "slash64_interfaces", "Interfaces the program is on.", attached);
}

static void write_proposals(struct writer *writer)
{
	const struct proposals *proposals = writer->daemon->proposals;
	unsigned int count[PROPOSAL_STATES] = {};

	for (int i = 0; i < PROPOSALS_MAX; i++)
		count[proposals->entry[i].state]++;
	family(writer, "slash64_proposals", "gauge",
	       "Proposals of detection that are not over, by state.");
	for (int state = PROPOSAL_OPEN; state <= PROPOSAL_DISMISSED; state++)
		evbuffer_add_printf(writer->out, "slash64_proposals{state=\"%s\"} %u\n",
				    proposal_state_names[state], count[state]);
	counter(writer, "slash64_proposals_opened", "Proposals that detection has made.",
		proposals->opened);
	counter(writer, "slash64_detect_actions", "What rules have done by themselves.",
		proposals->applied_by_rule);
	gauge(writer, "slash64_detect_fuse_blown",
	      "1 while rules only propose, as the fuse has blown.",
	      fuse_has_blown(&proposals->fuse, clock_monotonic_ms()));
	counter(writer, "slash64_detect_no_room",
		"Prefixes over the thresholds of a rule that were not followed, as there were too many.",
		proposals->detect.no_room + proposals->no_room);
}

static void write_blackholes(struct writer *writer)
{
	struct blackholes_counts counts;

	blackholes_count(writer->daemon->blackholes, &counts);
	if (!counts.is_on)
		return;
	gauge(writer, "slash64_announced_routes",
	      "Blocks that are routes of the table of announce, or would be, with dry_run.",
	      counts.announced);
	family(writer, "slash64_announce_left_out", "gauge",
	       "Blocks of the origins of announce that are not announced, by reason.");
	for (int i = 0; i < BLACKHOLES_LEFT_COUNT; i++)
		evbuffer_add_printf(writer->out, "slash64_announce_left_out{reason=\"%s\"} %zu\n",
				    blackholes_left_names[i], counts.left[i]);
	counter(writer, "slash64_announce_routes_added", "Routes that were added.", counts.added);
	counter(writer, "slash64_announce_routes_removed", "Routes that were removed.",
		counts.removed);
	counter(writer, "slash64_announce_failures", "Routes that the kernel refused.",
		counts.failed);
}

static void write_feeds(struct writer *writer)
{
	const struct feeds *feeds = writer->daemon->feeds;

	if (!feeds_count(feeds))
		return;
	family(writer, "slash64_feed_entries", "gauge", "Entries of a feed when it was last read.");
	for (size_t i = 0; i < feeds_count(feeds); i++) {
		const struct feed_state *state = feeds_state(feeds, i);

		evbuffer_add_printf(writer->out,
				    "slash64_feed_entries{origin=\"%s\"} %" PRIu64 "\n",
				    state->config->origin, state->entries);
	}
	family(writer, "slash64_feed_applied_timestamp_seconds", "gauge",
	       "When the feed was last applied, 0 if not since the start of slash64d.");
	for (size_t i = 0; i < feeds_count(feeds); i++) {
		const struct feed_state *state = feeds_state(feeds, i);

		evbuffer_add_printf(writer->out,
				    "slash64_feed_applied_timestamp_seconds{origin=\"%s\"} %lld\n",
				    state->config->origin, (long long)state->applied);
	}
	family(writer, "slash64_feed_file_timestamp_seconds", "gauge",
	       "When the feed file in force was written, 0 if none was applied since the start of slash64d.");
	for (size_t i = 0; i < feeds_count(feeds); i++) {
		const struct feed_state *state = feeds_state(feeds, i);

		evbuffer_add_printf(writer->out,
				    "slash64_feed_file_timestamp_seconds{origin=\"%s\"} %lld\n",
				    state->config->origin, (long long)state->written);
	}
	family(writer, "slash64_feed_failed", "gauge",
	       "1 if the feed could not be applied the last time.");
	for (size_t i = 0; i < feeds_count(feeds); i++) {
		const struct feed_state *state = feeds_state(feeds, i);

		evbuffer_add_printf(writer->out, "slash64_feed_failed{origin=\"%s\"} %d\n",
				    state->config->origin, state->failed);
	}
}

/* The names that every Prometheus client has for its own process. */
static void write_process(struct writer *writer)
{
	struct process_stats stats;

	if (process_stats_read(&stats))
		return;
	family(writer, "process_cpu_seconds", "counter", "CPU time of slash64d in seconds.");
	evbuffer_add_printf(writer->out, "process_cpu_seconds_total %.17g\n", stats.cpu_s);
	gauge(writer, "process_start_time_seconds", "Start of slash64d, in seconds since 1970.",
	      stats.started_s);
	gauge(writer, "process_virtual_memory_bytes", "Virtual memory of slash64d.",
	      stats.virtual_bytes);
	gauge(writer, "process_resident_memory_bytes", "Resident memory of slash64d.",
	      stats.resident_bytes);
	gauge(writer, "process_open_fds", "Open file descriptors of slash64d.", stats.open_fds);
	gauge(writer, "process_max_fds", "File descriptors that slash64d may have open.",
	      stats.max_fds);
}

void metrics_write(const struct daemon *daemon, bool openmetrics, struct evbuffer *out)
{
	struct writer writer = {.daemon = daemon, .out = out, .openmetrics = openmetrics};
	const struct addresses_count own = addresses_count(daemon->addresses);
	const struct s64_meta *meta = daemon->maps.meta;

	family(&writer, "slash64_build_info", "gauge", "1, with the version as a label.");
	evbuffer_add_printf(out, "slash64_build_info{version=\"%s\"} 1\n", SLASH64_VERSION);
	write_counters(&writer);
	write_ifaces(&writer);
	write_proposals(&writer);
	write_feeds(&writer);
	gauge(&writer, "slash64_blocks", "Sources and prefixes blocked or throttled now.",
	      blocks_count(&daemon->blocks));
	gauge(&writer, "slash64_blocked_sources",
	      "Sources of these; they count against the capacity.",
	      sources_count(&daemon->blocklist));
	gauge(&writer, "slash64_blocks_capacity", "Sources that can be blocked.", meta->blocks);
	gauge(&writer, "slash64_prefixes",
	      "Prefixes of other lengths than a source's, allowed ones included.",
	      daemon->prefixes.buckets.keys);
	gauge(&writer, "slash64_prefixes_capacity", "Capacity for those prefixes.", meta->prefixes);
	gauge(&writer, "slash64_allowed_prefixes", "Prefixes that are never blocked.",
	      blocks_allowed(&daemon->blocks)->count);
	gauge(&writer, "slash64_limiter_slots", "Limiter slots in use, a few seconds ago.",
	      daemon->limiter.live);
	gauge(&writer, "slash64_limiter_slots_capacity", "Limiter slots in total.",
	      (double)meta->limiter_buckets * S64_LIMITER_SLOTS);
	gauge(&writer, "slash64_store_held",
	      "1 while another process holds the store and nothing can be changed.",
	      upkeep_store_is_held(daemon->upkeep));
	gauge(&writer, "slash64_store_log_bytes", "Length of the store's write-ahead log.",
	      store_wal_bytes(daemon->store));
	gauge(&writer, "slash64_own_addresses",
	      "The router's own addresses, joined groups and local prefixes in the table.",
	      own.known);
	gauge(&writer, "slash64_own_addresses_left_out",
	      "Own addresses without room in it: they count as transit.", own.left_out);
	gauge(&writer, "slash64_map_memory_bytes", "Memory of the maps.",
	      maps_memory(&daemon->maps));
	counter(&writer, "slash64_block_table_full", "Blocks refused because the table was full.",
		daemon->blocks.refused_full);
	write_blackholes(&writer);
	counter(&writer, "slash64_samples_lost", "Samples overwritten before they were read.",
		daemon->samples.lost);
	counter(&writer, "slash64_reloads", "Reloads of the configuration that were done.",
		daemon->reloads);
	counter(&writer, "slash64_config_reload_failures",
		"Reloads that were refused; the previous configuration stayed in force.",
		daemon->reloads_failed);
	gauge(&writer, "slash64_config_last_reload_successful",
	      "0 if the last reload was refused: the file is not what is in force.",
	      !daemon->reload_failed);
	gauge(&writer, "slash64_unnamed",
	      "Blocks and allowed prefixes in force whose prefix is unknown, as the store was lost.",
	      unnamed_count(&daemon->blocks));
	write_process(&writer);
	if (openmetrics)
		evbuffer_add_printf(out, "# EOF\n");
}

/* The last text of each format; answers that are not sent yet refer to it. */
struct metrics_text {
	struct evbuffer *text;
	uint64_t made_ms;      /* CLOCK_MONOTONIC */
	unsigned long changes; /* that had ended when it was made */
};

void metrics_text_free(struct daemon *daemon)
{
	for (int i = 0; daemon->metrics_text && i < METRICS_FORMATS; i++)
		if (daemon->metrics_text[i].text)
			evbuffer_free(daemon->metrics_text[i].text);
	free(daemon->metrics_text);
	daemon->metrics_text = NULL;
}

/* NULL if out of memory. */
static struct evbuffer *text_of(struct daemon *daemon, bool openmetrics)
{
	uint64_t now_ms = clock_monotonic_ms();
	struct metrics_text *last;
	struct evbuffer *text;

	if (!daemon->metrics_text)
		daemon->metrics_text = calloc(METRICS_FORMATS, sizeof(*daemon->metrics_text));
	if (!daemon->metrics_text)
		return NULL;
	last = &daemon->metrics_text[openmetrics];
	if (last->text && now_ms - last->made_ms < METRICS_SHARED_MS &&
	    last->changes == changes_ended(daemon->changes))
		return last->text;
	text = evbuffer_new();
	if (!text)
		return NULL;
	metrics_write(daemon, openmetrics, text);
	if (last->text)
		evbuffer_free(last->text);
	*last = (struct metrics_text){text, now_ms, changes_ended(daemon->changes)};
	return text;
}

void metrics_answer(struct daemon *daemon, struct evhttp_request *request)
{
	const char *accept =
		evhttp_find_header(evhttp_request_get_input_headers(request), "Accept");
	bool openmetrics = accept && strstr(accept, "application/openmetrics-text");
	struct evbuffer *text = text_of(daemon, openmetrics), *out = evbuffer_new();

	if (!text || !out || evbuffer_add_buffer_reference(out, text)) {
		evhttp_send_error(request, HTTP_SERVUNAVAIL, "out of memory");
	} else {
		evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
				  openmetrics ? OPENMETRICS_TYPE : TEXT_TYPE);
		evhttp_send_reply(request, HTTP_OK, "OK", out);
	}
	if (out)
		evbuffer_free(out);
}

static void on_scrape(struct evhttp_request *request, void *data)
{
	if (evhttp_request_get_command(request) != EVHTTP_REQ_GET)
		evhttp_send_error(request, HTTP_BADMETHOD, "GET only");
	else
		metrics_answer(data, request);
}

static void on_other(struct evhttp_request *request, void *data)
{
	(void)data;
	evhttp_send_error(request, HTTP_NOTFOUND, "the metrics are at /metrics");
}

#define METRICS_HEADERS_MAX 8192
#define METRICS_TIMEOUT_S   10

struct metrics {
	struct evhttp *http;
	struct listener *listener;
};

static struct evhttp *make_server(struct daemon *daemon)
{
	struct evhttp *http = evhttp_new(daemon->base);

	if (!http)
		return NULL;
	evhttp_set_max_headers_size(http, METRICS_HEADERS_MAX);
	evhttp_set_max_body_size(http, 0);
	evhttp_set_timeout(http, METRICS_TIMEOUT_S);
	evhttp_set_cb(http, "/metrics", on_scrape, daemon);
	evhttp_set_gencb(http, on_other, NULL);
	return http;
}

static int listen_on(struct daemon *daemon, struct metrics *metrics, struct error *error)
{
	metrics->http = make_server(daemon);
	if (!metrics->http)
		return error_set(error, -ENOMEM, "out of memory");
	return listener_bind(daemon->base, metrics->http, "metrics", daemon->config.metrics,
			     &metrics->listener, error);
}

static void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	if (metrics->http)
		evhttp_free(metrics->http);
	listener_free(metrics->listener);
	free(metrics);
}

int metrics_listen(struct daemon *daemon, struct error *error)
{
	struct metrics *metrics;
	int err;

	if (!strcmp(daemon->config.metrics, "off"))
		return 0;
	metrics = calloc(1, sizeof(*metrics));
	if (!metrics)
		return error_set(error, -ENOMEM, "out of memory");
	err = listen_on(daemon, metrics, error);
	if (err)
		metrics_free(metrics);
	else
		daemon->metrics = metrics;
	return err;
}

void metrics_close(struct daemon *daemon)
{
	metrics_free(daemon->metrics);
	daemon->metrics = NULL;
}
