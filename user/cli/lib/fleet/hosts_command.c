// SPDX-License-Identifier: GPL-2.0-only
#include "hosts_command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/duration.h"
#include "base/text/utf8.h"
#include "cli/lib/args.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/table.h"
#include "base/text/language.h"
#include "hosts_run.h"

struct report {
	const struct context *context;
	struct table *table;
	int64_t timeout_ms;
	size_t hosts, failed;
};

static const char *const states[] = {
	[HOST_DONE] = N_("done"),
	[HOST_FAILED] = N_("failed"),
	[HOST_UNREACHABLE] = N_("unreachable"),
	[HOST_TIMEOUT] = N_("timeout"),
};

/* Another machine's text must not reach the terminal's controls. In place: '?' is one byte. */
static void clean(char *text, size_t bytes)
{
	for (size_t i = 0, n; i < bytes; i += n ? n : 1) {
		const unsigned char *p = (unsigned char *)text + i;

		n = utf8_bytes(p, bytes - i);
		if (n && (*p == '\n' || !utf8_is_control(p)))
			continue;
		memset(text + i, *p == '\t' ? ' ' : '?', n ? n : 1);
	}
}

static size_t count_lines(const struct host_text *text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text->bytes; i++)
		lines += text->text[i] == '\n';
	return lines + (text->bytes && text->text[text->bytes - 1] != '\n');
}

/* The last line that is not empty; it is cut out of the text. NULL: none. */
static char *last_line(const struct host_text *text)
{
	size_t end = text->bytes;
	char *line;

	while (end && strchr(" \r\n", text->text[end - 1]))
		end--;
	if (!end)
		return NULL;
	text->text[end] = '\0';
	line = strrchr(text->text, '\n');
	return line ? line + 1 : text->text;
}

/* Why it failed, or NULL. */
static const char *why(const struct report *report, const struct host_run *run, char *buf,
		       size_t bytes)
{
	static const char own_name[] = "slash64: ";
	char text[DURATION_TEXT_MAX], *line;

	if (run->state == HOST_DONE)
		return NULL;
	if (run->state == HOST_TIMEOUT) {
		snprintf(buf, bytes, _("no answer within %s; what it has done is unknown"),
			 duration_format(report->timeout_ms, text));
		return buf;
	}
	line = last_line(&run->err);
	if (line)
		return line + (strncmp(line, own_name, strlen(own_name)) ? 0 : strlen(own_name));
	if (run->out.is_cut)
		snprintf(buf, bytes, _("its answer is longer than %d MiB"), HOSTS_ANSWER_MAX >> 20);
	else
		snprintf(buf, bytes, _("exit status %d"), run->exit_status);
	return buf;
}

/* --- as JSON --- */

static json_t *answers_of(const struct host_run *run)
{
	json_t *answers = json_array(), *answer;
	char *rest = run->out.text, *line;

	while (answers && rest && (line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		answer = json_loads(line, JSON_DECODE_ANY, NULL);
		json_array_append_new(answers, answer ? answer : json_string(line));
	}
	return answers;
}

static void tell_json(struct report *report, const struct host_run *run)
{
	char buf[256];
	const char *text = why(report, run, buf, sizeof(buf));
	json_t *object = json_pack("{s:s, s:s, s:o?, s:o, s:s?}", "host", run->host, "status",
				   states[run->state], "exit_status",
				   run->exit_status < 0 ? NULL : json_integer(run->exit_status),
				   "answers", answers_of(run), "error", text);

	if (object)
		print_json(object);
	json_decref(object);
	fflush(stdout);
}

/* --- for a person --- */

static void tell_row(struct report *report, const struct host_run *run)
{
	char buf[256], lines[128];
	const char *text = why(report, run, buf, sizeof(buf));
	size_t count = count_lines(&run->out);

	if (count > 1) { /* too much for a row */
		print_header("%s", run->host);
		fputs(run->out.text, stdout);
		if (run->out.text[run->out.bytes - 1] != '\n')
			putchar('\n');
		putchar('\n');
		snprintf(lines, sizeof(lines), _("%zu lines, see above"), count);
	}
	if (!text)
		text = count > 1 ? lines : last_line(&run->out);
	table_row(report->table, (const char *[]){run->host, _(states[run->state]), text});
}

static void tell(const struct host_run *run, void *data)
{
	struct report *report = data;

	report->failed += run->state != HOST_DONE;
	clean(run->out.text, run->out.bytes);
	clean(run->err.text, run->err.bytes);
	if (report->context->json)
		tell_json(report, run);
	else
		tell_row(report, run);
}

/* --- what can be run --- */

static bool has_word(const struct context *context, const char *word)
{
	for (int i = 1; i < context->argc; i++)
		if (!strcmp(context->argv[i], word))
			return true;
	return false;
}

static bool ends(const struct context *context)
{
	const char *name = context->argv[0];

	return strcmp(name, "watch") && strcmp(name, "capture") &&
	       !(!strcmp(name, "log") && has_word(context, "--follow"));
}

static int take_numbers(const struct context *context, int64_t *parallel, int64_t *timeout_ms)
{
	int code = -1;

	if (context->parallel)
		code = words_whole(context, "parallel", context->parallel, 1, parallel);
	if (code < 0)
		code = words_at_most(context, "parallel", context->parallel, *parallel,
				     HOSTS_PARALLEL_MAX);
	if (code < 0 && context->timeout)
		code = words_duration(context, "timeout", context->timeout, timeout_ms);
	return code;
}

int hosts_command(struct context *context)
{
	static const struct table_column columns[] = {
		{.title = N_("HOST")},
		{.title = N_("STATUS")},
		{.title = N_("ANSWER"), .prose = true},
		{.title = NULL},
	};
	struct report report = {.context = context, .timeout_ms = HOSTS_TIMEOUT_MS};
	int64_t parallel = HOSTS_PARALLEL;
	struct hosts hosts = {};
	struct error error;
	char *command;
	int err, code = take_numbers(context, &parallel, &report.timeout_ms);

	if (code >= 0)
		return code;
	if (!ends(context))
		return usage_error(context, "%s does not end: run it on one router, with --host",
				   context->argv[0]);
	if (hosts_read(&hosts, context->hosts, &error))
		return refused(&error);
	report.hosts = hosts.count;
	report.table = table_new(columns);
	command = remote_command(context);
	if (!command || !report.table) {
		code = out_of_memory();
		goto out;
	}
	err = hosts_run(&hosts, command, has_word(context, "-"), parallel, report.timeout_ms, tell,
			&report, &error);
	if (!err && report.failed)
		err = error_set(&error, -EREMOTEIO, "failed on %zu of %zu hosts", report.failed,
				report.hosts);
	table_end(report.table);
	report.table = NULL;
	code = err ? refused(&error) : EXIT_DONE;
out:
	table_end(report.table);
	free(command);
	hosts_free(&hosts);
	return code;
}
