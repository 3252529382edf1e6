// SPDX-License-Identifier: GPL-2.0-only
#include "facts.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/when.h"
#include "client/client.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "net/block_target.h"
#include "net/spoken.h"
#include "policy/names.h"
#include "registry/delegated.h"

#define ROWS_MAX	 1000  /* of blocks and changes: a notice is no archive */
#define PROPOSALS_MAX	 10000 /* more than slash64d has */
#define SOURCES_MAX	 10000 /* the most that `top` answers */
#define DESTINATIONS_MAX 5
#define PACKETS_MAX	 10
#define SEEN_SECONDS	 3600 /* as far back as `top` looks */
#define LISTEN_SECONDS	 2    /* to the packets of a source that is sending now */
#define SENDING_SECONDS	 10   /* if it was seen this recently */
#define NUMBER_MAX	 32
#define RULE_ORIGIN	 "detect:"

/* --- asking --- */

struct gathering {
	json_t *list;
	size_t max;
	struct error *error;
};

/* More than the maximum is not an error: the list ends. */
static int gather(const char *line, void *data)
{
	struct gathering *gathering = data;
	json_t *object = client_decode(line);
	int err = object ? list_failure(object, gathering->error) : -EPROTO;

	if (!err && !json_object_get(object, "lost") && json_array_append(gathering->list, object))
		err = error_set(gathering->error, -ENOMEM, "out of memory");
	json_decref(object);
	return !err && json_array_size(gathering->list) >= gathering->max ? -EINTR : err;
}

/* Takes over the path. */
static int ask(const struct context *context, char *path, json_t *list, size_t max,
	       struct error *error)
{
	struct gathering gathering = {.list = list, .max = max, .error = error};
	int err = client_request(context->socket, path, gather, &gathering, error);

	free(path);
	return err == -EINTR ? 0 : err;
}

static char *add_number(char *path, const char *name, int64_t number)
{
	char text[NUMBER_MAX];

	snprintf(text, sizeof(text), "%" PRId64, number);
	return client_path_add(path, name, text);
}

static int ask_blocks(const struct context *context, const char *prefix, json_t *list,
		      struct error *error)
{
	char *path = client_path_add(client_path("/v1/blocks"), "within", prefix);

	return ask(context, add_number(path, "limit", ROWS_MAX), list, ROWS_MAX, error);
}

static int ask_changes(const struct context *context, const char *prefix,
		       const struct report_span *span, json_t *list, struct error *error)
{
	char *path = client_path_add(client_path("/v1/log"), "prefix", prefix);

	path = add_number(path, "since", span->since_us / WHEN_SECOND);
	path = add_number(path, "until", span->until_us / WHEN_SECOND);
	return ask(context, add_number(path, "limit", ROWS_MAX), list, ROWS_MAX, error);
}

/* Of the prefix, of a part of it, or around it; and of that time. */
static bool is_about(const json_t *proposal, const struct prefix *prefix,
		     const struct report_span *span)
{
	bool is_over = !member_is_null(proposal, "ended");
	struct prefix about;

	if (member_time_us(proposal, "since") > span->until_us ||
	    (is_over && member_time_us(proposal, "ended") < span->since_us))
		return false;
	return !prefix_parse_whole(member_text(proposal, "prefix"), &about, NULL) &&
	       (prefix_contains(prefix, &about) || prefix_contains(&about, prefix));
}

static int ask_proposals(const struct context *context, const char *text,
			 const struct report_span *span, json_t *list, struct error *error)
{
	char *path = client_path_add(client_path("/v1/proposals"), "all", "1");
	int err = ask(context, path, list, PROPOSALS_MAX, error);
	struct prefix prefix;

	if (err || prefix_parse_whole(text, &prefix, NULL))
		return err;
	for (size_t i = json_array_size(list); i-- > 0;)
		if (!is_about(json_array_get(list, i), &prefix, span))
			json_array_remove(list, i);
	return 0;
}

/* Sources or destinations of the packets from a prefix. */
static int ask_top(const struct context *context, const char *prefix, const char *by, int64_t max,
		   json_t *list, struct error *error)
{
	char *path = client_path_add(client_path("/v1/top"), "source", prefix);

	path = add_number(client_path_add(path, "by", by), "seconds", SEEN_SECONDS);
	return ask(context, add_number(path, "limit", max), list, max, error);
}

struct listening {
	struct gathering gathering;
	int64_t until_us;
};

/* Called every second, and with each line. */
static bool has_ended(void *data)
{
	return when_now() >= ((struct listening *)data)->until_us;
}

static int gather_event(const char *line, void *data)
{
	int err = gather(line, &((struct listening *)data)->gathering);

	return !err && has_ended(data) ? -EINTR : err;
}

