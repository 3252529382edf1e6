// SPDX-License-Identifier: GPL-2.0-only
/* import: sends a file of prefixes to slash64d in pieces, which applies all of it at the end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/client.h"
#include "cli/command.h"
#include "base/text/duration.h"
#include "base/time.h"
#include "import.h"
#include "cli/lib/output/import_progress.h"
#include "cli/lib/signals.h"
#include "cli/lib/args.h"
#include "base/text/language.h"

#define PIECE_BYTES  (256 << 10)
#define COMMIT_MAX_S 900L /* a million entries, on a busy disk */
#define ABORT_MAX_S  5L
#define PIECE_MAX_MS 5000 /* slash64d drops an import that stays silent for longer */

static const char *const formats[] = {"auto",	   "plain",	"csv",	    "drop",
				      "drop-text", "eve",	"crowdsec", "slash64",
				      "decisions", "abuseipdb", "stix",	    NULL};

struct import {
	const struct context *context;
	const struct import_order *order;
	int fd;
	struct client *client;
	struct interrupt interrupt;
	struct import_report report;
	char *text_path, *commit_path, *abort_path;
	bool committing, given_up;
	json_t *refusal; /* of the commit */
	struct error *error;
};

/* --- the file --- */

static int open_file(struct import *import)
{
	const char *file = import->order->file;
	struct stat status;

	import->fd = strcmp(file, "-") ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (import->fd < 0 || fstat(import->fd, &status))
		return error_set(import->error, -errno, "cannot read %.256s: %s",
				 strcmp(file, "-") ? file : "standard input", strerror(errno));
	if (S_ISDIR(status.st_mode))
		return error_set(import->error, -EISDIR, "cannot read %.256s: it is a directory",
				 file);
	import_report_open(&import->report, strcmp(file, "-") ? file : "standard input",
			   S_ISREG(status.st_mode) ? status.st_size : 0);
	return 0;
}

static int interrupted(struct import *import)
{
	return error_set(import->error, -EINTR, "interrupted: nothing is changed");
}

/* 1 if the file has data, or ends; 0 if it has none until `deadline_ms`. */
static int wait_for_file(struct import *import, int64_t deadline_ms)
{
	struct pollfd fds[2] = {{import->interrupt.fd, POLLIN, 0}, {import->fd, POLLIN, 0}};
	int n;

	do {
		int64_t left_ms = deadline_ms - clock_monotonic_ms();

		n = poll(fds, 2, left_ms > 0 ? left_ms : 0);
		if (n > 0 && fds[0].revents && interrupt_came(&import->interrupt))
			return interrupted(import);
	} while (n < 0 ? errno == EINTR : n > 0 && !fds[1].revents);
	return n != 0;
}

static int cannot_read(struct import *import)
{
	return error_set(import->error, -errno, "cannot read %.256s: %s; nothing is changed",
			 import->report.name, strerror(errno));
}

/* Reads a piece, less at the end of the file. If the file is slow, returns what there is, perhaps
 * nothing. Returns the number of bytes; *end tells of the end.
 */
static ssize_t read_piece(struct import *import, char *buf, bool *end)
{
	int64_t deadline_ms = clock_monotonic_ms() + PIECE_MAX_MS;
	size_t filled = 0;

	while (filled < PIECE_BYTES) {
		int ready = wait_for_file(import, deadline_ms);
		ssize_t n;

		if (ready <= 0)
			return ready < 0 ? ready : (ssize_t)filled;
		n = read(import->fd, buf + filled, PIECE_BYTES - filled);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return cannot_read(import);
		*end = n == 0;
		if (*end)
			break;
		filled += n > 0 ? n : 0;
	}
	return filled;
}

/* --- the requests --- */

static json_t *ask(struct import *import, const struct client_call *call, const char *key)
{
	return client_ask(import->client, call, key, import->error);
}

static char *path_of_id(const char *path, const char *id)
{
	return client_path_add(client_path(path), "import", id);
}

static char *begin_path(const struct import_order *order)
{
	char seconds[32] = "", *path = client_path("/v1/imports");
	int64_t ms = 0;

	if (order->span && !duration_parse(order->span, &ms))
		snprintf(seconds, sizeof(seconds), ms % 1000 ? "%.3f" : "%.0f", ms / 1000.0);
	path = client_path_add(path, "origin", order->origin);
	path = client_path_add(path, "replace", order->replace ? "1" : NULL);
	path = client_path_add(path, "strict", order->strict ? "1" : NULL);
	path = client_path_add(path, "force", order->force ? "1" : NULL);
	path = client_path_add(path, "format", order->format);
	path = client_path_add(path, "for_seconds", ms ? seconds : NULL);
	path = client_path_add(path, "reason", order->reason);
	path = client_path_add(path, "restore", order->restore ? "1" : NULL);
	return client_path_add(path, "dry_run", order->dry_run ? "1" : NULL);
}

static int begin(struct import *import)
{
	char *path = begin_path(import->order);
	const struct client_call call = {.method = "POST",
					 .path = path,
					 .seconds_max = CLIENT_OBJECT_MAX_S};
	json_t *answer = ask(import, &call, "import");
	const char *id = json_string_value(json_object_get(answer, "import"));
	int err = 0;

	if (id) {
		import->text_path = path_of_id("/v1/imports/text", id);
		import->commit_path = path_of_id("/v1/imports/commit", id);
		import->abort_path = path_of_id("/v1/imports", id);
	} else {
		if (answer)
			error_set(import->error, 0,
				  "unexpected answer from %s: is it slash64d, "
				  "of the same version?",
				  import->context->socket);
		err = -EPROTO;
	}
	free(path);
	json_decref(answer);
	return err;
}

