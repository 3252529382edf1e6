// SPDX-License-Identifier: GPL-2.0-only
/* watch: what happens to packets, as it happens. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"
#include "cli/lib/filter_options.h"
#include "cli/lib/output/event_output.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/terminal.h"
#include "cli/lib/signals.h"
#include "base/text/language.h"

struct watch {
	const struct context *context;
	const struct filter_options *filter;
	struct error *error;
	bool weight_told;
};

/* Whole lines have been written by then. */
static void on_interrupt(int number)
{
	(void)number;
	_exit(EXIT_DONE);
}

/* Unless somebody decided otherwise, such as nohup. */
static void end_on(int number)
{
	struct sigaction action;

	if (!sigaction(number, NULL, &action) && action.sa_handler == SIG_DFL) {
		action.sa_handler = on_interrupt;
		sigaction(number, &action, NULL);
	}
}

static void print_event(struct watch *watch, const json_t *event)
{
	char text[EVENT_TEXT_MAX];

	fputs(event_line(event, terminal_width(), text), stdout);
	if (watch->weight_told || member_integer(event, "weight") < 2)
		return;
	watch->weight_told = true;
	fflush(stdout);
	fprintf(stderr,
		_("slash64: xN: that line stands for about N packets like it, as only a part of them is sampled\n"));
}

static void print_lost(int64_t lost)
{
	char count[PRINT_MAX];

	fflush(stdout);
	fprintf(stderr,
		_("slash64: %s events were lost, as they were not read fast enough: a filter leaves fewer\n"),
		print_count(lost, count));
}

static int watch_line(const char *line, void *data)
{
	struct watch *watch = data;
	json_t *event = client_decode(line);
	int64_t lost = event ? member_integer(event, "lost") : 0;
	bool is_sign = event && json_object_get(event, "lost");
	int err = event ? list_failure(event, watch->error) : -EPROTO, failed;

	if (!err && is_sign && lost && !watch->context->json)
		print_lost(lost);
	else if (!err && watch->context->json && (!is_sign || lost))
		puts(line);
	else if (!err && !is_sign)
		print_event(watch, event);
	failed = errno; /* of stdout, which is not asked later */
	json_decref(event);
	if (!err && ferror(stdout))
		err = error_set(watch->error, -EPIPE, "cannot write the output: %s",
				strerror(failed));
	return err;
}

/* Not before: what cannot be watched needs no note about how. */
static void note_filter(void *data)
{
	const struct watch *watch = data;

	if (!watch->context->json)
		filter_options_note(watch->filter);
}

static int follow(const struct context *context, const char *path,
		  const struct filter_options *filter)
{
	struct error error;
	struct watch watch = {.context = context, .filter = filter, .error = &error};
	struct client *client;
	int err = output_check(&error);

	if (!err)
		err = client_open(&client, context->socket, &error);
	if (err)
		return refused(&error);
	client_stop_at(client, reader_is_gone, NULL);
	client_begun_at(client, note_filter, &watch);
	client_tell_waiting(client);
	err = client_list(client, path, watch_line, &watch, &error);
	client_close(client);
	/* who reads has seen enough */
	if (err == -EINTR)
		_exit(EXIT_DONE);
	if (!err)
		error_set(&error, 0,
			  "slash64d has ended, and its events with it; start it, and watch again");
	return refused(&error);
}

int command_watch(struct context *context)
{
	struct filter_options filter = {};
	const struct option_spec specs[] = {FILTER_OPTION_SPECS(filter), {NULL, NULL, NULL}};
	int code = take_options(context, specs, 0, 0);
	char *path;

	if (code < 0)
		code = filter_options_check(context, &filter);
	if (code >= 0)
		return code;
	setvbuf(stdout, NULL, _IOLBF, 0);
	end_on(SIGINT);
	end_on(SIGTERM);
	path = filter_options_add(client_path("/v1/events"), &filter);
	code = follow(context, path, &filter);
	free(path);
	return code;
}
