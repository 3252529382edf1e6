// SPDX-License-Identifier: GPL-2.0-only
#include "top_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/output/print.h"
#include "cli/lib/output/table_rows.h"
#include "net/spoken.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"
#include "cli/lib/output/wrap.h"

#define MARK_WIDTH     2
#define NUMBER_WIDTH   11 /* of a column behind the name */
#define NAME_LEAST     23 /* "2001:db8:ffff:ffff::/64" */
#define NAME_WIDTH     43 /* "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128" */
#define CHECK_MAX      48
#define SORT_TITLE_MAX 48

const char *const top_group_names[TOP_GROUPS + 1] = {"source", "destination", "48",
						     "class",  "reason",      NULL};
/* Their names in a row, in the header, and the keys that choose them. */
static const char *const members[TOP_GROUPS] = {"source", "destination", "aggregate", "class",
						"reason"};
static const char *const titles[TOP_GROUPS] = {N_("SOURCE"), N_("DESTINATION"),
					       N_("SOURCES OF /48"), N_("CLASS"), N_("REASON")};
static const char group_keys[TOP_GROUPS + 1] = "sd4cr";
static const char *const sort_titles[TOP_SORTS] = {N_("PACKETS/S"), N_("DROPPED/S"), N_("WOULD/S"),
						   N_("PEAK/S"), N_("SINCE")};
static const char *const sort_members[TOP_SORTS] = {"packets_per_second",
						    "dropped_packets_per_second",
						    "would_drop_packets_per_second",
						    "peak_packets_per_second", "since"};

/* --- rows --- */

static const char *name_of(const struct top_view *view, const json_t *row)
{
	return member_text(row, members[view->group]);
}

/* The newest first, like the loudest. */
static double value_of(const struct top_view *view, const json_t *row)
{
	if (view->sort == TOP_SINCE)
		return member_time(row, "since");
	return member_number(row, sort_members[view->sort]);
}

static int compare(const void *a, const void *b, void *data)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	const struct top_view *view = data;
	double difference = value_of(view, y) - value_of(view, x);

	if (view->reverse)
		difference = -difference;
	if (difference)
		return difference > 0 ? 1 : -1;
	return strcmp(name_of(view, x), name_of(view, y));
}

static void sort_rows(struct top_view *view)
{
	size_t count = json_array_size(view->rows);
	json_t **rows = calloc(count + 1, sizeof(*rows));
	json_t *sorted = json_array();

	for (size_t i = 0; rows && i < count; i++)
		rows[i] = json_array_get(view->rows, i);
	if (rows && sorted) {
		qsort_r(rows, count, sizeof(*rows), compare, view);
		for (size_t i = 0; i < count; i++)
			json_array_append(sorted, rows[i]);
		json_decref(view->rows);
		view->rows = sorted;
	} else {
		json_decref(sorted);
	}
	free(rows);
}

static void scroll(struct top_view *view)
{
	if (view->at < view->first)
		view->first = view->at;
	else if (view->page && view->at >= view->first + view->page)
		view->first = view->at - view->page + 1;
}

/* Nothing was selected, or it is gone: whatever is in its place. */
static void find_selected(struct top_view *view)
{
	size_t count = json_array_size(view->rows), i;

	for (i = 0; i < count && *view->selected; i++)
		if (!strcmp(name_of(view, json_array_get(view->rows, i)), view->selected))
			break;
	if (*view->selected && i < count)
		view->at = i;
	else if (view->at >= count)
		view->at = count ? count - 1 : 0;
	scroll(view);
}

void top_view_take(struct top_view *view, json_t *rows)
{
	json_decref(view->rows);
	view->rows = rows;
	sort_rows(view);
	find_selected(view);
}

void top_view_free(struct top_view *view)
{
	json_decref(view->rows);
	view->rows = NULL;
}

const json_t *top_view_row(const struct top_view *view)
{
	return json_array_get(view->rows, view->at);
}

const char *top_view_asked(const struct top_view *view)
{
	return view->asks;
}

/* The hint behind the semicolon is for the command line. */
void top_view_ask_again(struct top_view *view, const char *why, const char *member)
{
	snprintf(view->because, sizeof(view->because), "%.*s", (int)strcspn(why, ";"), why);
	view->confirms = member;
}

void top_view_end_block(struct top_view *view)
{
	view->asks[0] = '\0';
	view->because[0] = '\0';
	view->confirms = NULL;
}

/* --- keys --- */

static void select_row(struct top_view *view, size_t at)
{
	size_t count = json_array_size(view->rows);

	view->at = at < count ? at : count ? count - 1 : 0;
	snprintf(view->selected, sizeof(view->selected), "%s",
		 count ? name_of(view, top_view_row(view)) : "");
	scroll(view);
}

