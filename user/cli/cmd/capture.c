// SPDX-License-Identifier: GPL-2.0-only
/* capture: the packets themselves, dropped ones too, as pcapng. */
#include <errno.h>
#include <signal.h>
#include <slash64/maps.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/lib/args.h"
#include "client/client.h"
#include "cli/lib/filter_options.h"
#include "cli/lib/capture/comments.h"
#include "cli/lib/capture/pcapng.h"
#include "cli/lib/capture/rings.h"
#include "cli/lib/capture/session.h"
#include "cli/lib/output/print.h"
#include "cli/lib/signals.h"
#include "policy/names.h"

#define NS_PER_SECOND  1000000000ULL
#define READ_EVERY_MS  5 /* as long as packets wait in the rings */
#define SNAPLEN_MAX    S64_CAPTURE_BYTES_MAX
#define INTERFACES_MAX S64_IFACES_MAX

struct capturing {
	FILE *file;
	const char *name; /* of the file; NULL: standard output */
	struct comments comments;
	int64_t ahead_ns;	       /* CLOCK_REALTIME minus CLOCK_MONOTONIC */
	uint64_t start_ns;	       /* since 1970 */
	uint64_t written, packets_max; /* 0: no maximum */
	uint64_t matched, lost;	       /* as slash64d has told last */
	int number[INTERFACES_MAX];    /* of an interface in the file, by slot; -1: none */
	uint64_t slot_matched[INTERFACES_MAX], slot_lost[INTERFACES_MAX];
	const char *ended; /* why slash64d has ended it, or NULL */
	int failed;	   /* errno of the write that failed, or 0 */
};

