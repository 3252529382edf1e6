/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables that fit: as wide as their contents, and no wider than the terminal. Nothing is cut. A
 * cell without room moves to a line of its own below its row, with its title; prose is broken at
 * blanks. In a pipe or a file, a row is one line, however long.
 *
 * The first TABLE_LOOKAHEAD rows are held back to determine the widths, the rest is printed as it
 * arrives, even a million rows.
 */
#ifndef SLASH64_CLI_LIB_OUTPUT_TABLE_H
#define SLASH64_CLI_LIB_OUTPUT_TABLE_H

#include <stdbool.h>

#define TABLE_LOOKAHEAD	  500
#define TABLE_COLUMNS_MAX 16

struct table_column {
	const char *title;
	bool right; /* numbers */
	/* 0 always stays in the line; of the others, the highest moves below first */
	unsigned int rank;
	bool prose; /* may be broken at blanks; the last column only */
};

struct table;

/* Columns end with a title of NULL, and must live as long as the table. NULL if out of memory. */
struct table *table_new(const struct table_column *columns);

/* A cell for each column, copied; NULL, "" and "-" are empty. */
void table_row(struct table *table, const char *const *cells);

/* Prints the rows held back, and frees the table; prints nothing if there was no row. NULL is fine.
 */
void table_end(struct table *table);

#endif
