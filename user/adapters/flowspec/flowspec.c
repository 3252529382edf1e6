// SPDX-License-Identifier: GPL-2.0-only
#include "flowspec.h"

#include <errno.h>
#include <event2/buffer.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"
#include "base/time.h"
#include "client/client.h"

#define PIECE	     65536
#define SYNC_MS	     1000
#define LEASE_MIN_MS 60000

/* --- rules --- */

static void on_changed(const struct prefix *source, bool blocks, uint32_t rate, void *data)
{
	struct flowspec *flowspec = data;
	struct set_entry entry = {.key = set_key_of_prefix(source),
				  .kind = blocks ? SET_BLOCK : SET_THROTTLE,
				  .rate = rate,
				  .burst = rate * BURST_FACTOR,
				  .reason = "rule of FlowSpec"};

	flowspec->is_changed = flowspec->file.is_changed = true;
	if (!blocks && !rate)
		set_remove(flowspec->set, &entry.key);
	else if (set_put(flowspec->set, &entry))
		log_warning("out of memory: a rule is not executed");
}

/* A throttle of a prefix holds each of its sources to the rate; a rule means all of them together. So
 * the prefix must be one source, or a part of one.
 */
static bool is_one_source(const struct flowspec *flowspec, const struct prefix *prefix)
{
	char address[INET6_ADDRSTRLEN], text[PREFIX_TEXT_MAX];
	char *path = client_path("/v1/lookup");
	struct prefix source;
	struct error error;
	const char *found;
	json_t *answer;
	bool is_one;

	address_format(&prefix->address, address);
	if (prefix_is_v4(prefix)) {
		prefix_format(prefix, text);
		text[strcspn(text, "/")] = '\0';
		strcpy(address, text);
	}
	path = client_path_add(path, "address", address);
	answer = client_object(flowspec->settings.socket, "GET", path, NULL, "source", &error);
	found = json_string_value(json_object_get(answer, "source"));
	is_one = found && !prefix_parse_whole(found, &source, NULL) &&
		 source.length <= prefix->length;
	json_decref(answer);
	free(path);
	return is_one;
}

static void on_event(const struct flow_event *event, void *data)
{
	struct flowspec *flowspec = data;
	struct flow_event judged = *event;
	struct flow_rule *rule = &judged.rule;

	if (event->kind == FLOW_ANNOUNCE && !rule->refusal)
		rule->refusal = flowspec_judge(&flowspec->settings, event->peer, rule);
	if (event->kind == FLOW_ANNOUNCE && !rule->refusal && !rule->blocks &&
	    !is_one_source(flowspec, &rule->source))
		rule->refusal = FLOW_RATE_WIDE;
	if (event->kind == FLOW_DOWN)
		log_warning("the session with %s is lost: its rules stay for a while", event->peer);
	rules_take(flowspec->rules, &judged, flowspec->now_ms);
	flowspec->file.is_changed = true;
	set_contact(flowspec->set);
}

/* --- lines --- */

static void take_line(struct flowspec *flowspec, const char *line)
{
	/* answers of ExaBGP to commands, "done" and "error", are not JSON */
	if (line[0] != '{')
		return;
	flowspec->lines++;
	if (flow_decode(line, on_event, flowspec) && !flowspec->bad_lines++)
		log_warning(
			"a line of ExaBGP is not understood; version 4 or 5 with 'encoder json' is");
}

static void take_bytes(struct flowspec *flowspec, const char *piece, size_t bytes)
{
	while (bytes) {
		const char *end = memchr(piece, '\n', bytes);
		size_t n = end ? (size_t)(end - piece) : bytes;

		if (flowspec->bytes + n >= FLOWSPEC_LINE_MAX ||
		    array_reserve(&flowspec->line, &flowspec->room, flowspec->bytes + n + 1, 1))
			flowspec->skips = true;
		if (!flowspec->skips) {
			memcpy(flowspec->line + flowspec->bytes, piece, n);
			flowspec->bytes += n;
			flowspec->line[flowspec->bytes] = '\0';
		}
		if (end && flowspec->skips)
			flowspec->bad_lines++;
		else if (end)
			take_line(flowspec, flowspec->line);
		if (end) {
			flowspec->bytes = 0;
			flowspec->skips = false;
		}
		n += end != NULL;
		piece += n;
		bytes -= n;
	}
}

