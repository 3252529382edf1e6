/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of slash64d, printed as they come: they may have a million lines. */
#ifndef SLASH64_CLI_LIST_H
#define SLASH64_CLI_LIST_H

#include "cli/command.h"
#include "table_rows.h"

/* Rows that a person is shown of a list, if he says nothing else; and how many of those behind them are counted. */
#define LIST_ROWS_SHOWN	  50
#define LIST_ROWS_COUNTED 10000
#define LIST_SORTED_MAX	  100000 /* blocks; of more, nothing is sorted unasked */

/* How a list is printed as a table. */
struct list_table {
	const struct table_column *columns;
	rows_row_t row;
	const char *empty;     /* said where there is no row */
	unsigned int rows_max; /* shown, the rest is counted; 0: all of them */
	const char *rest;      /* how to see the rest */
};

/* GET a list and print it, as a table or as JSON. Returns an exit code. Takes over the path; NULL
 * is one there was no memory for.
 */
int list_print(const struct context *context, char *path, const struct list_table *table);

/* For rows_max: all of them into a pipe or file, as JSON, or where that was said; else what a person is shown. */
unsigned int list_rows_max(const struct context *context, bool all);

/* The limit to ask for, so that what is not shown can be counted: `limit` itself where all is shown. */
#define LIST_NUMBER_MAX 32
const char *list_limit(const struct list_table *how, const char *limit, char buf[LIST_NUMBER_MAX]);

/* A failure in the middle of a list comes as its last line: the status has long been sent.
 * -EREMOTEIO where the line is one.
 */
int list_failure(const json_t *object, struct error *error);

#endif
