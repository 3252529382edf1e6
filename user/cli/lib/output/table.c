// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"
#include "wrap.h"
#include "base/text/language.h"

#define GAP	  2  /* blanks between columns */
#define INDENT	  4  /* of lines below a row */
#define PROSE_MIN 24 /* columns: a narrower cell moves below the row */
#define WORD_MAX  48 /* columns: a longer word gets no room of its own, the terminal breaks it */
#define LABEL_MAX 128

struct row {
	char *cells[TABLE_COLUMNS_MAX];
};

struct table {
	const struct table_column *columns;
	int count;
	int widths[TABLE_COLUMNS_MAX]; /* of the titles and of the cells seen so far */
	int word;		       /* of the prose, the widest that is not broken */
	bool below[TABLE_COLUMNS_MAX];
	bool laid_out;
	struct row *rows;
	int held;
};

static bool is_empty(const char *cell)
{
	return !cell || !*cell || !strcmp(cell, "-");
}

struct table *table_new(const struct table_column *columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->rows = calloc(TABLE_LOOKAHEAD, sizeof(*table->rows));
	if (!table->rows) {
		free(table);
		return NULL;
	}
	table->columns = columns;
	for (; columns[table->count].title && table->count < TABLE_COLUMNS_MAX; table->count++)
		table->widths[table->count] = text_columns(_(columns[table->count].title));
	return table;
}

/* --- layout --- */

static bool is_prose(const struct table *table, int column)
{
	return table->columns[column].prose && column == table->count - 1;
}

/* The width of the columns in the line; prose counts as narrow as it may become. */
static int line_width(const struct table *table)
{
	int width = -GAP;

	for (int i = 0; i < table->count; i++) {
		int w = table->widths[i];

		if (table->below[i])
			continue;
		if (is_prose(table, i) && w > PROSE_MIN)
			w = table->word > PROSE_MIN ? table->word : PROSE_MIN;
		width += GAP + w;
	}
	return width;
}

/* A ticket is a word, and is to be copied as one. */
static void measure_words(struct table *table, const char *text)
{
	while (*text) {
		int width;
		size_t n = wrap_next(text, &width);

		if (width > table->word && width <= WORD_MAX)
			table->word = width;
		text += n;
		text += *text == ' ' || *text == '\n';
	}
}

static void lay_out(struct table *table)
{
	int limit = terminal_width();

	for (int r = 0; r < table->held && is_prose(table, table->count - 1); r++)
		measure_words(table, table->rows[r].cells[table->count - 1]);
	table->laid_out = true;
	while (limit && line_width(table) > limit) {
		int last = -1;

		for (int i = 0; i < table->count; i++)
			if (!table->below[i] && table->columns[i].rank &&
			    (last < 0 || table->columns[i].rank > table->columns[last].rank))
				last = i;
		if (last < 0)
			/* a fixed column has no room: the terminal breaks it, and nothing is lost
			 */
			return;
		table->below[last] = true;
	}
}

/* --- printing --- */

static void pad(int n)
{
	if (n > 0)
		printf("%*s", n, "");
}

/* Broken where it may be, from column `at` on; a word wider than that is not broken. */
static void print_prose(const char *text, int at)
{
	int limit = terminal_width(), column = at;

	for (bool first = true, blank = false; *text; first = false) {
		int width;
		size_t n = wrap_next(text, &width);

		if (!n && *text == '\n') { /* of no cell, but it must not hang */
			putchar(*text++);
			continue;
		}
		if (!first && limit && column + blank + width > limit) {
			printf("\n");
			pad(at);
			column = at;
		} else if (blank) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)n, text);
		column += width;
		text += n;
		blank = *text == ' ';
		text += blank;
	}
}

/* "origin crowdsec", one after the other while they fit. */
static void print_below(const struct table *table, const char *const *cells)
{
	int limit = terminal_width(), column = 0;

	for (int i = 0; i < table->count; i++) {
		char label[LABEL_MAX];
		int n, columns, width;

		if (!table->below[i] || is_empty(cells[i]))
			continue;
		n = snprintf(label, sizeof(label), "%s", _(table->columns[i].title));
		for (int k = 0; k < n && k < LABEL_MAX - 1; k++)
			label[k] = isascii(label[k]) ? tolower(label[k]) : label[k];
		columns = text_columns(label);
		width = columns + 1 + text_columns(cells[i]);
		if (column && column + GAP + width > limit) {
			printf("\n");
			column = 0;
		}
		pad(column ? GAP : INDENT);
		column += column ? GAP : INDENT;
		printf("%s ", label);
		print_prose(cells[i], column + columns + 1);
		column += width;
	}
	if (column)
		printf("\n");
}

static void print_row(const struct table *table, const char *const *cells, bool is_header)
{
	int gap = 0, column = 0, blanks = 0;

	if (is_header)
		fputs(tone_begin(TONE_BOLD), stdout);
	for (int i = 0; i < table->count; i++) {
		const char *cell = cells[i] && *cells[i] ? cells[i] : "-";
		int width = text_columns(cell), fill = table->widths[i] - width;

		if (table->below[i])
			continue;
		pad(blanks + gap);
		column += gap + blanks;
		blanks = 0;
		gap = GAP;
		if (table->columns[i].right) {
			pad(fill);
			column += fill > 0 ? fill : 0;
		}
		if (is_prose(table, i))
			print_prose(cell, column);
		else
			fputs(cell, stdout);
		column += width;
		/* padding of the last column is not printed */
		if (!table->columns[i].right && fill > 0)
			blanks = fill;
	}
	printf("%s\n", is_header ? tone_end(TONE_BOLD) : "");
	if (!is_header)
		print_below(table, cells);
}

static void print_held(struct table *table)
{
	const char *titles[TABLE_COLUMNS_MAX];

	lay_out(table);
	for (int i = 0; i < table->count; i++)
		titles[i] = _(table->columns[i].title);
	if (table->held)
		print_row(table, titles, true);
	for (int r = 0; r < table->held; r++) {
		print_row(table, (const char *const *)table->rows[r].cells, false);
		for (int i = 0; i < table->count; i++)
			free(table->rows[r].cells[i]);
	}
	table->held = 0;
}

void table_row(struct table *table, const char *const *cells)
{
	struct row *row;

	if (table->laid_out) {
		print_row(table, cells, false);
		return;
	}
	row = &table->rows[table->held++];
	for (int i = 0; i < table->count; i++) {
		int width = text_columns(is_empty(cells[i]) ? "-" : cells[i]);

		row->cells[i] = strdup(is_empty(cells[i]) ? "-" : cells[i]);
		if (width > table->widths[i])
			table->widths[i] = width;
	}
	if (table->held == TABLE_LOOKAHEAD)
		print_held(table);
}

void table_end(struct table *table)
{
	if (!table)
		return;
	print_held(table);
	free(table->rows);
	free(table);
}