/* 0 at the end of the input: ExaBGP is gone. */
static ssize_t read_input(struct flowspec *flowspec)
{
	char piece[PIECE];
	ssize_t n = read(STDIN_FILENO, piece, sizeof(piece));

	if (n > 0)
		take_bytes(flowspec, piece, n);
	return n < 0 && (errno == EINTR || errno == EAGAIN) ? 1 : n;
}

/* --- its life --- */

int flowspec_open(struct flowspec *flowspec, struct error *error)
{
	const struct flowspec_settings *settings = &flowspec->settings;
	const struct rules_options rules = {settings->max, settings->hold_ms, on_changed, flowspec};
	const struct set_options set = {
		.socket = settings->socket,
		.origin = settings->origin,
		.lease_ms = settings->hold_ms > LEASE_MIN_MS ? settings->hold_ms : LEASE_MIN_MS,
	};

	rules_file_init(&flowspec->file, settings->rules);
	flowspec->rules = rules_new(&rules);
	if (!flowspec->rules)
		return error_set(error, -ENOMEM, "out of memory");
	return set_open(&flowspec->set, &set, error);
}

void flowspec_close(struct flowspec *flowspec)
{
	set_close(flowspec->set);
	rules_free(flowspec->rules);
	free(flowspec->line);
}

static void sync_set(struct flowspec *flowspec, bool *failed)
{
	uint64_t refused = set_refused(flowspec->set), in_force = set_in_force(flowspec->set);
	struct error why;

	flowspec->is_changed = false;
	*failed = set_sync(flowspec->set, &why);
	if (*failed)
		told_warning(&flowspec->told_sync, &why);
	else
		told_end(&flowspec->told_sync);
	flowspec->file.is_changed |=
		refused != set_refused(flowspec->set) || in_force != set_in_force(flowspec->set);
}

static void count(struct flowspec *flowspec)
{
	size_t counts[FLOW_REFUSALS];

	rules_count(flowspec->rules, counts);
	for (size_t i = 0; i < FLOW_REFUSALS; i++)
		flowspec->rule_count[i] = counts[i];
}

int flowspec_work(struct service *service, struct error *error)
{
	struct flowspec *flowspec = service->data;
	int64_t sync_ms = 0;
	struct error why;
	bool failed = false;

	(void)error;
	set_stop_at(flowspec->set, service_stops, service);
	while (!service_stops(service)) {
		bool is_readable = service_wait_fd(service, STDIN_FILENO, SYNC_MS);

		flowspec->now_ms = clock_monotonic_ms();
		if (is_readable && read_input(flowspec) <= 0) {
			log_info(
				"ExaBGP has closed the input; the entries stay until their lease ends");
			break;
		}
		rules_tick(flowspec->rules, flowspec->now_ms);
		count(flowspec);
		if ((flowspec->is_changed && !failed) || flowspec->now_ms >= sync_ms) {
			sync_set(flowspec, &failed);
			sync_ms = flowspec->now_ms + SYNC_MS;
		}
		rules_file_tick(&flowspec->file, flowspec->rules, flowspec->set, flowspec->now_ms);
	}
	set_sync(flowspec->set, &why);
	return 0;
}

void flowspec_write_metrics(struct evbuffer *out, void *data)
{
	struct flowspec *flowspec = data;

	metrics_head(out, "slash64_flowspec_rules", "gauge",
		     "Rules that are executed, or refused, by reason.");
	for (size_t i = 0; i < FLOW_REFUSALS; i++)
		evbuffer_add_printf(out, "slash64_flowspec_rules{state=\"%s\"} %" PRIu64 "\n",
				    flow_refusal_names[i], flowspec->rule_count[i]);
	metrics_head(out, "slash64_flowspec_lines_total", "counter", "Lines of ExaBGP.");
	evbuffer_add_printf(out, "slash64_flowspec_lines_total %" PRIu64 "\n", flowspec->lines);
	metrics_head(out, "slash64_flowspec_bad_lines_total", "counter",
		     "Lines that were not understood.");
	evbuffer_add_printf(out, "slash64_flowspec_bad_lines_total %" PRIu64 "\n",
			    flowspec->bad_lines);
	set_write_metrics(&flowspec->set, 1, "flowspec", out);
}
