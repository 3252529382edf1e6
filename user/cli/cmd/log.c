// SPDX-License-Identifier: GPL-2.0-only
/* log: who changed what, when, and why. */
#include "log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/client.h"
#include "base/text/duration.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/terminal.h"
#include "cli/lib/args.h"
#include "base/text/language.h"

#define NUMBER_TEXT_MAX 32

static const struct table_column columns[] = {
	{N_("TIME"), false, 0, false},	      {N_("WHO"), false, 2, false},
	{N_("DID"), false, 0, false},	      {N_("PREFIX"), false, 0, false},
	{N_("ORIGIN"), false, 3, false},      {N_("FROM"), false, 4, false},
	{N_("WHY [TICKET]"), false, 1, true}, {},
};

/* Read now, today needs no date; a file is read another day. */
static const char *time_of(const json_t *change, char buf[WHEN_TEXT_MAX])
{
	int64_t us = member_time_us(change, "time");

	return terminal_is_read() ? when_format(us, when_now(), true, buf) :
				    when_format_dated(us, true, buf);
}

/* "alice", or "alice as root" for whoever has become another user. */
static void write_who(const json_t *change, char who[LOG_WHO_MAX])
{
	bool other = !member_is_null(change, "login");

	snprintf(who, LOG_WHO_MAX, "%s%s%s", other ? member_text(change, "login") : "",
		 other ? _(" as ") : "", member_text(change, "who"));
}

void log_row_write(const json_t *change, struct log_row *row)
{
	char text[PRINT_TEXT_MAX];
	const char *detail = member_is_null(change, "detail") ?
				     "" :
				     print_local(member_text(change, "detail"), text);
	const char *reason = member_is_null(change, "reason") ? "" : member_text(change, "reason");
	size_t n = snprintf(row->why, sizeof(row->why), "%s%s%s", reason,
			    *reason && *detail ? "; " : "", detail);

	if (!member_is_null(change, "ticket") && n < sizeof(row->why))
		snprintf(row->why + n, sizeof(row->why) - n, "%s[%s]", n ? " " : "",
			 member_text(change, "ticket"));
	write_who(change, row->who);
	row->cells[0] = time_of(change, row->when);
	row->cells[1] = row->who;
	row->cells[2] = change_name(member_text(change, "action"));
	row->cells[3] = member_text(change, "prefix");
	row->cells[4] = member_text(change, "origin");
	row->cells[5] = member_text(change, "from");
	row->cells[6] = row->why;
}

static void print_change(const json_t *change, struct table *table)
{
	struct log_row row;

	log_row_write(change, &row);
	table_row(table, row.cells);
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

/* "no changes" would be true of any log. */
static int parse_span(const struct context *context, struct span *span)
{
	int code = parse_times(context, span);

	if (code < 0 && span->since && span->since_us > when_now())
		return usage_error(context, "--since '%s' is in the future", span->since);
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

/* Without --since and --limit nothing of before is printed. */
static int follow_log(struct context *context, const struct span *span, const char *prefix,
		      const char *limit)
{
	char *path = add_seconds(client_path("/v1/log"), "since", span->since, span->since_us);
	int code;

	path = client_path_add(path, "prefix", prefix);
	path = client_path_add(path, "limit", limit);
	code = log_follow(context, span->since || limit ? path : NULL, prefix);
	free(path);
	return code;
}

int command_log(struct context *context)
{
	const char *prefix = NULL, *limit = NULL;
	bool all = false, follow = false;
	struct span span = {};
	const struct option_spec specs[] = {
		{"since", &span.since, NULL}, {"until", &span.until, NULL},
		{"prefix", &prefix, NULL},    {"limit", &limit, NULL},
		{"all", NULL, &all},	      {"follow", NULL, &follow},
		{NULL, NULL, NULL},
	};
	struct list_table how = {.columns = columns,
				 .row = print_change,
				 .empty = N_("no changes"),
				 .rest = N_(
					 "--all lists them; --since, --until and --prefix filter")};
	char number[LIST_NUMBER_MAX];
	char *path;
	int64_t value;
	int code = take_options(context, specs, 0, 0);

	if (code < 0)
		code = words_prefix(context, prefix);
	if (code < 0)
		code = words_whole(context, "limit", limit, 1, &value);
	if (code < 0 && follow && (span.until || all))
		code = usage_error(context, "--follow has no end; leave %s out",
				   span.until ? "--until" : "--all");
	if (code < 0)
		code = parse_span(context, &span);
	if (code >= 0)
		return code;
	if (follow)
		return follow_log(context, &span, prefix, limit);
	how.rows_max = list_rows_max(context, all || limit);
	path = add_seconds(client_path("/v1/log"), "since", span.since, span.since_us);
	path = add_seconds(path, "until", span.until, span.until_us);
	path = client_path_add(path, "prefix", prefix);
	path = client_path_add(path, "limit", list_limit(&how, limit, number));
	/* a person wants the latest, a program the order of events */
	return list_print(context, client_path_add(path, "reverse", context->json ? NULL : "1"),
			  &how);
}
