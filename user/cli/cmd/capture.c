// SPDX-License-Identifier: GPL-2.0-only
/* capture: the packets themselves, dropped ones too, as pcapng. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <slash64/maps.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/text/escape.h"
#include "cli/command.h"
#include "cli/lib/args.h"
#include "client/client.h"
#include "cli/lib/filter_options.h"
#include "cli/lib/capture/comments.h"
#include "cli/lib/capture/output.h"
#include "cli/lib/capture/pcapng.h"
#include "cli/lib/capture/rings.h"
#include "cli/lib/capture/session.h"
#include "cli/lib/output/print.h"
#include "cli/lib/signals.h"
#include "policy/names.h"
#include "base/text/language.h"

#define NS_PER_SECOND 1000000000ULL
#define READ_EVERY_MS 5 /* as long as packets wait in the rings */
#define SNAPLEN_MAX   S64_CAPTURE_BYTES_MAX
#define UNKNOWN	      "unknown" /* an interface that slash64d has not told of */

/* One that packets came from, by its number in the file. */
struct interface {
	char name[S64_IFACE_NAME_MAX * ESCAPE_FACTOR];
	uint64_t matched, lost; /* as slash64d has told last */
};

struct capturing {
	struct output output;
	struct comments comments;
	char *filter; /* in words, or NULL */
	uint32_t snaplen;
	int64_t ahead_ns;	       /* CLOCK_REALTIME minus CLOCK_MONOTONIC */
	uint64_t start_ns;	       /* since 1970 */
	uint64_t written, packets_max; /* 0: no maximum */
	uint64_t matched, lost;	       /* as slash64d has told last */
	uint64_t paused_ms;	       /* slash64d was too busy to capture */
	struct interface *interface;
	size_t interfaces;
	int number[S64_IFACES_MAX]; /* of the interface that has a slot now; -1: none */
	const char *ended;	    /* why slash64d has ended it, or NULL */
};

struct asked {
	json_t *body;
	struct filter_options filter;
	const char *write;
	int64_t packets, for_ms, snaplen;
};

static int64_t clock_ns_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* --- what was asked for --- */

/* A text of the filter, if it was given. */
static void add_text(json_t *body, const char *key, const char *text)
{
	if (text)
		json_object_set_new(body, key, json_string(text));
}

static int read_options(struct context *context, struct asked *asked)
{
	const char *snaplen = NULL, *packets = NULL, *span = NULL;
	struct filter_options *filter = &asked->filter;
	const struct option_spec specs[] = {FILTER_OPTION_SPECS(*filter),
					    {"write", &asked->write, NULL},
					    {"snaplen", &snaplen, NULL},
					    {"packets", &packets, NULL},
					    {"for", &span, NULL},
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 0, 0);

	asked->snaplen = SNAPLEN_MAX;
	if (code < 0)
		code = words_whole(context, "snaplen", snaplen, 1, &asked->snaplen);
	if (code < 0 && snaplen)
		code = words_at_most(context, "snaplen", snaplen, asked->snaplen, SNAPLEN_MAX);
	if (code < 0)
		code = words_whole(context, "packets", packets, 1, &asked->packets);
	if (code < 0 && span)
		code = words_duration(context, "for", span, &asked->for_ms);
	if (code < 0)
		code = filter_options_check(context, filter);
	if (code >= 0)
		return code;
	if ((!asked->write || !strcmp(asked->write, "-")) && isatty(STDOUT_FILENO))
		return usage_error(
			context,
			"captured packets are not for a terminal; write them with --write FILE, or show events with slash64 watch");
	asked->body = json_pack("{s:I}", "snaplen", (json_int_t)asked->snaplen);
	if (!asked->body)
		return usage_error(context, "out of memory");
	add_text(asked->body, "source", filter->source);
	add_text(asked->body, "destination", filter->destination);
	add_text(asked->body, "class", filter->class);
	add_text(asked->body, "reason", filter->reason);
	add_text(asked->body, "verdict", filter->verdict);
	add_text(asked->body, "interface", filter->interface);
	return -1;
}

/* As it was given, for the file: "source=2001:db8::/32 verdict=drop". NULL if there is none. */
static char *filter_text(const json_t *body)
{
	const char *key;
	json_t *value;
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	json_object_foreach ((json_t *)body, key, value)
		if (json_is_string(value))
			fprintf(out, "%s%s=%s", ftell(out) ? " " : "", key,
				json_string_value(value));
	fclose(out);
	if (text && !*text) {
		free(text);
		text = NULL;
	}
	return text;
}

/* --- the file --- */

