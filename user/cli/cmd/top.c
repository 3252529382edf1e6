// SPDX-License-Identifier: GPL-2.0-only
/* top: the loudest sources, destinations, classes and reasons. */
#include <stdio.h>
#include <string.h>

#include "cli/lib/top/top_live.h"
#include "client/client.h"
#include "cli/lib/filter_options.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/table_rows.h"
#include "cli/lib/args.h"
#include "base/text/language.h"

#define SECONDS_TEXT_MAX 32
#define SECONDS_MAX	 3600 /* the maximum of slash64d */
#define LIMIT_MAX	 10000
#define LIMIT_DEFAULT	 "20"

static const char *const by_names[] = {"source", "destination", "48", "class", "reason", NULL};
static const struct list_table tables[] = {
	{.columns = rows_source_columns, .row = rows_source},
	{.columns = rows_destination_columns, .row = rows_destination},
	{.columns = rows_aggregate_columns, .row = rows_aggregate},
	{.columns = rows_class_columns, .row = rows_class},
	{.columns = rows_reason_columns, .row = rows_reason},
};

struct asked {
	const char *span, *limit, *by;
	bool once;
	struct filter_options filter;
};

static bool is_filtered(const struct filter_options *filter)
{
	return filter->source || filter->destination || filter->class || filter->reason ||
	       filter->verdict || filter->interface;
}

/* --limit is for a table. */
static bool is_live(const struct context *context, const struct asked *asked)
{
	return !asked->once && !asked->limit && !context->json && top_live_is_possible();
}

static int print_once(const struct context *context, const struct asked *asked, const char *seconds)
{
	struct list_table table = tables[0];
	char *path;

	for (int i = 0; asked->by && by_names[i]; i++)
		if (!strcmp(asked->by, by_names[i]))
			table = tables[i];
	table.empty = is_filtered(&asked->filter) ? N_("no such packets seen") :
						    N_("no IPv6 traffic seen");
	path = client_path_add(client_path("/v1/top"), "seconds", seconds);
	path = client_path_add(path, "limit", asked->limit ? asked->limit : LIMIT_DEFAULT);
	path = client_path_add(path, "by", asked->by);
	return list_print(context, filter_options_add(path, &asked->filter), &table);
}

int command_top(struct context *context)
{
	struct asked asked = {.span = "10"};
	const struct option_spec specs[] = {{"seconds", &asked.span, NULL},
					    {"limit", &asked.limit, NULL},
					    {"by", &asked.by, NULL},
					    {"once", NULL, &asked.once},
					    FILTER_OPTION_SPECS(asked.filter),
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 0, 0);
	char seconds[SECONDS_TEXT_MAX];
	int64_t value, ms = 0;

	if (code < 0)
		code = words_duration(context, "seconds", asked.span, &ms);
	if (code < 0 && ms > SECONDS_MAX * 1000)
		return usage_error(context, "--seconds '%s' is longer than an hour, the maximum",
				   asked.span);
	if (code < 0)
		code = words_whole(context, "limit", asked.limit, 1, &value);
	if (code < 0)
		code = words_at_most(context, "limit", asked.limit, value, LIMIT_MAX);
	if (code < 0)
		code = words_choice(context, "by", asked.by, by_names);
	if (code < 0)
		code = filter_options_check(context, &asked.filter);
	if (code >= 0)
		return code;
	snprintf(seconds, sizeof(seconds), "%.15g", ms / 1000.0);
	if (is_live(context, &asked))
		code = top_live(context, seconds, asked.by, &asked.filter);
	return code < 0 ? print_once(context, &asked, seconds) : code;
}