static int send_piece(struct import *import, const char *text, size_t bytes)
{
	const struct client_call call = {.method = "POST",
					 .path = import->text_path,
					 .body = text,
					 .bytes = bytes,
					 .type = CLIENT_TYPE_TEXT,
					 .seconds_max = CLIENT_OBJECT_MAX_S};
	json_t *answer = ask(import, &call, "lines");

	if (!answer)
		return -EIO;
	import_report_piece(&import->report, text, bytes, answer);
	json_decref(answer);
	return 0;
}

static int send_file(struct import *import)
{
	char *buf = malloc(PIECE_BYTES);
	bool end = false;
	ssize_t n = buf ? 0 : error_set(import->error, -ENOMEM, "out of memory; try again");

	while (n >= 0 && !end) {
		n = read_piece(import, buf, &end);
		/* an empty piece says that more is to come */
		if (n > 0 || (!n && !end))
			n = send_piece(import, buf, n);
	}
	free(buf);
	return n < 0 ? n : 0;
}

/* While slash64d applies it, the first Ctrl-C is too late, and a second one ends the wait. */
static bool stop(void *data)
{
	struct import *import = data;
	bool second = import->interrupt.signal;

	if (!interrupt_came(&import->interrupt))
		return false;
	if (!import->committing || import->order->dry_run || second) {
		import->given_up = true;
		return true;
	}
	import_report_say(&import->report,
			  _("already being applied, cannot be interrupted; waiting"));
	return false;
}

static json_t *commit(struct import *import)
{
	const struct client_call call = {.method = "POST",
					 .path = import->commit_path,
					 .seconds_max = COMMIT_MAX_S,
					 .refusal = &import->refusal};
	json_t *answer;

	import->committing = true;
	import_report_applying(&import->report);
	answer = ask(import, &call, "origin");
	if (!answer && import->given_up && !import->order->dry_run)
		error_set(import->error, -EINTR,
			  "interrupted while being applied; check the result "
			  "with slash64 list");
	return answer;
}

/* Ignores failures: slash64d drops an abandoned import. */
static void abort_import(struct import *import)
{
	const struct client_call call = {.method = "DELETE",
					 .path = import->abort_path,
					 .seconds_max = ABORT_MAX_S};
	struct error ignored;

	client_stop_at(import->client, NULL, NULL);
	json_decref(client_ask(import->client, &call, "", &ignored));
}

/* The summary, or NULL. */
static json_t *transfer(struct import *import)
{
	json_t *summary = NULL;
	int err = begin(import);

	if (!err)
		err = send_file(import);
	if (!err && interrupt_came(&import->interrupt))
		err = interrupted(import);
	if (!err)
		summary = commit(import);
	if (import->given_up && (!import->committing || import->order->dry_run))
		interrupted(import);
	/* a commit ends the import in any case */
	if (import->abort_path && !import->committing)
		abort_import(import);
	return summary;
}

static int run(struct import *import)
{
	json_t *summary = NULL;
	int code = EXIT_REFUSED;

	if (!client_open(&import->client, import->context->socket, import->error)) {
		client_stop_at(import->client, stop, import);
		client_tell_waiting(import->client);
		summary = transfer(import);
	}
	import_report_close(&import->report, summary ? summary : import->refusal);
	if (!summary)
		refused(import->error);
	else
		code = import_report_summary(&import->report, import->context, summary,
					     import->order);
	json_decref(summary);
	json_decref(import->refusal);
	client_close(import->client);
	free(import->text_path);
	free(import->commit_path);
	free(import->abort_path);
	return code;
}

/* An exit code, or -1 to go on. */
static int check(const struct context *context, const struct import_order *order)
{
	int64_t ms;
	int code = -1;

	if (order->replace && !order->origin)
		return usage_error(context,
				   "--replace needs --origin, the set that the file replaces");
	if (order->origin && !*order->origin)
		return usage_error(context, "--origin needs a name");
	code = words_origin(context, order->origin);
	if (code < 0)
		code = words_choice(context, "format", order->format, formats);
	if (code < 0)
		code = words_duration(context, "for", order->span, &ms);
	if (code < 0)
		code = words_text(context, "reason", order->reason);
	return code;
}

int import_run(const struct context *context, const struct import_order *order)
{
	struct error error;
	struct import import = {.context = context, .order = order, .error = &error};
	int code;

	if (open_file(&import) || interrupt_open(&import.interrupt, &error))
		return refused(&error);
	code = run(&import);
	interrupt_close(&import.interrupt);
	return code;
}

int command_import(struct context *context)
{
	struct import_order order = {};
	const struct option_spec specs[] = {
		{"origin", &order.origin, NULL},
		{"replace", NULL, &order.replace},
		{"strict", NULL, &order.strict},
		{"force", NULL, &order.force},
		{"format", &order.format, NULL},
		{"for", &order.span, NULL},
		{"reason", &order.reason, NULL},
		{"dry-run", NULL, &order.dry_run},
		{NULL, NULL, NULL},
	};
	int code = take_options(context, specs, 1, 1);

	if (code < 0)
		code = check(context, &order);
	if (code >= 0)
		return code;
	order.file = context->argv[0];
	return import_run(context, &order);
}
