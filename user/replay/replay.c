// SPDX-License-Identifier: GPL-2.0-only
#include "replay.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../bpf/link.h"

#include "base/text/quantity.h"
#include "capture.h"
#include "detection.h"
#include "maps/local_addresses.h"
#include "policy/names.h"
#include "replay_interface.h"
#include "runner.h"

#define TOP_SOURCES	 20
#define PROGRESS_SECONDS 1

/* Headers are parsed here only to print addresses; the verdict comes from the program. */
#define IPV6_BYTES 40

/* --- tallies --- */

struct tally {
	uint64_t packets[S64_CLASS_MAX][S64_REASON_COUNT];
	uint64_t total, passed, would_drop, cut;
	/* it passed, and would be dropped under filter: enforce */
	bool monitored[S64_CLASS_MAX][S64_REASON_COUNT];
};

/* Sources seen, open addressing; grows with the number of sources in the capture. */
struct seen_source {
	uint64_t src_key;
	struct prefix shown;
	uint64_t packets, dropped;
};

struct seen {
	struct seen_source *slot;
	size_t room, count; /* room is a power of two */
};

static struct seen_source *seen_find(struct seen *seen, uint64_t src_key)
{
	size_t i = (src_key * 0x9e3779b97f4a7c15ULL) >> 20 & (seen->room - 1);

	while (seen->slot[i].packets && seen->slot[i].src_key != src_key)
		i = (i + 1) & (seen->room - 1);
	return &seen->slot[i];
}

static int seen_grow(struct seen *seen)
{
	struct seen grown = {.room = seen->room ? seen->room * 2 : 1024, .count = seen->count};

	grown.slot = calloc(grown.room, sizeof(*grown.slot));
	if (!grown.slot)
		return -ENOMEM;
	for (size_t i = 0; i < seen->room; i++)
		if (seen->slot[i].packets)
			*seen_find(&grown, seen->slot[i].src_key) = seen->slot[i];
	free(seen->slot);
	*seen = grown;
	return 0;
}

static int seen_add(struct seen *seen, uint64_t src_key, const struct prefix *shown, bool dropped)
{
	struct seen_source *found;

	if (seen->count * 2 >= seen->room && seen_grow(seen))
		return -ENOMEM;
	found = seen_find(seen, src_key);
	if (!found->packets) {
		found->src_key = src_key;
		found->shown = *shown;
		seen->count++;
	}
	found->packets++;
	found->dropped += dropped;
	return 0;
}

/* --- output --- */

static const char *verdict_of(int reason, bool passed)
{
	return !reason_is_drop(reason) ? "pass" : passed ? "would_drop" : "drop";
}

/* Where the program finds it. */
static const unsigned char *find_ipv6(const struct captured *packet)
{
	s64_frame frame = {packet->frame, packet->frame + packet->bytes, packet->bytes};
	const unsigned char *ipv6;
	__u64 link = link_walk(&frame);

	if (LINK_REASON(link) != S64_REASON_NONE)
		return NULL;
	ipv6 = packet->frame + LINK_OFFSET(link);
	return ipv6 + IPV6_BYTES <= frame.data_end && ipv6[0] >> 4 == 6 ? ipv6 : NULL;
}

static json_t *address_json(const unsigned char *bytes)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (!bytes)
		return json_null();
	memcpy(&address, bytes, sizeof(address));
	return json_string(address_format(&address, text));
}

/* The text for the source of a packet with this header. */
static struct prefix source_of(const struct source_rules *rules, const unsigned char *ipv6)
{
	/* has no influence on the text */
	static const struct s64_seed any_seed = {0, {1, 1}};
	struct prefix source = {.length = 128};

	if (ipv6)
		memcpy(&source.address, ipv6 + 8, sizeof(source.address));
	return source_rules_identify(rules, &any_seed, &source).shown;
}

/* If only the bytes were parsed, a valid packet has no class. */
static const char *class_name(const struct replay_options *options, int class, int reason)
{
	bool parsed_alone = options->step == S64_STEP_PARSE && class == S64_CLASS_MALFORMED &&
			    reason == S64_REASON_POLICY;

	return parsed_alone ? NULL : class_info(class)->name;
}

static bool is_icmpv6(int class)
{
	return class >= S64_CLASS_DESTINATION_UNREACHABLE && class <= S64_CLASS_RESERVED_INFO;
}

