// SPDX-License-Identifier: GPL-2.0-only
#include "top_screen.h"

#include <curses.h>
#include <stdio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <time.h>

#include "cli/lib/output/print.h"
#include "cli/lib/output/terminal.h"
#include "base/text/language.h"
#include "cli/lib/output/wrap.h"

#define LINES_AROUND 5 /* title, header, two of details, bottom */
#define TIME_MAX     16

enum { PAIR_BAD = 1, PAIR_WARN };

static SCREEN *screen;

static void open_colours(void)
{
	if (!*tone_begin(TONE_BAD) || !has_colors())
		return;
	start_color();
	use_default_colors();
	init_pair(PAIR_BAD, COLOR_RED, -1);
	init_pair(PAIR_WARN, COLOR_YELLOW, -1);
}

bool top_screen_open(void)
{
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return false;
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	curs_set(0);
	open_colours();
	return true;
}

void top_screen_close(void)
{
	endwin();
	delscreen(screen);
	screen = NULL;
}

static void put_line(int y, const char *text, int attributes)
{
	move(y, 0);
	clrtoeol();
	attron(attributes);
	addnstr(text, text_bytes_of(text, COLS));
	attroff(attributes);
}

/* The numbers say the same. */
static int attributes_of(const json_t *row)
{
	if (!has_colors() || !*tone_begin(TONE_BAD))
		return 0;
	if (member_number(row, "dropped_packets_per_second") > 0)
		return COLOR_PAIR(PAIR_BAD);
	return member_number(row, "would_drop_packets_per_second") > 0 ? COLOR_PAIR(PAIR_WARN) : 0;
}

static const char *time_now(char buf[TIME_MAX])
{
	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	strftime(buf, TIME_MAX, "%H:%M:%S", &local);
	return buf;
}

/* A question or an answer may be longer than a line: nothing of it is cut while there is room. */
static void put_bottom(const struct top_view *view)
{
	char buf[TOP_LINE_MAX];
	const char *text = top_view_bottom(view, buf);
	int attributes = *view->asks ? A_BOLD : 0, lines = 1;

	if (*view->asks || *view->message)
		for (const char *rest = text + text_bytes_of(text, COLS); *rest && lines < LINES;
		     lines++)
			rest += text_bytes_of(rest, COLS);
	for (int i = 0; i < lines; i++, text += text_bytes_of(text, COLS))
		put_line(LINES - lines + i, text, attributes);
}

void top_screen_draw(struct top_view *view)
{
	char buf[TOP_LINE_MAX], now[TIME_MAX];
	int rows = LINES > LINES_AROUND ? LINES - LINES_AROUND : 1;

	view->page = rows;
	if (view->at >= view->first + view->page)
		view->first = view->at - view->page + 1;
	put_line(0, top_view_title(view, time_now(now), buf), A_BOLD);
	put_line(1, top_view_header(view, COLS, buf), A_BOLD);
	for (int i = 0; i < rows; i++) {
		const json_t *row = json_array_get(view->rows, view->first + i);

		put_line(2 + i, top_view_line(view, view->first + i, COLS, buf),
			 (view->first + i == view->at && row ? A_REVERSE : 0) |
				 (row ? attributes_of(row) : 0));
	}
	if (!json_array_size(view->rows))
		put_line(2,
			 view->filter ? _("  no such packets seen") : _("  no IPv6 traffic seen"),
			 0);
	put_line(LINES - 3, top_view_details(view, 0, buf), A_BOLD);
	put_line(LINES - 2, top_view_details(view, 1, buf), 0);
	put_bottom(view);
	refresh();
}

void top_screen_repaint(void)
{
	clearok(curscr, TRUE);
}

static bool is_readable(void)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&in, 1, 0) > 0 && in.revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL);
}

int top_screen_key(int timeout_ms)
{
	int key;

	timeout(timeout_ms);
	key = getch();
	/* a key that came just now, or the end, which can be read for ever */
	if (key == ERR && is_readable()) {
		timeout(0);
		key = getch();
		if (key == ERR)
			return TOP_SCREEN_GONE;
	}
	switch (key) {
	case ERR:
		return TOP_SCREEN_NONE;
	case KEY_RESIZE:
		return TOP_SCREEN_RESIZED;
	case KEY_UP:
		return TOP_KEY_UP;
	case KEY_DOWN:
		return TOP_KEY_DOWN;
	case KEY_PPAGE:
		return TOP_KEY_PAGE_UP;
	case KEY_NPAGE:
		return TOP_KEY_PAGE_DOWN;
	case KEY_HOME:
		return TOP_KEY_HOME;
	case KEY_END:
		return TOP_KEY_END;
	}
	return key;
}