/* What it sends now. */
static int watch_packets(const struct context *context, const char *prefix, json_t *list,
			 struct error *error)
{
	struct listening listening = {{list, PACKETS_MAX, error},
				      when_now() + LISTEN_SECONDS * WHEN_SECOND};
	char *path = client_path_add(client_path("/v1/events"), "source", prefix);
	struct client *client;
	int err = client_open(&client, context->socket, error);

	path = add_number(path, "per_second", PACKETS_MAX);
	if (!err) {
		client_stop_at(client, has_ended, &listening);
		err = client_list(client, path, gather_event, &listening, error);
		client_close(client);
	}
	free(path);
	return err == -EINTR ? 0 : err;
}

static bool is_sending(const json_t *sources)
{
	const json_t *source;
	size_t i;

	json_array_foreach (sources, i, source)
		if (when_now() - member_time_us(source, "last_seen") <
		    SENDING_SECONDS * WHEN_SECOND)
			return true;
	return false;
}

/* --- what follows from it --- */

static void set_time(json_t *facts, const char *key, int64_t us)
{
	char text[WHEN_TEXT_MAX];

	json_object_set_new(facts, key,
			    us ? json_string(when_format_exact(us, 0, text)) : json_null());
}

struct extremes {
	int64_t first_us, last_us;
};

static const struct prefix *prefix_of(const json_t *row, struct prefix *prefix)
{
	return prefix_parse_whole(member_text(row, "prefix"), prefix, NULL) ? NULL : prefix;
}

static bool is_of_rule(const json_t *row)
{
	return !strncmp(member_text(row, "origin"), RULE_ORIGIN, strlen(RULE_ORIGIN));
}

/* Is it a sighting that something was blocked? A rule acts on what it measures, and a person mostly; a
 * list may name what never came.
 */
static bool is_sighting(const json_t *facts, const json_t *row)
{
	struct prefix reported, prefix;
	bool was_seen = member_integer(facts, "hits") > 0 ||
			json_array_size(json_object_get(facts, "sources"));

	if (!prefix_of(facts, &reported) || !prefix_of(row, &prefix) ||
	    !prefix_contains(&reported, &prefix))
		return false;
	return is_of_rule(row) || (was_seen && !strcmp(member_text(row, "origin"), "operator"));
}

bool report_is_action(const json_t *change)
{
	static const char *const actions[] = {"block", "throttle", "unblock", "end"};
	const char *action = member_text(change, "action");

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(action, actions[i]))
			return true;
	return false;
}

static void widen(struct extremes *extremes, const json_t *object, const char *key)
{
	int64_t us = member_is_null(object, key) ? 0 : member_time_us(object, key);

	if (!us)
		return;
	if (!extremes->first_us || us < extremes->first_us)
		extremes->first_us = us;
	if (us > extremes->last_us)
		extremes->last_us = us;
}

/* Rates add up; a peak of several sources is at most the sum, at least the highest. */
static void sum_up_sources(json_t *facts, struct extremes *extremes)
{
	const json_t *sources = json_object_get(facts, "sources"), *source, *loudest = NULL;
	double packets = 0, bytes = 0, peak = 0;
	bool blocked = false;
	size_t i;

	json_array_foreach (sources, i, source) {
		packets += member_number(source, "packets_per_second");
		bytes += member_number(source, "bytes_per_second");
		if (!loudest || member_number(source, "peak_packets_per_second") > peak) {
			peak = member_number(source, "peak_packets_per_second");
			loudest = source;
		}
		widen(extremes, source, "since");
		widen(extremes, source, "last_seen");
		blocked |= json_is_true(json_object_get(source, "blocked"));
	}
	json_object_set_new(facts, "blocked",
			    json_boolean(blocked ||
					 json_array_size(json_object_get(facts, "blocks"))));
	json_object_set_new(facts, "sources_seen", json_integer(json_array_size(sources)));
	if (!loudest)
		return;
	json_object_set_new(facts, "packets_per_second", json_real(packets));
	json_object_set_new(facts, "bytes_per_second", json_real(bytes));
	json_object_set_new(facts, "peak_packets_per_second",
			    json_real(packets > peak ? packets : peak));
	json_object_set(facts, "class", json_object_get(loudest, "class"));
	json_object_set(facts, "reason", json_object_get(loudest, "reason"));
}

static void take_rule(json_t *facts, const json_t *object)
{
	if (is_of_rule(object))
		json_object_set_new(facts, "rule",
				    json_string(member_text(object, "origin") +
						strlen(RULE_ORIGIN)));
}