struct asked {
	json_t *body;
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
	struct filter_options filter = {};
	const struct option_spec specs[] = {FILTER_OPTION_SPECS(filter),
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
		code = filter_options_check(context, &filter);
	if (code >= 0)
		return code;
	if ((!asked->write || !strcmp(asked->write, "-")) && isatty(STDOUT_FILENO))
		return usage_error(
			context,
			"captured packets are not for a terminal; write them with --write FILE, or show events with slash64 watch");
	asked->body = json_pack("{s:I}", "snaplen", (json_int_t)asked->snaplen);
	if (!asked->body)
		return usage_error(context, "out of memory");
	add_text(asked->body, "source", filter.source);
	add_text(asked->body, "destination", filter.destination);
	add_text(asked->body, "class", filter.class);
	add_text(asked->body, "reason", filter.reason);
	add_text(asked->body, "verdict", filter.verdict);
	add_text(asked->body, "interface", filter.interface);
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

static void write_head(struct capturing *capturing, const json_t *first, const struct asked *asked)
{
	json_t *interfaces = json_object_get(first, "interfaces"), *interface;
	char *filter = filter_text(asked->body);
	char system[256] = "Linux";
	struct utsname kernel;
	size_t i;

	if (!uname(&kernel))
		snprintf(system, sizeof(system), "%s %s", kernel.sysname, kernel.release);
	pcapng_begin(capturing->file, "slash64 " SLASH64_VERSION, system);
	for (i = 0; i < INTERFACES_MAX; i++)
		capturing->number[i] = -1;
	json_array_foreach (interfaces, i, interface) {
		json_int_t slot = json_integer_value(json_object_get(interface, "slot"));

		if (slot < 0 || slot >= INTERFACES_MAX)
			continue;
		pcapng_interface(capturing->file, member_text(interface, "interface"),
				 asked->snaplen, filter);
		capturing->number[slot] = i;
	}
	free(filter);
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

	if (record->iface_slot >= INTERFACES_MAX || capturing->number[record->iface_slot] < 0)
		return 0;
	if (capturing->packets_max && capturing->written >= capturing->packets_max)
		return 0;
	packet.interface = capturing->number[record->iface_slot];
	pcapng_packet(capturing->file, &packet);
	capturing->written++;
	return 0;
}

static void write_tail(struct capturing *capturing)
{
	for (int slot = 0; slot < INTERFACES_MAX; slot++)
		if (capturing->number[slot] >= 0)
			pcapng_statistics(capturing->file,
					  &(struct pcapng_statistics){
						  .interface = capturing->number[slot],
						  .start_ns = capturing->start_ns,
						  .end_ns = clock_ns_of(CLOCK_REALTIME),
						  .matched = capturing->slot_matched[slot],
						  .lost = capturing->slot_lost[slot]});
}

/* Remembers why it failed first: later calls no longer know. */
static bool flush(struct capturing *capturing)
{
	if (!capturing->failed && (ferror(capturing->file) || fflush(capturing->file)))
		capturing->failed = errno ? errno : EIO;
	return !capturing->failed;
}

/* --- while it runs --- */

static void note_counts(struct capturing *capturing, const json_t *line)
{
	json_t *interfaces = json_object_get(line, "interfaces"), *interface;
	size_t i;

	if (json_object_get(line, "ended"))
		capturing->ended = "slash64d has ended the capture";
	if (!json_object_get(line, "matched"))
		return;
	capturing->matched = member_integer(line, "matched");
	capturing->lost = member_integer(line, "lost");
	json_array_foreach (interfaces, i, interface) {
		json_int_t slot = json_integer_value(json_object_get(interface, "slot"));

		if (slot < 0 || slot >= INTERFACES_MAX)
			continue;
		capturing->slot_matched[slot] = member_integer(interface, "matched");
		capturing->slot_lost[slot] = member_integer(interface, "lost");
	}
}

/* Takes the lines of slash64d; waits at most so long. False when it has ended. */
static bool read_lines(struct capturing *capturing, struct session *session, int wait_ms)
{
	json_t *line;
	int err;

	do {
		err = session_line(session, wait_ms, &line);
		if (line)
			note_counts(capturing, line);
		json_decref(line);
		wait_ms = 0;
	} while (!err && line && !capturing->ended);
	if (err)
		capturing->ended = "slash64d is gone, and the capture has ended";
	return !capturing->ended;
}

static bool is_enough(const struct capturing *capturing)
{
	return capturing->packets_max && capturing->written >= capturing->packets_max;
}

static int run(struct capturing *capturing, struct session *session, struct rings *rings,
	       struct interrupt *interrupt, int64_t for_ms, struct error *error)
{
	int64_t end_ns = clock_ns_of(CLOCK_MONOTONIC) + for_ms * 1000000;
	bool goes_on = true;
	int count = 0;

	while (goes_on && !capturing->failed && !is_enough(capturing) &&
	       !interrupt_came(interrupt)) {
		if (for_ms && clock_ns_of(CLOCK_MONOTONIC) >= end_ns)
			break;
		errno = 0;
		count = rings_read(rings, write_packet, capturing);
		if (count < 0)
			return error_set(error, count, "cannot read the captured packets: %s",
					 strerror(-count));
		if (count && !flush(capturing))
			break;
		goes_on = read_lines(capturing, session, count ? 0 : READ_EVERY_MS);
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
		note_counts(capturing, counts);
	json_decref(counts);
	while (!is_enough(capturing) && rings_read(rings, write_packet, capturing) > 0)
		;
	write_tail(capturing);
	flush(capturing);
}

static void tell(const struct capturing *capturing)
{
	char written[PRINT_MAX], lost[PRINT_MAX], share[PRINT_MAX];

	fprintf(stderr, "captured %s packet%s", print_count(capturing->written, written),
		capturing->written == 1 ? "" : "s");
	if (capturing->lost)
		fprintf(stderr, ", %s lost: %s of those that matched were taken",
			print_count(capturing->lost, lost),
			print_percent(100.0 * (capturing->matched - capturing->lost) /
					      capturing->matched,
				      share));
	fprintf(stderr, "\n");
}

/* Standard output by a stream of its own: that its reader leaves is no failure of the command. */
static int open_file(struct capturing *capturing, const char *path, struct error *error)
{
	if (path && strcmp(path, "-")) {
		capturing->name = path;
		capturing->file = fopen(path, "wbe");
	} else {
		capturing->file = fdopen(dup(STDOUT_FILENO), "wb");
	}
	if (capturing->file)
		return 0;
	return error_set(error, -errno, "cannot write %.256s: %s",
			 capturing->name ? capturing->name : "the output", strerror(errno));
}

static int capture(const struct context *context, const struct asked *asked,
		   struct capturing *capturing, struct interrupt *interrupt, struct error *error)
{
	struct rings *rings = NULL;
	struct session session;
	int err = session_open(&session, context->socket, asked->body, error);

	if (err)
		return err;
	err = comments_init(&capturing->comments, json_object_get(session.first, "rules"), error);
	if (!err)
		err = rings_open(session.ring, session.rings, &rings, error);
	if (!err)
		err = open_file(capturing, asked->write, error);
	if (!err) {
		capturing->ahead_ns = clock_ns_of(CLOCK_REALTIME) - clock_ns_of(CLOCK_MONOTONIC);
		capturing->start_ns = clock_ns_of(CLOCK_REALTIME);
		write_head(capturing, session.first, asked);
		flush(capturing);
		err = run(capturing, &session, rings, interrupt, asked->for_ms, error);
		finish(context, capturing, session.first, rings);
	}
	rings_close(rings);
	session_close(&session);
	return err;
}

/* A reader that has gone, such as `tshark -c 10`, has had enough. */
static int close_file(struct capturing *capturing, struct error *error)
{
	bool is_failed = ferror(capturing->file);

	errno = 0;
	is_failed |= fclose(capturing->file) != 0;
	if (!capturing->failed && is_failed)
		capturing->failed = errno ? errno : EIO;
	if (!capturing->failed || (capturing->failed == EPIPE && !capturing->name))
		return 0;
	return error_set(error, -capturing->failed, "cannot write %.256s: %s",
			 capturing->name ? capturing->name : "the output",
			 strerror(capturing->failed));
}

int command_capture(struct context *context)
{
	struct capturing capturing = {};
	struct interrupt interrupt;
	struct asked asked = {};
	struct error error;
	int err, code = read_options(context, &asked);

	if (code >= 0)
		return code;
	capturing.packets_max = asked.packets;
	signal(SIGPIPE, SIG_IGN);
	err = interrupt_open(&interrupt, &error);
	if (!err) {
		err = capture(context, &asked, &capturing, &interrupt, &error);
		if (capturing.file) {
			struct error ignored;
			int failed = close_file(&capturing, err ? &ignored : &error);

			err = err ? err : failed;
		}
		interrupt.signal = 0; /* Ctrl-C is how it ends */
		interrupt_close(&interrupt);
	}
	json_decref(asked.body);
	if (err)
		return refused(&error);
	tell(&capturing);
	if (!capturing.ended)
		return EXIT_DONE;
	error_set(&error, -EPIPE, "%s", capturing.ended);
	return refused(&error);
}