/* From now on, the slot is this interface's. */
static int add_interface(struct capturing *capturing, unsigned int slot, const char *name)
{
	struct interface *more =
		realloc(capturing->interface, (capturing->interfaces + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	capturing->interface = more;
	capturing->number[slot] = capturing->interfaces;
	more += capturing->interfaces++;
	*more = (struct interface){};
	snprintf(more->name, sizeof(more->name), "%s", name);
	pcapng_interface(capturing->output.file, name, capturing->snaplen, capturing->filter);
	return 0;
}

static void note_interfaces(struct capturing *capturing, const json_t *line)
{
	json_t *told;
	size_t i;

	json_array_foreach (json_object_get(line, "interfaces"), i, told) {
		json_int_t slot = json_integer_value(json_object_get(told, "slot"));
		const char *name = member_text(told, "interface");
		int number;

		if (slot < 0 || slot >= S64_IFACES_MAX)
			continue;
		number = capturing->number[slot];
		if (number < 0 || strcmp(capturing->interface[number].name, name))
			if (add_interface(capturing, slot, name))
				continue;
		number = capturing->number[slot];
		if (!json_object_get(told, "matched"))
			continue;
		capturing->interface[number].matched = member_integer(told, "matched");
		capturing->interface[number].lost = member_integer(told, "lost");
	}
}

static void write_head(struct capturing *capturing, const json_t *first, const struct asked *asked)
{
	char system[256] = "Linux";
	struct utsname kernel;

	if (!uname(&kernel))
		snprintf(system, sizeof(system), "%s %s", kernel.sysname, kernel.release);
	pcapng_begin(capturing->output.file, "slash64 " SLASH64_VERSION, system);
	for (size_t i = 0; i < S64_IFACES_MAX; i++)
		capturing->number[i] = -1;
	capturing->filter = filter_text(asked->body);
	capturing->snaplen = asked->snaplen;
	note_interfaces(capturing, first);
}

static bool is_enough(const struct capturing *capturing)
{
	return capturing->packets_max && capturing->written >= capturing->packets_max;
}

static int write_packet(const struct s64_capture_record *record, void *data)
{
	struct capturing *capturing = data;
	char comment[COMMENT_MAX];
	struct pcapng_packet packet = {
		.time_ns = record->time_ns + capturing->ahead_ns,
		.data = record->packet,
		.captured = record->captured,
		.length = record->length,
		.comment = comments_write(&capturing->comments, record, comment),
	};

	if (is_enough(capturing))
		return 1;
	if (capturing->number[record->iface_slot] < 0 &&
	    add_interface(capturing, record->iface_slot, UNKNOWN))
		return -ENOMEM;
	packet.interface = capturing->number[record->iface_slot];
	pcapng_packet(capturing->output.file, &packet);
	capturing->written++;
	return 0;
}

static void write_tail(struct capturing *capturing)
{
	char comment[128] = "";

	if (capturing->paused_ms)
		snprintf(comment, sizeof(comment),
			 _("nothing was captured for %" PRIu64 " ms, as slash64d was busy"),
			 capturing->paused_ms);
	for (size_t i = 0; i < capturing->interfaces; i++)
		pcapng_statistics(
			capturing->output.file,
			&(struct pcapng_statistics){.interface = i,
						    .start_ns = capturing->start_ns,
						    .end_ns = clock_ns_of(CLOCK_REALTIME),
						    .matched = capturing->interface[i].matched,
						    .lost = capturing->interface[i].lost,
						    .comment = *comment ? comment : NULL});
}

/* --- while it runs --- */

static void note_line(struct capturing *capturing, const json_t *line)
{
	if (json_object_get(line, "ended"))
		capturing->ended = _("slash64d has ended the capture");
	note_interfaces(capturing, line);
	if (!json_object_get(line, "matched"))
		return;
	capturing->matched = member_integer(line, "matched");
	capturing->lost = member_integer(line, "lost");
	capturing->paused_ms = member_integer(line, "paused_ms");
}

/* Takes the lines of slash64d; waits at most so long. False when it has ended. */
static bool read_lines(struct capturing *capturing, struct session *session, int wait_ms)
{
	json_t *line;
	int err;

	do {
		err = session_line(session, wait_ms, &line);
		if (line)
			note_line(capturing, line);
		json_decref(line);
		wait_ms = 0;
	} while (!err && line && !capturing->ended);
	if (err)
		capturing->ended = _("slash64d is gone, and the capture has ended");
	return !capturing->ended;
}

/* slash64d tells of an interface before its packets are in the rings: what they are taken out before
 * its lines are read, they are not written before.
 */
static int run(struct capturing *capturing, struct session *session, struct rings *rings,
	       struct interrupt *interrupt, int64_t for_ms, struct error *error)
{
	int64_t end_ns = clock_ns_of(CLOCK_MONOTONIC) + for_ms * 1000000;
	bool goes_on = true;

	while (goes_on && !is_enough(capturing) && !interrupt_came(interrupt)) {
		int count, err;

		if (for_ms && clock_ns_of(CLOCK_MONOTONIC) >= end_ns)
			break;
		count = rings_collect(rings);
		if (count < 0)
			return error_set(error, count, "cannot read the captured packets: %s",
					 strerror(-count));
		goes_on = read_lines(capturing, session, count ? 0 : READ_EVERY_MS);
		err = rings_pass(rings, write_packet, capturing);
		if (err < 0)
			return error_set(error, err, "out of memory");
		if (!output_flush(&capturing->output))
			break;
	}
	return 0;
}

/* The datapath stops first, so that the counts are of what is in the file. */
static void finish(const struct context *context, struct capturing *capturing, const json_t *first,
		   struct rings *rings)
{
	struct error ignored;
	char number[32];
	json_t *counts = NULL;
	char *path;

	if (!capturing->ended) {
		snprintf(number, sizeof(number), "%lld",
			 (long long)member_integer(first, "capture"));
		path = client_path_add(client_path("/v1/captures"), "capture", number);
		counts = client_object(context->socket, "DELETE", path, NULL, "matched", &ignored);
		free(path);
	}
	if (counts)
		note_line(capturing, counts);
	/* where it could not be ended, its rings may never be empty */
	while (rings_collect(rings) > 0 && !rings_pass(rings, write_packet, capturing))
		if (capturing->output.failed || (!counts && !capturing->ended))
			break;
	json_decref(counts);
	write_tail(capturing);
	output_flush(&capturing->output);
}

static void tell(const struct capturing *capturing)
{
	char written[PRINT_MAX], lost[PRINT_MAX], share[PRINT_MAX];

	fprintf(stderr, P_("captured %s packet", "captured %s packets", capturing->written),
		print_count(capturing->written, written));
	if (capturing->lost)
		fprintf(stderr, _(", %s lost: %s of those that matched were taken"),
			print_count(capturing->lost, lost),
			print_percent(100.0 * (capturing->matched - capturing->lost) /
					      capturing->matched,
				      share));
	if (capturing->paused_ms)
		fprintf(stderr,
			_("; nothing was captured for %" PRIu64 " ms, as slash64d was busy"),
			capturing->paused_ms);
	fprintf(stderr, "\n");
}

static int capture(const struct context *context, const struct asked *asked,
		   struct capturing *capturing, struct interrupt *interrupt, struct error *error)
{
	struct rings *rings = NULL;
	struct session session;
	int err = session_open(&session, context->socket, asked->body, error);

	if (err)
		return err;
	filter_options_note(&asked->filter);
	err = comments_init(&capturing->comments, json_object_get(session.first, "rules"), error);
	if (!err)
		err = rings_open(session.ring, session.rings, &rings, error);
	if (!err)
		err = output_open(&capturing->output, asked->write, interrupt, error);
	if (!err) {
		capturing->ahead_ns = clock_ns_of(CLOCK_REALTIME) - clock_ns_of(CLOCK_MONOTONIC);
		capturing->start_ns = clock_ns_of(CLOCK_REALTIME);
		write_head(capturing, session.first, asked);
		output_flush(&capturing->output);
		err = run(capturing, &session, rings, interrupt, asked->for_ms, error);
		finish(context, capturing, session.first, rings);
	}
	rings_close(rings);
	session_close(&session);
	return err;
}

int command_capture(struct context *context)
{
	struct capturing capturing = {};
	struct interrupt interrupt;
	struct asked asked = {};
	struct error error, ignored;
	int err, failed, code = read_options(context, &asked);

	if (code >= 0)
		return code;
	capturing.packets_max = asked.packets;
	signal(SIGPIPE, SIG_IGN);
	err = interrupt_open(&interrupt, &error);
	if (!err) {
		err = capture(context, &asked, &capturing, &interrupt, &error);
		failed = output_close(&capturing.output, err ? &ignored : &error);
		err = err ? err : failed;
		/* Ctrl-C is how it ends */
		interrupt_came(&interrupt);
		interrupt.signal = 0;
		interrupt_close(&interrupt);
	}
	json_decref(asked.body);
	free(capturing.interface);
	free(capturing.filter);
	if (err)
		return refused(&error);
	tell(&capturing);
	if (!capturing.ended)
		return EXIT_DONE;
	error_set(&error, -EPIPE, "%s", capturing.ended);
	return refused(&error);
}
