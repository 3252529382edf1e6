// SPDX-License-Identifier: GPL-2.0-only
/* slash64-follow: what Suricata or Zeek writes into a log becomes blocks, by rules. */
#include <event2/buffer.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/set/set.h"
#include "base/journal.h"
#include "base/log.h"
#include "base/text/duration.h"
#include "base/text/when.h"
#include "base/time.h"
#include "decide.h"
#include "service/program.h"
#include "service/service.h"
#include "service/told.h"
#include "tail.h"

#define POLL_MS	   200
#define SYNC_MS	   1000
#define READ_BYTES (4 << 20) /* between two looks at slash64d */
#define NAME_MAX_  255
#define CURSOR_MAX (FIELD_PATH_MAX + NAME_MAX_ + 16)

enum { FORMAT, OPTIONS }; /* of the command line */

static const char *const origins[] = {"suricata", "zeek"};
static const char *const decision_names[DECISIONS] = {"nothing", "known",   "over",
						      "limited", "propose", "put"};

struct follow {
	struct follow_settings settings;
	const char *file;
	enum event_format format;
	struct set *set;
	struct decide *decide;
	struct tail *tail;
	struct event_reader reader;
	struct told told_slash64d, told_file;
	bool told_limited;
	int64_t sync_ms; /* monotonic: when to look at slash64d again */
	uint64_t put;	 /* of decided[], when it was looked at last */
	_Atomic uint64_t decided[DECISIONS], invalid, skipped, lost;
};

/* --- lines --- */

static void on_begin(void *data)
{
	struct follow *follow = data;

	event_reader_begin(&follow->reader, follow->format);
}

/* For whoever reads the journal: the fields are documented in slash64-follow(8). */
static void propose(const struct follow *follow, const struct event *event,
		    const struct set_entry *entry)
{
	char key[PREFIX_TEXT_MAX], span[DURATION_TEXT_MAX], until[WHEN_TEXT_MAX], text[1024];
	struct journal_entry out;

	set_key_format(&entry->key, key);
	duration_format(entry->until_ms - clock_wall_ms(), span);
	when_format_exact(entry->until_ms * WHEN_MS, 0, until);
	snprintf(text, sizeof(text), "proposal: block %s for %s: %s", key, span, event->signature);
	journal_write(&out, (const struct journal_field[]){
				    {"MESSAGE", text},
				    {"PRIORITY", "5"},
				    {"SYSLOG_IDENTIFIER", "slash64-follow"},
				    {"SLASH64_ACTION", "propose"},
				    {"SLASH64_PREFIX", key},
				    {"SLASH64_UNTIL", until},
				    {"SLASH64_REASON", event->signature},
				    {"SLASH64_FILE", follow->file},
				    {NULL, NULL},
			    });
	journal_say_once(&out);
}

static void take(struct follow *follow, const struct event *event)
{
	struct set_entry entry;
	enum decision decision =
		decide_event(follow->decide, event, clock_wall_ms(), clock_monotonic_ms(), &entry);

	follow->decided[decision]++;
	if (decision == DECIDED_PROPOSE)
		propose(follow, event, &entry);
	if (decision == DECIDED_PUT && set_put(follow->set, &entry))
		log_error("out of memory for an entry");
	if (decision == DECIDED_LIMITED && !follow->told_limited)
		log_warning(
			"more than %u sources in a minute: the others are left out; raise per_minute, or narrow the rules",
			follow->settings.per_minute);
	follow->told_limited |= decision == DECIDED_LIMITED;
}

static void on_line(const char *line, size_t bytes, void *data)
{
	struct follow *follow = data;
	struct event event;
	int result = event_read(&follow->reader, line, bytes, &event);

	if (result < 0 && !follow->invalid++)
		log_warning("%s has lines that are not of the format %s; they are left out",
			    follow->file, event_format_names[follow->format]);
	if (result > 0)
		take(follow, &event);
}

/* --- the loop --- */

/* What is in force need not be read again. */
static void sync_set(struct follow *follow)
{
	struct error error;

	if (set_sync(follow->set, &error)) {
		told_warning(&follow->told_slash64d, &error);
		return;
	}
	if (told_end(&follow->told_slash64d))
		log_info("slash64d is up to date again");
	if (tail_keep(follow->tail, &error))
		told_warning(&follow->told_file, &error);
}

static int work(struct service *service, struct error *unused)
{
	struct follow *follow = service->data;
	struct error error;

	log_info("slash64-follow %s follows %s", SLASH64_VERSION, follow->file);
	while (!service_stops(service)) {
		int more = tail_read(follow->tail, READ_BYTES, &error);
		int64_t now_ms = clock_monotonic_ms();
		uint64_t put = follow->decided[DECIDED_PUT];

		follow->skipped = tail_skipped(follow->tail);
		follow->lost = tail_lost(follow->tail);
		if (more < 0)
			told_warning(&follow->told_file, &error);
		else
			set_contact(follow->set);
		if (put != follow->put || now_ms >= follow->sync_ms) {
			follow->put = put;
			follow->sync_ms = now_ms + SYNC_MS;
			sync_set(follow);
		}
		if (more <= 0)
			service_wait(service, POLL_MS);
	}
	sync_set(follow);
	return 0;
}

