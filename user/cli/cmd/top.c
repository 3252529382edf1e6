// SPDX-License-Identifier: GPL-2.0-only
/* top: the loudest sources. */
#include <stdio.h>

#include "cli/lib/client.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/table_rows.h"
#include "cli/lib/args.h"

#define SECONDS_TEXT_MAX 32
#define SECONDS_MAX	 3600 /* the maximum of slash64d */
#define LIMIT_MAX	 10000

int command_top(struct context *context)
{
	const char *span = "10", *limit = "20";
	char seconds[SECONDS_TEXT_MAX];
	int64_t ms = 0;
	const struct option_spec specs[] = {{"seconds", &span, NULL},
					    {"limit", &limit, NULL},
					    {NULL, NULL, NULL}};
	static const struct list_table table = {.columns = rows_source_columns,
						.row = rows_source,
						.empty = "no IPv6 traffic seen"};
	int code = take_options(context, specs, 0, 0);
	int64_t value;
	char *path;

	if (code < 0)
		code = words_duration(context, "seconds", span, &ms);
	if (code < 0 && ms > SECONDS_MAX * 1000)
		return usage_error(context, "--seconds '%s' is longer than an hour, the maximum",
				   span);
	if (code < 0)
		code = words_whole(context, "limit", limit, 1, &value);
	if (code < 0)
		code = words_at_most(context, "limit", limit, value, LIMIT_MAX);
	if (code >= 0)
		return code;
	snprintf(seconds, sizeof(seconds), "%.15g", ms / 1000.0);
	path = client_path_add(client_path("/v1/top"), "seconds", seconds);
	return list_print(context, client_path_add(path, "limit", limit), &table);
}