static void print_packet(const struct replay_options *options, uint64_t number,
			 const struct captured *packet, const struct runner_result *result,
			 const struct source_rules *rules, const struct replay_as *as)
{
	const unsigned char *ipv6 = find_ipv6(packet);
	struct prefix shown = source_of(rules, ipv6);
	char text[PREFIX_TEXT_MAX];
	json_t *object = json_object();
	const char *class = class_name(options, result->class, result->reason);
	bool known = result->class != S64_CLASS_NOT_IPV6 && result->class != S64_CLASS_MALFORMED &&
		     result->class != S64_CLASS_IPV4;

	json_object_set_new(object, "packet", json_integer(number));
	json_object_set_new(object, "src", address_json(ipv6 ? ipv6 + 8 : NULL));
	json_object_set_new(object, "dst", address_json(ipv6 ? ipv6 + 24 : NULL));
	json_object_set_new(object, "class", class ? json_string(class) : json_null());
	if (is_icmpv6(result->class)) {
		json_object_set_new(object, "icmpv6_type", json_integer(result->icmpv6_type));
		json_object_set_new(object, "icmpv6_code", json_integer(result->icmpv6_code));
	}
	if (known)
		json_object_set_new(object, "next_header", json_integer(result->next_header));
	json_object_set_new(object, "source",
			    known ? json_string(prefix_format(&shown, text)) : json_null());
	json_object_set_new(object, "verdict",
			    json_string(verdict_of(result->reason, result->passed)));
	json_object_set_new(object, "reason", json_string(reason_name(result->reason)));
	if (as->name)
		json_object_set_new(object, "interface", json_string(as->name));
	if (packet->bytes < packet->wire_bytes)
		json_object_set_new(object, "cut", json_true());
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

struct row {
	int class, reason;
	uint64_t packets;
};

static int by_packets(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->packets > y->packets ? -1 : x->packets < y->packets;
}

static void print_classes(const struct replay_options *options, const struct tally *tally)
{
	static struct row rows[S64_CLASS_MAX * S64_REASON_COUNT];
	char count[QUANTITY_TEXT_MAX];
	size_t n = 0;

	for (int class = 0; class < S64_CLASS_COUNT; class ++)
		for (int reason = 0; reason < S64_REASON_COUNT; reason++)
			if (tally->packets[class][reason])
				rows[n++] =
					(struct row){class, reason, tally->packets[class][reason]};
	qsort(rows, n, sizeof(*rows), by_packets);
	printf("%-27s %-10s %-26s %12s\n", "CLASS", "VERDICT", "REASON", "PACKETS");
	for (size_t i = 0; i < n; i++) {
		const char *class = class_name(options, rows[i].class, rows[i].reason);

		printf("%-27s %-10s %-26s %12s\n", class ? class : "-",
		       verdict_of(rows[i].reason, tally->monitored[rows[i].class][rows[i].reason]),
		       class ? reason_name(rows[i].reason) : "parsed",
		       count_format(rows[i].packets, count));
	}
}

static int by_source_packets(const void *a, const void *b)
{
	const struct seen_source *x = a, *y = b;

	if (x->packets != y->packets)
		return x->packets > y->packets ? -1 : 1;
	return x->src_key < y->src_key ? -1 : x->src_key > y->src_key;
}

static void print_sources(struct seen *seen)
{
	if (!seen->count)
		return;
	qsort(seen->slot, seen->room, sizeof(*seen->slot), by_source_packets);
	printf("\n%-43s %12s %12s\n", "SOURCE", "PACKETS", "DROPPED");
	for (size_t i = 0; i < seen->count && i < TOP_SOURCES; i++) {
		char text[PREFIX_TEXT_MAX], packets[QUANTITY_TEXT_MAX], dropped[QUANTITY_TEXT_MAX];

		printf("%-43s %12s %12s\n", prefix_format(&seen->slot[i].shown, text),
		       count_format(seen->slot[i].packets, packets),
		       count_format(seen->slot[i].dropped, dropped));
	}
	if (seen->count > TOP_SOURCES)
		printf("and %zu sources more\n", seen->count - TOP_SOURCES);
}

static void print_summary(const struct replay_options *options, const struct tally *tally,
			  struct seen *seen, const struct replay_as *as)
{
	printf("%s\n\n", as->said);
	print_classes(options, tally);
	print_sources(seen);
	printf("\n%" PRIu64 " packet%s: %" PRIu64 " pass, %" PRIu64 " dropped", tally->total,
	       tally->total == 1 ? "" : "s", tally->passed, tally->total - tally->passed);
	if (tally->would_drop)
		printf("; %" PRIu64 " of those that pass would be dropped under filter: enforce",
		       tally->would_drop);
	if (tally->cut)
		printf("; %" PRIu64 " were truncated by the capture", tally->cut);
	printf("\n");
}

static void print_progress(const struct capture *capture, uint64_t packets, time_t *last)
{
	time_t now = time(NULL);
	double done = capture_progress(capture);

	if (!isatty(STDERR_FILENO) || now - *last < PROGRESS_SECONDS)
		return;
	*last = now;
	if (done >= 0)
		fprintf(stderr, "\r%" PRIu64 " packets, %.0f%%\033[K", packets, done * 100);
	else
		fprintf(stderr, "\r%" PRIu64 " packets\033[K", packets);
}

/* --- run --- */

/* What is done with each packet, and what it comes to. */
struct replaying {
	const struct replay_options *options;
	const struct source_rules *rules;
	const struct replay_as *as;
	struct tally tally;
	struct seen seen;
	struct detection *detection; /* NULL: verdicts are wanted */
};

static int add_packet(struct replaying *replaying, const struct captured *packet,
		      const struct runner_result *result)
{
	struct tally *tally = &replaying->tally;
	bool drops = reason_is_drop(result->reason), would_drop = result->passed && drops,
	     dropped = !result->passed && drops;
	struct prefix shown;

	tally->total++;
	if (replaying->detection) {
		if (result->is_sampled)
			detection_packet(replaying->detection, &result->sample, packet->time_ns);
		return 0;
	}
	tally->would_drop += would_drop;
	tally->passed += !dropped;
	tally->cut += packet->bytes < packet->wire_bytes;
	tally->packets[result->class % S64_CLASS_MAX][result->reason % S64_REASON_COUNT]++;
	tally->monitored[result->class % S64_CLASS_MAX][result->reason % S64_REASON_COUNT] |=
		would_drop;
	if (replaying->options->json) {
		print_packet(replaying->options, tally->total, packet, result, replaying->rules,
			     replaying->as);
		return 0;
	}
	if (result->class <= S64_CLASS_IPV4)
		return 0;
	shown = source_of(replaying->rules, find_ipv6(packet));
	return seen_add(&replaying->seen, result->src_key, &shown, dropped);
}

static int replay_packets(struct replaying *replaying, struct capture *capture,
			  struct runner *runner, struct error *error)
{
	struct captured packet;
	time_t progress = time(NULL);
	int got = 1, err = 0;

	while (!err && (got = capture_next(capture, &packet, error)) > 0) {
		struct runner_frame frame = {packet.frame, packet.bytes, packet.wire_bytes,
					     packet.time_ns};
		struct runner_result result;

		err = runner_run(runner, &frame, &result, error);
		if (err)
			break;
		if (add_packet(replaying, &packet, &result))
			err = error_set(error, -ENOMEM, "out of memory");
		print_progress(capture, replaying->tally.total, &progress);
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	/* The part that was read before a file breaks off is reported. */
	if (!err && replaying->detection)
		detection_end(replaying->detection);
	else if (!err && !replaying->options->json)
		print_summary(replaying->options, &replaying->tally, &replaying->seen,
			      replaying->as);
	return err ? err : got;
}

static int run(const struct replay_options *options, const struct config *config,
	       const struct replay_as *as, struct capture *capture, struct runner *runner,
	       struct error *error)
{
	struct replaying *replaying = calloc(1, sizeof(*replaying));
	struct local_count ignored;
	int err;

	if (!replaying ||
	    local_set(&runner->maps, options->local, options->local_count, false, &ignored)) {
		free(replaying);
		return error_set(error, -ENOMEM, "out of memory");
	}
	*replaying = (struct replaying){.options = options, .rules = &config->rules, .as = as};
	err = options->detect ?
		      detection_open(&replaying->detection,
				     &(struct detection_options){.config = config,
								 .tick_ns =
									 runner->maps.meta->tick_ns,
								 .out = stdout,
								 .json = options->json},
				     error) :
		      0;
	if (replaying->detection)
		runner_sample(runner);
	if (replaying->detection && !options->json)
		printf("%s\n", as->said);
	if (!err)
		err = replay_packets(replaying, capture, runner, error);
	detection_close(replaying->detection);
	free(replaying->seen.slot);
	free(replaying);
	return err;
}

int replay(const struct replay_options *options, struct error *error)
{
	struct capture *capture = NULL;
	struct runner runner;
	struct config config;
	struct replay_as as;
	int err;

	if (options->config)
		err = config_load(&config, options->config, error);
	else
		err = (config_init(&config), 0);
	if (err)
		return err;
	err = replay_as_interface(&config, options->interface, &as, error);
	if (!err)
		err = capture_open(&capture, options->file, error);
	if (!err)
		err = runner_open(&runner, &config, options->step, options->direction, error);
	if (!err) {
		if (as.ipv4_enforce)
			runner.maps.policy->flags |= S64_IFACE_IPV4_ENFORCE;
		err = run(options, &config, &as, capture, &runner, error);
		runner_close(&runner);
	}
	capture_close(capture);
	config_free(&config);
	return err;
}