static void sum_up_blocks(json_t *facts, struct extremes *extremes)
{
	const json_t *block;
	int64_t hits = 0, last_us = 0, us;
	size_t i;

	json_array_foreach (json_object_get(facts, "blocks"), i, block) {
		us = member_is_null(block, "last_hit") ? 0 : member_time_us(block, "last_hit");
		hits += member_integer(block, "hits");
		last_us = us > last_us ? us : last_us;
		take_rule(facts, block);
		widen(extremes, block, "last_hit");
	}
	json_object_set_new(facts, "hits", json_integer(hits));
	set_time(facts, "last_hit", last_us);
	json_array_foreach (json_object_get(facts, "blocks"), i, block)
		if (is_sighting(facts, block))
			widen(extremes, block, "start");
}

static void sum_up_changes(json_t *facts, struct extremes *extremes)
{
	const json_t *change;
	size_t i;

	json_array_foreach (json_object_get(facts, "changes"), i, change) {
		const char *action = member_text(change, "action");

		if (strcmp(action, "block") && strcmp(action, "throttle"))
			continue;
		take_rule(facts, change);
		if (is_sighting(facts, change))
			widen(extremes, change, "time");
	}
}

/* What was measured of an attack is known after it is over, too. The newest proposal counts. */
static void sum_up_proposals(json_t *facts, struct extremes *extremes)
{
	const json_t *proposal;
	size_t i;

	json_array_foreach (json_object_get(facts, "proposals"), i, proposal) {
		const json_t *peak = json_object_get(proposal, "peak");
		double rate = json_number_value(json_object_get(peak, "packets_per_second"));

		json_object_set(facts, "rule", json_object_get(proposal, "rule"));
		widen(extremes, proposal, "since");
		widen(extremes, proposal, "ended");
		if (rate > json_number_value(json_object_get(facts, "peak_packets_per_second")))
			json_object_set_new(facts, "peak_packets_per_second", json_real(rate));
	}
}

/* The heaviest packet says what most are like. */
static void sum_up_packets(json_t *facts)
{
	static const struct {
		const char *to, *from;
	} members[] = {{"address", "source_address"},
		       {"source_port", "source_port"},
		       {"destination", "destination"},
		       {"destination_port", "destination_port"},
		       {"icmpv6_type", "icmpv6_type"}};
	const json_t *packet, *heaviest = NULL;
	size_t i;

	json_array_foreach (json_object_get(facts, "packets"), i, packet)
		if (!heaviest ||
		    member_integer(packet, "weight") > member_integer(heaviest, "weight"))
			heaviest = packet;
	for (i = 0; heaviest && i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *value = json_object_get(heaviest, members[i].from);

		if (value)
			json_object_set(facts, members[i].to, value);
	}
}

static bool is_class(const char *name, enum s64_class class)
{
	return !strcmp(name, class_info(class)->name);
}

static bool is_icmpv6(const char *name)
{
	for (int i = S64_CLASS_DESTINATION_UNREACHABLE; i < S64_CLASS_COUNT; i++)
		if (is_class(name, i))
			return true;
	return false;
}

const char *report_protocol(const json_t *facts)
{
	const json_t *packet = json_array_get(json_object_get(facts, "packets"), 0);
	const char *class = member_text(facts, "class");

	switch (packet ? member_integer(packet, "protocol") : -1) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMPV6:
		return "icmp";
	case IPPROTO_SCTP:
		return "sctp";
	}
	if (is_class(class, S64_CLASS_TCP) || is_class(class, S64_CLASS_TCP_SYN))
		return "tcp";
	if (is_class(class, S64_CLASS_UDP))
		return "udp";
	return is_icmpv6(class) ? "icmp" : NULL;
}

void report_facts_sum_up(json_t *facts)
{
	const char *const unknown[] = {"first_seen",
				       "last_seen",
				       "packets_per_second",
				       "bytes_per_second",
				       "peak_packets_per_second",
				       "class",
				       "reason",
				       "rule",
				       "address",
				       "source_port",
				       "destination",
				       "destination_port",
				       "last_hit"};
	struct extremes extremes = {};
	const char *protocol;

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		json_object_set_new(facts, unknown[i], json_null());
	sum_up_sources(facts, &extremes);
	sum_up_blocks(facts, &extremes);
	sum_up_changes(facts, &extremes);
	sum_up_proposals(facts, &extremes);
	sum_up_packets(facts);
	protocol = report_protocol(facts);
	json_object_set_new(facts, "protocol", protocol ? json_string(protocol) : json_null());
	set_time(facts, "first_seen", extremes.first_us);
	set_time(facts, "last_seen", extremes.last_us);
}

/* --- who holds it --- */

