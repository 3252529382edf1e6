// SPDX-License-Identifier: GPL-2.0-only
/* log: who changed what, when, and why. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "duration.h"
#include "list.h"
#include "print.h"
#include "words.h"

static void print_log_header(void)
{
	print_header("%-23s %-10s %-10s %-43s %-16s %s", "TIME", "WHO", "DID", "PREFIX", "ORIGIN",
		     "WHY [TICKET] (FROM)");
}

static void print_change(const json_t *change)
{
	char when[PRINT_MAX];

	printf("%-23s %-10s %-10s %-43s %-16s", print_time(member_integer(change, "time"), when),
	       member_text(change, "who"), member_text(change, "action"), member_text(change, "prefix"),
	       member_text(change, "origin"));
	if (!member_is_null(change, "reason"))
		printf(" %s", member_text(change, "reason"));
	if (!member_is_null(change, "detail"))
		printf(" %s", member_text(change, "detail"));
	if (!member_is_null(change, "ticket"))
		printf(" [%s]", member_text(change, "ticket"));
	printf(" (%s)\n", member_text(change, "from"));
}

static bool parse_date(const char *text, const char *format, time_t *out)
{
	struct tm tm = {};
	const char *end = strptime(text, format, &tm);

	if (!end || *end)
		return false;
	*out = timegm(&tm);
	return true;
}

/* A time, or how long ago: 2026-11-23, "2026-11-23 13:00", 90m, 7d. An exit code, or -1 to go on. */
static int parse_time(const struct context *context, const char *option, const char *text, char out[24])
{
	static const char *const formats[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
					      "%Y-%m-%dT%H:%M:%SZ"};
	int64_t ms;
	time_t at;

	if (!text)
		return -1;
	if (!duration_parse(text, &ms)) {
		snprintf(out, 24, "%" PRId64, (int64_t)time(NULL) - (ms + 999) / 1000);
		return -1;
	}
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (parse_date(text, formats[i], &at) && at > 0) {
			snprintf(out, 24, "%" PRId64, (int64_t)at);
			return -1;
		}
	return usage_error(context,
			   "--%s '%s' is no time: write how long ago, like 90m or 7d, or when, like 2026-11-23 "
			   "or '2026-11-23 13:00' (UTC)",
			   option, text);
}

int command_log(struct context *context)
{
	const char *since = NULL, *until = NULL, *prefix = NULL, *limit = NULL;
	const struct option_spec specs[] = {
		{"since", &since, NULL}, {"until", &until, NULL}, {"prefix", &prefix, NULL},
		{"limit", &limit, NULL}, {NULL, NULL, NULL},
	};
	static const struct list_table table = {print_log_header, print_change, "no changes"};
	char from[24] = "", to[24] = "";
	char *path;
	int64_t value;
	int code = take_options(context, specs, 0, 0);

	if (code < 0)
		code = words_prefix(context, prefix);
	if (code < 0)
		code = words_whole(context, "limit", limit, 1, &value);
	if (code < 0)
		code = parse_time(context, "since", since, from);
	if (code < 0)
		code = parse_time(context, "until", until, to);
	if (code >= 0)
		return code;
	path = client_path_add(client_path("/v1/log"), "since", since ? from : NULL);
	path = client_path_add(path, "until", until ? to : NULL);
	path = client_path_add(path, "prefix", prefix);
	path = client_path_add(path, "limit", limit);
	return list_print(context, path, &table);
}