/* Where a key leads from the selected row. */
static bool move(struct top_view *view, int key)
{
	size_t page = view->page ? view->page : 1;

	switch (key) {
	case TOP_KEY_UP:
		select_row(view, view->at ? view->at - 1 : 0);
		return true;
	case TOP_KEY_DOWN:
		select_row(view, view->at + 1);
		return true;
	case TOP_KEY_PAGE_UP:
		select_row(view, view->at > page ? view->at - page : 0);
		return true;
	case TOP_KEY_PAGE_DOWN:
		select_row(view, view->at + page);
		return true;
	case TOP_KEY_HOME:
		select_row(view, 0);
		return true;
	case TOP_KEY_END:
		select_row(view, json_array_size(view->rows));
		return true;
	}
	return false;
}

static enum top_action answer(struct top_view *view, int key)
{
	bool yes = key == 'y' || key == 'Y';

	if (yes)
		return TOP_BLOCK;
	snprintf(view->message, sizeof(view->message), _("nothing is changed"));
	top_view_end_block(view);
	return TOP_SHOW;
}

static void begin_block(struct top_view *view)
{
	const json_t *row = top_view_row(view);

	view->message[0] = '\0';
	if (!row)
		snprintf(view->message, sizeof(view->message), _("there is nothing to block"));
	else if (view->group != TOP_SOURCES && view->group != TOP_AGGREGATES)
		snprintf(view->message, sizeof(view->message),
			 _("a source or a /48 can be blocked: s or 4 shows them"));
	else
		snprintf(view->asks, sizeof(view->asks), "%s", name_of(view, row));
}

static enum top_action choose_group(struct top_view *view, enum top_group group)
{
	if (group == view->group)
		return TOP_SHOW;
	view->group = group;
	view->selected[0] = '\0';
	view->at = view->first = 0;
	json_decref(view->rows);
	view->rows = NULL;
	return TOP_FETCH;
}

static void choose_sort(struct top_view *view, int step)
{
	view->sort = (view->sort + TOP_SORTS + step) % TOP_SORTS;
	sort_rows(view);
	find_selected(view);
}

enum top_action top_view_key(struct top_view *view, int key)
{
	const char *group = key > 0 && key < 128 ? strchr(group_keys, key) : NULL;

	if (*view->asks)
		return answer(view, key);
	view->message[0] = '\0';
	if (group)
		return choose_group(view, group - group_keys);
	if (move(view, key))
		return TOP_SHOW;
	switch (key) {
	case 'q':
	case 'Q':
		return TOP_QUIT;
	case 'L' - '@':
		return TOP_REPAINT;
	case ' ':
	case 'p':
		view->paused = !view->paused;
		return view->paused ? TOP_SHOW : TOP_FETCH;
	case '>':
		choose_sort(view, 1);
		break;
	case '<':
		choose_sort(view, -1);
		break;
	case 'R':
		view->reverse = !view->reverse;
		choose_sort(view, 0);
		break;
	case 'j':
		move(view, TOP_KEY_DOWN);
		break;
	case 'k':
		move(view, TOP_KEY_UP);
		break;
	case 'b':
		begin_block(view);
	}
	return TOP_SHOW;
}

/* --- lines --- */

/* Where not all columns have room, the sorted one is there, and the name. */
static int count_columns(int width)
{
	int count = (width - MARK_WIDTH - NAME_LEAST) / NUMBER_WIDTH;

	return count < 1 ? 1 : count < TOP_SORTS ? count : TOP_SORTS;
}

static enum top_sort column_at(const struct top_view *view, int i, int count)
{
	return i == count - 1 && (int)view->sort >= count ? view->sort : (enum top_sort)i;
}

static int name_width(int width)
{
	int room = width - MARK_WIDTH - count_columns(width) * NUMBER_WIDTH;

	return room < 8 ? 8 : room < NAME_WIDTH ? room : NAME_WIDTH;
}

static const char *cut(char *buf, int width)
{
	if (width > 0)
		buf[text_bytes_of(buf, width)] = '\0';
	return buf;
}

/* A text in so many columns, on the right if that is negative; one without room has a blank before it. */
static int put_column(char *buf, size_t bytes, const char *text, int columns)
{
	int fill = abs(columns) - text_columns(text);
	int n = snprintf(buf, bytes, "%*s%s%*s", columns < 0 && fill > 0 ? fill : 0, "", text,
			 columns > 0 && fill > 0 ? fill : 0, "");

	return n < 0 || (size_t)n >= bytes ? (int)bytes - 1 : n;
}

/* The filter last, as it may have no room. */
const char *top_view_title(const struct top_view *view, const char *time, char *buf)
{
	snprintf(buf, TOP_LINE_MAX, _("slash64 top  by %s  %zu rows  %s%s%s%.300s"),
		 top_group_names[view->group], json_array_size(view->rows), time,
		 view->paused ? _("  PAUSED") : "", view->filter ? _("  only ") : "",
		 view->filter ? view->filter : "");
	return buf;
}