static json_t *holder_object(const struct delegation *holder)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "network", holder->network, "registry",
			 holder->registry, "country", holder->country, "id", holder->id, "status",
			 holder->status, "date", holder->date);
}

/* The first file that knows it: the registries share nothing out twice. */
static int find_holder(const struct config *config, const struct prefix *prefix, json_t *facts,
		       struct error *error)
{
	struct delegation holder;
	int found = 1;

	for (size_t i = 0; i < config->registry_count && found > 0; i++)
		found = delegated_find(config->registry[i], prefix, &holder, error);
	if (!found)
		json_object_set_new(facts, "holder", holder_object(&holder));
	return found < 0 ? found : 0;
}

/* --- all of it --- */

static json_t *begin(const struct prefix *prefix, const char *text, const struct report_span *span)
{
	char check[SPOKEN_CHECK + 1], spoken[SPOKEN_TEXT_MAX];
	bool is_spoken = !prefix_is_v4(prefix) && !spoken_check(prefix, check) &&
			 !spoken_say(prefix, spoken);
	json_t *facts = json_pack("{s:s, s:s?, s:s?, s:[], s:[], s:[], s:[], s:[], s:[], s:n, s:n}",
				  "prefix", text, "check_chars", is_spoken ? check : NULL, "spoken",
				  is_spoken ? spoken : NULL, "blocks", "changes", "proposals",
				  "sources", "destinations", "packets", "holder", "evidence");

	if (facts) {
		set_time(facts, "since", span->since_us);
		set_time(facts, "until", span->until_us);
	}
	return facts;
}

static int ask_all(const struct context *context, const char *prefix,
		   const struct report_span *span, json_t *facts, struct report_kept *kept,
		   struct error *error)
{
	json_t *sources = json_object_get(facts, "sources");
	int err = ask_blocks(context, prefix, json_object_get(facts, "blocks"), error);

	if (!err)
		err = ask_changes(context, prefix, span, json_object_get(facts, "changes"), error);
	if (!err)
		err = ask_proposals(context, prefix, span, json_object_get(facts, "proposals"),
				    error);
	if (!err)
		err = ask_top(context, prefix, "source", SOURCES_MAX, sources, error);
	if (!err)
		err = ask_top(context, prefix, "destination", DESTINATIONS_MAX,
			      json_object_get(facts, "destinations"), error);
	if (!err && is_sending(sources))
		err = watch_packets(context, prefix, json_object_get(facts, "packets"), error);
	if (!err)
		report_kept_ask(context, json_object_get(facts, "proposals"),
				json_object_get(facts, "packets"), PACKETS_MAX, kept);
	return err;
}

/* That it was allowed, or captured, is nothing to complain of. */
static bool is_unknown(const json_t *facts)
{
	const json_t *change;
	size_t i;

	json_array_foreach (json_object_get(facts, "changes"), i, change)
		if (report_is_action(change))
			return false;
	return !json_array_size(json_object_get(facts, "blocks")) &&
	       !json_array_size(json_object_get(facts, "sources"));
}

/* Does all of it belong to one subscriber or host? */
static bool is_one_source(const struct config *config, const struct prefix *prefix)
{
	static const struct s64_seed any_seed = {0, {1, 1}};

	return block_target_of_stored(&config->rules, &any_seed, prefix).is_source;
}

static int check_reportable(const struct prefix *prefix, const char *text, struct error *error)
{
	const struct prefix link_local = {.address = {{{0xfe, 0x80}}}, .length = 10};

	if (!prefix_contains(&link_local, prefix))
		return 0;
	return error_set(
		error, -EINVAL,
		"%s belongs to a link of this router, and nobody else has it; report the host "
		"to whoever runs that link",
		text);
}

json_t *report_facts(const struct context *context, const struct config *config,
		     const struct prefix *prefix, const struct report_span *span,
		     struct report_kept *kept, struct error *error)
{
	char text[PREFIX_TEXT_MAX];
	json_t *facts = begin(prefix, prefix_format(prefix, text), span);
	int err = facts ? check_reportable(prefix, text, error) :
			  error_set(error, -ENOMEM, "out of memory; try again");

	if (!err)
		err = ask_all(context, text, span, facts, kept, error);
	if (!err && is_unknown(facts))
		err = error_set(error, -ENOENT,
				"nothing to report of %s: it is not blocked, was not blocked in "
				"this time, and was not seen in the last hour; give "
				"--since, or another prefix",
				text);
	if (!err)
		err = find_holder(config, prefix, facts, error);
	if (err) {
		json_decref(facts);
		return NULL;
	}
	report_facts_sum_up(facts);
	json_object_set_new(facts, "one_source", json_boolean(is_one_source(config, prefix)));
	json_object_del(facts, "sources");
	return facts;
}
