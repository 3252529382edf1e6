/* SPDX-License-Identifier: GPL-2.0-only */
/* What the live `top` shows, and what its keys do. Knows nothing of the terminal. */
#ifndef SLASH64_CLI_LIB_TOP_TOP_VIEW_H
#define SLASH64_CLI_LIB_TOP_TOP_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define TOP_NAME_MAX 128
#define TOP_LINE_MAX 512
#define TOP_ROWS_MAX 1000 /* asked for; more than anybody scrolls through */

enum top_group {
	TOP_SOURCES,
	TOP_DESTINATIONS,
	TOP_AGGREGATES,
	TOP_CLASSES,
	TOP_REASONS,
	TOP_GROUPS
};

/* As slash64d calls them; ends with NULL. */
extern const char *const top_group_names[TOP_GROUPS + 1];

enum top_sort { TOP_PACKETS, TOP_DROPPED, TOP_WOULD_DROP, TOP_PEAK, TOP_SINCE, TOP_SORTS };

/* Keys that are no characters. */
enum top_key {
	TOP_KEY_UP = 0x110000,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END
};

enum top_action {
	TOP_SHOW,    /* again */
	TOP_FETCH,   /* other rows are needed */
	TOP_BLOCK,   /* the selected row: somebody said yes */
	TOP_REPAINT, /* the whole screen */
	TOP_QUIT
};

struct top_view {
	enum top_group group;
	enum top_sort sort;
	bool reverse, paused;
	const char *filter;	      /* "verdict=drop"; NULL: all packets */
	json_t *rows;		      /* sorted; NULL: none yet */
	size_t at, first;	      /* the selected row, and the first one on the screen */
	size_t page;		      /* rows on the screen */
	char selected[TOP_NAME_MAX];  /* its name: it stays selected wherever it goes */
	char asks[TOP_NAME_MAX];      /* to block this one? "": nothing is asked */
	char because[ERROR_TEXT_MAX]; /* why it is asked a second time; "": the first time */
	const char *confirms;	      /* what a yes to that confirms, a member of the request */
	char message[ERROR_TEXT_MAX];
};

/* Takes over the rows. */
void top_view_take(struct top_view *view, json_t *rows);
void top_view_free(struct top_view *view);

enum top_action top_view_key(struct top_view *view, int key);

/* The selected row, or NULL. */
const json_t *top_view_row(const struct top_view *view);
/* The prefix that is about to be blocked. */
const char *top_view_asked(const struct top_view *view);
/* Asks again about that prefix: `why` is the refusal, which `member` of the request confirms. */
void top_view_ask_again(struct top_view *view, const char *why, const char *member);
/* The block has been answered: nothing is asked any more. */
void top_view_end_block(struct top_view *view);

/* Lines of at most `width` columns. Each returns buf, of TOP_LINE_MAX. The sorted column is marked
 * with '*', the selected row with '>'; a name that has no room ends with '~', and the details have
 * the whole of it.
 */
const char *top_view_title(const struct top_view *view, const char *time, char *buf);
const char *top_view_header(const struct top_view *view, int width, char *buf);
const char *top_view_line(const struct top_view *view, size_t row, int width, char *buf);
/* Of the selected row; `line` is 0 or 1. */
const char *top_view_details(const struct top_view *view, int line, char *buf);
/* The question, what was done last, or the keys. */
const char *top_view_bottom(const struct top_view *view, char *buf);

#endif