const char *top_view_header(const struct top_view *view, int width, char *buf)
{
	int name = name_width(width), count = count_columns(width), n;

	n = snprintf(buf, TOP_LINE_MAX, "  ");
	n += put_column(buf + n, TOP_LINE_MAX - n, _(titles[view->group]), name);
	for (int i = 0; i < count; i++) {
		enum top_sort column = column_at(view, i, count);
		char title[SORT_TITLE_MAX];

		snprintf(title, sizeof(title), "%s%s", column == view->sort ? "*" : "",
			 _(sort_titles[column]));
		n += put_column(buf + n, TOP_LINE_MAX - n, title, -NUMBER_WIDTH);
	}
	if (view->group != TOP_CLASSES && view->group != TOP_REASONS)
		snprintf(buf + n, TOP_LINE_MAX - n, _("  CLASS  REASON"));
	return cut(buf, width);
}

/* As in the table of `top`: "~294" for a sample with an error of a tenth or more. */
static const char *rate_text(const json_t *row, enum top_sort column, char buf[PRINT_MAX])
{
	char rate[PRINT_MAX];
	bool is_uncertain = column != TOP_PEAK &&
			    member_number(row, "uncertainty_percent") >= ROWS_UNCERTAIN_PERCENT;

	print_rate(member_number(row, sort_members[column]), rate);
	snprintf(buf, PRINT_MAX, "%s%.60s", is_uncertain ? "~" : "", rate);
	return buf;
}

static const char *column_text(const json_t *row, enum top_sort column, char buf[PRINT_MAX])
{
	return column == TOP_SINCE ? print_when(member_time(row, "since"), buf) :
				     rate_text(row, column, buf);
}

const char *top_view_line(const struct top_view *view, size_t number, int width, char *buf)
{
	const json_t *row = json_array_get(view->rows, number);
	int name = name_width(width), count = count_columns(width), n;
	char text[PRINT_MAX], shown[TOP_NAME_MAX];

	buf[0] = '\0';
	if (!row)
		return buf;
	snprintf(shown, sizeof(shown), "%s", name_of(view, row));
	if (strlen(shown) > (size_t)name)
		strcpy(shown + name - 1, "~");
	n = snprintf(buf, TOP_LINE_MAX, "%c %-*s", number == view->at ? '>' : ' ', name, shown);
	for (int i = 0; i < count; i++)
		n += put_column(buf + n, TOP_LINE_MAX - n,
				column_text(row, column_at(view, i, count), text), -NUMBER_WIDTH);
	if (view->group != TOP_CLASSES && view->group != TOP_REASONS)
		snprintf(buf + n, TOP_LINE_MAX - n, "  %.60s  %.60s", member_text(row, "class"),
			 member_text(row, "reason"));
	return cut(buf, width);
}

/* " (check U1)", or "". */
static const char *check_text(const char *name, char buf[CHECK_MAX])
{
	char check[SPOKEN_CHECK + 1];
	struct prefix prefix;

	buf[0] = '\0';
	if (!prefix_parse_whole(name, &prefix, NULL) && !prefix_is_v4(&prefix) &&
	    !spoken_check(&prefix, check))
		snprintf(buf, CHECK_MAX, _(" (check %s)"), check);
	return buf;
}

const char *top_view_details(const struct top_view *view, int line, char *buf)
{
	const json_t *row = top_view_row(view);
	char bits[PRINT_MAX], dropped[PRINT_MAX], would[PRINT_MAX], check[CHECK_MAX];

	buf[0] = '\0';
	if (!row)
		return buf;
	if (!line) {
		snprintf(buf, TOP_LINE_MAX, "%.*s%s%s", TOP_NAME_MAX, name_of(view, row),
			 check_text(name_of(view, row), check),
			 json_is_true(json_object_get(row, "blocked")) ? _("  blocked") : "");
		return buf;
	}
	print_percent(member_number(row, "dropped_percent"), dropped);
	print_percent(member_number(row, "would_drop_percent"), would);
	snprintf(buf, TOP_LINE_MAX, _("%.60s  %.60s  %s  dropped %s  would drop %s"),
		 member_text(row, "class"), member_text(row, "reason"),
		 print_bit_rate(member_number(row, "bytes_per_second"), bits), dropped, would);
	return buf;
}

const char *top_view_bottom(const struct top_view *view, char *buf)
{
	char check[CHECK_MAX], because[SAID_MAX];

	if (*view->because)
		snprintf(buf, TOP_LINE_MAX, _("%.400s; proceed? [y/N]"),
			 said(view->because, because));
	else if (*view->asks)
		snprintf(buf, TOP_LINE_MAX, _("block %s%s? [y/N]"), view->asks,
			 check_text(view->asks, check));
	else if (*view->message)
		snprintf(buf, TOP_LINE_MAX, "%s", view->message);
	else
		snprintf(
			buf, TOP_LINE_MAX,
			_("q: quit   b: block   space: pause   s d 4 c r: group by   < > R: sort"));
	return buf;
}
