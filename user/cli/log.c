// SPDX-License-Identifier: GPL-2.0-only
/* log: who changed what, when, and why. */
#include <inttypes.h>
#include <stdio.h>

#include "client.h"
#include "duration.h"
#include "list.h"
#include "print.h"
#include "words.h"

#define NUMBER_TEXT_MAX 32

static void print_log_header(void)
{
	print_header("%-23s %-10s %-10s %-43s %-16s %s", "TIME", "WHO", "DID", "PREFIX", "ORIGIN",
		     "WHY [TICKET] (FROM)");
}

static void print_change(const json_t *change)
{
	char when[PRINT_MAX];

	printf("%-23s %-10s %-10s %-43s %-16s", print_time(member_time(change, "time"), when),
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

struct span {
	const char *since, *until;
	int64_t since_us, until_us;
};

/* "11:00" is the last one for since; for until it is the next one behind it. An exit code, or -1 to go on. */
static int parse_span(const struct context *context, struct span *span)
{
	int64_t now_us = when_now();
	int code = words_time(context, "since", span->since, now_us, WHEN_BEFORE, &span->since_us);
	bool spans_back = span->until && !duration_parse(span->until, &span->until_us);

	if (code >= 0)
		return code;
	if (span->since && !spans_back)
		return words_time(context, "until", span->until, span->since_us, WHEN_AFTER, &span->until_us);
	return words_time(context, "until", span->until, now_us, WHEN_BEFORE, &span->until_us);
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
	struct span span = {};
	const struct option_spec specs[] = {
		{"since", &span.since, NULL}, {"until", &span.until, NULL}, {"prefix", &prefix, NULL},
		{"limit", &limit, NULL},      {NULL, NULL, NULL},
	};
	static const struct list_table table = {print_log_header, print_change, "no changes"};
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
	path = add_seconds(client_path("/v1/log"), "since", span.since, span.since_us);
	path = add_seconds(path, "until", span.until, span.until_us);
	path = client_path_add(path, "prefix", prefix);
	path = client_path_add(path, "limit", limit);
	return list_print(context, path, &table);
}
