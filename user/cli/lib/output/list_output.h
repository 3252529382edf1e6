/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of slash64d, printed as they arrive: they may have a million lines. */
#ifndef SLASH64_CLI_LIB_OUTPUT_LIST_OUTPUT_H
#define SLASH64_CLI_LIB_OUTPUT_LIST_OUTPUT_H

#include "cli/command.h"
#include "table_rows.h"

/* Default number of rows shown to a person; and how many of those behind them are counted. */
#define LIST_ROWS_SHOWN	  50
#define LIST_ROWS_COUNTED 10000
#define LIST_SORTED_MAX	  100000 /* blocks; longer lists are not sorted unless requested */

/* How a list is printed as a table. */
struct list_table {
	const struct table_column *columns;
	rows_row_t row;
	const char *empty;     /* printed if there is no row */
	unsigned int rows_max; /* rows shown, the rest is counted; 0: all */
	const char *rest;      /* how to see the rest */
};

/* Gets a list and prints it, as a table or as JSON. Returns an exit code. Takes over the path; NULL
 * counts as out of memory.
 */
int list_print(const struct context *context, char *path, const struct list_table *table);

/* For rows_max: all rows into a pipe or file, as JSON, or if requested; otherwise the default for a
 * person.
 */
unsigned int list_rows_max(const struct context *context, bool all);

/* The limit to request, so that hidden rows can be counted: `limit` itself if all are shown. */
#define LIST_NUMBER_MAX 32
const char *list_limit(const struct list_table *how, const char *limit, char buf[LIST_NUMBER_MAX]);

/* A failure in the middle of a list is its last line, because the status was sent long before.
 * -EREMOTEIO if the line is one.
 */
int list_failure(const json_t *object, struct error *error);

#endif