static void write_metrics(struct evbuffer *out, void *data)
{
	struct follow *follow = data;

	set_write_metrics(&follow->set, 1, "follow", out);
	metrics_head(out, "slash64_follow_events_total", "counter",
		     "Events of the log, by what was decided.");
	for (int i = 0; i < DECISIONS; i++)
		evbuffer_add_printf(out,
				    "slash64_follow_events_total{decision=\"%s\"} %" PRIu64 "\n",
				    decision_names[i], follow->decided[i]);
	metrics_head(out, "slash64_follow_lines_left_out_total", "counter",
		     "Lines that are not of the format, or too long.");
	evbuffer_add_printf(out, "slash64_follow_lines_left_out_total %" PRIu64 "\n",
			    follow->invalid + follow->skipped);
	metrics_head(out, "slash64_follow_files_lost_total", "counter",
		     "Files that were gone before they were read to their ends.");
	evbuffer_add_printf(out, "slash64_follow_files_lost_total %" PRIu64 "\n", follow->lost);
}

/* A name for each followed file: /var/log/suricata/eve.json is var-log-suricata-eve.json. */
static void make_cursor(const struct follow *follow, char cursor[CURSOR_MAX])
{
	int n = snprintf(cursor, CURSOR_MAX, "%s/", follow->settings.state);
	char *name = cursor + n;

	snprintf(name, CURSOR_MAX - n, "%.*s", NAME_MAX_ - 16,
		 follow->file[0] == '/' ? follow->file + 1 : follow->file);
	for (; *name; name++)
		if (*name == '/')
			*name = '-';
}

static int run(struct follow *follow, struct error *error)
{
	const struct set_options options = {
		.socket = follow->settings.socket,
		.origin = follow->settings.origin[0] ? follow->settings.origin :
						       origins[follow->format],
	};
	const struct tail_callbacks callbacks = {on_begin, on_line, follow};
	struct service service = {.name = "follow",
				  .metrics = follow->settings.metrics,
				  .write_metrics = write_metrics,
				  .work = work,
				  .data = follow};
	char cursor[CURSOR_MAX];
	int err = set_open(&follow->set, &options, error);

	make_cursor(follow, cursor);
	if (!err) {
		follow->decide = decide_new(&follow->settings);
		err = follow->decide ?
			      tail_open(&follow->tail, follow->file, cursor, &callbacks, error) :
			      error_set(error, -ENOMEM, "out of memory");
	}
	if (!err) {
		set_stop_at(follow->set, service_stops, &service);
		err = service_run(&service, error);
	}
	tail_close(follow->tail);
	decide_free(follow->decide);
	set_close(follow->set);
	return err;
}

static const struct option more[] = {
	[FORMAT] = {"format", required_argument, NULL, 0}, [OPTIONS] = {NULL, 0, NULL, 0}};
static const struct program program = {
	.name = "slash64-follow",
	.usage = "usage: slash64-follow --format eve|zeek-notice [--config FILE] [--check] LOG\n"
		 "\n"
		 "  --format FORMAT  eve (Suricata) or zeek-notice\n"
		 "  --config FILE    the configuration, by default " FOLLOW_FILE_DEFAULT "\n"
		 "  --check          check the configuration, and do nothing else\n"
		 "  --version        print the version\n"
		 "  --help           print this help\n"
		 "\n"
		 "See slash64-follow(8).\n",
	.more = more,
	.takes_argument = true,
};

static int take_line(struct follow *follow, const struct program_line *line)
{
	int format = 0;

	while (line->value[FORMAT] && event_format_names[format] &&
	       strcmp(event_format_names[format], line->value[FORMAT]))
		format++;
	if (!line->value[FORMAT] || !event_format_names[format] || !line->argument) {
		fprintf(stderr, "slash64-follow: %s; see slash64-follow --help\n",
			line->value[FORMAT] && event_format_names[format] ?
				"missing log" :
				"'--format' must be eve or zeek-notice");
		return PROGRAM_EXIT_USAGE;
	}
	follow->format = format;
	follow->file = line->argument;
	return -1;
}

int main(int argc, char **argv)
{
	static struct follow follow;
	struct program_line line = {.config = FOLLOW_FILE_DEFAULT};
	struct error error;
	int err, code = program_read_line(&program, argc, argv, &line);

	if (code < 0 && !line.check)
		code = take_line(&follow, &line);
	if (code >= 0)
		return code;
	err = follow_settings_load(&follow.settings, line.config, &error);
	if (!err && line.check)
		printf("%s: %zu rules\n", line.config, follow.settings.rules);
	else if (!err)
		err = run(&follow, &error);
	if (err)
		fprintf(stderr, "slash64-follow: %s\n", error.text);
	follow_settings_free(&follow.settings);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
