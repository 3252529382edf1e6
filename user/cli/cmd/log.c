// SPDX-License-Identifier: GPL-2.0-only
/* log: who changed what, when, and why. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/lib/client.h"
#include "base/duration.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/terminal.h"
#include "cli/lib/args.h"

#define NUMBER_TEXT_MAX 32
#define WHY_MAX		1536 /* reason and ticket have 255 bytes each, details some more */

static const struct table_column columns[] = {
	{"TIME", false, 0, false},	  {"WHO", false, 2, false},
	{"DID", false, 0, false},	  {"PREFIX", false, 0, false},
	{"ORIGIN", false, 3, false},	  {"FROM", false, 4, false},
	{"WHY [TICKET]", false, 1, true}, {},
};

/* Read now, today needs no date; a file is read another day. */
static const char *time_of(const json_t *change, char buf[WHEN_TEXT_MAX])
{
	int64_t us = member_time_us(change, "time");

	return terminal_is_read() ? when_format(us, when_now(), true, buf) :
				    when_format_dated(us, true, buf);
}

static void print_change(const json_t *change, struct table *table)
{
	char text[PRINT_TEXT_MAX];
	const char *detail = member_is_null(change, "detail") ?
				     "" :
				     print_local(member_text(change, "detail"), text);
	const char *reason = member_is_null(change, "reason") ? "" : member_text(change, "reason");
	char when[WHEN_TEXT_MAX], why[WHY_MAX];
	size_t n = snprintf(why, sizeof(why), "%s%s%s", reason, *reason && *detail ? "; " : "",
			    detail);
	const char *const cells[] = {
		time_of(change, when),
		member_text(change, "who"),
		change_name(member_text(change, "action")),
		member_text(change, "prefix"),
		member_text(change, "origin"),
		member_text(change, "from"),
		why,
	};

	if (!member_is_null(change, "ticket") && n < sizeof(why))
		snprintf(why + n, sizeof(why) - n, "%s[%s]", n ? " " : "",
			 member_text(change, "ticket"));
	table_row(table, cells);
}

struct span {
	const char *since, *until;
	int64_t since_us, until_us;
};

/* For since, "11:00" is the last one; for until, the next one after it. An exit code, or -1 to go
 * on.
 */
static int parse_times(const struct context *context, struct span *span)
{
	int64_t now_us = when_now();
	int code = words_time(context, "since", span->since, now_us, WHEN_BEFORE, &span->since_us);
	bool spans_back = span->until && !duration_parse(span->until, &span->until_us);

	if (code >= 0)
		return code;
	if (span->since && !spans_back)
		return words_time(context, "until", span->until, span->since_us, WHEN_AFTER,
				  &span->until_us);
	return words_time(context, "until", span->until, now_us, WHEN_BEFORE, &span->until_us);
}

/* Nothing is between them: "no changes" would be true of any log. */
static int parse_span(const struct context *context, struct span *span)
{
	int code = parse_times(context, span);

	if (code < 0 && span->since && span->until && span->until_us < span->since_us)
		return usage_error(context, "--until '%s' is before --since '%s'", span->until,
				   span->since);
	return code;
}

/* slash64d takes whole seconds. */
static char *add_seconds(char *path, const char *name, bool given, int64_t us)
{
	char text[NUMBER_TEXT_MAX];

	snprintf(text, sizeof(text), "%" PRId64, us / WHEN_SECOND);
	return client_path_add(path, name, given ? text : NULL);
}

int command_log(struct context *context)
{
	const char *prefix = NULL, *limit = NULL;
	bool all = false;
	struct span span = {};
	const struct option_spec specs[] = {
		{"since", &span.since, NULL}, {"until", &span.until, NULL},
		{"prefix", &prefix, NULL},    {"limit", &limit, NULL},
		{"all", NULL, &all},	      {NULL, NULL, NULL},
	};
	struct list_table how = {
		.columns = columns,
		.row = print_change,
		.empty = "no changes",
		.rest = "--all lists them, --since, --until and --prefix find some"};
	char number[LIST_NUMBER_MAX];
	char *path;
	int64_t value;
	int code = take_options(context, specs, 0, 0);

	if (code < 0)
		code = words_prefix(context, prefix);
	if (code < 0)
		code = words_whole(context, "limit", limit, 1, &value);
	if (code < 0)
		code = parse_span(context, &span);
	if (code >= 0)
		return code;
	how.rows_max = list_rows_max(context, all || limit);
	path = add_seconds(client_path("/v1/log"), "since", span.since, span.since_us);
	path = add_seconds(path, "until", span.until, span.until_us);
	path = client_path_add(path, "prefix", prefix);
	path = client_path_add(path, "limit", list_limit(&how, limit, number));
	/* a person wants the latest, a program the order of events */
	return list_print(context, client_path_add(path, "reverse", context->json ? NULL : "1"),
			  &how);
}
