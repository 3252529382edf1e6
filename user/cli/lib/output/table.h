/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables that fit: as wide as what is in them, and no wider than the terminal. Nothing is cut. What has no room stands in a
 * line of its own below its row, with its name before it; what is prose is broken at its blanks. Into a pipe or a
 * file, a row is a line, however long.
 *
 * The first TABLE_LOOKAHEAD rows are held back for the widths, the rest is printed as it comes: a million rows are no matter.
 */
#ifndef SLASH64_CLI_TABLE_H
#define SLASH64_CLI_TABLE_H

#include <stdbool.h>

#define TABLE_LOOKAHEAD	  500
#define TABLE_COLUMNS_MAX 16

struct table_column {
	const char *title;
	bool right; /* numbers */
	/* 0 stays in the line, whatever is; of the others, the highest goes below first */
	unsigned int rank;
	bool prose; /* may be broken at blanks; the last one alone */
};

struct table;

/* Columns end with a title of NULL, and must live as long as the table. NULL where there is no memory. */
struct table *table_new(const struct table_column *columns);

/* A cell for each column, copied; NULL, "" and "-" are empty. */
void table_row(struct table *table, const char *const *cells);

/* Prints what is held back, and frees it; nothing where there was no row. NULL is fine. */
void table_end(struct table *table);

/* How many columns a text takes on the terminal. */
int table_text_width(const char *text);

#endif
