// SPDX-License-Identifier: GPL-2.0-only
#include "top_live.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/lib/ask.h"
#include "cli/lib/block_words.h"
#include "client/client.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "cli/lib/top/top_screen.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

#define EACH_MS 1000

struct live {
	const struct context *context;
	const char *seconds;
	const struct filter_options *filter;
	struct client *client;
	struct top_view view;
	int64_t fetched_ms; /* CLOCK_MONOTONIC */
	bool failed;	    /* the last fetch */
	struct error error;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

bool top_live_is_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term &&
	       strcmp(term, "dumb");
}

/* --- rows --- */

struct fetched {
	json_t *rows;
	struct error *error;
};

static int take_line(const char *line, void *data)
{
	struct fetched *fetched = data;
	json_t *row = client_decode(line);
	int err = row ? list_failure(row, fetched->error) : -EPROTO;

	if (err)
		json_decref(row);
	else
		json_array_append_new(fetched->rows, row);
	return err;
}

/* Rows that cannot be had leave the old ones, with the error. */
static int fetch(struct live *live)
{
	struct fetched fetched = {json_array(), &live->error};
	char limit[24];
	char *path = client_path_add(client_path("/v1/top"), "seconds", live->seconds);
	int err;

	snprintf(limit, sizeof(limit), "%d", TOP_ROWS_MAX);
	path = client_path_add(path, "limit", limit);
	path = client_path_add(path, "by", top_group_names[live->view.group]);
	path = filter_options_add(path, live->filter);
	err = client_list(live->client, path, take_line, &fetched, &live->error);
	free(path);
	live->fetched_ms = clock_monotonic_ms();
	if (err)
		json_decref(fetched.rows);
	else
		top_view_take(&live->view, fetched.rows);
	return err;
}

static void fetch_and_tell(struct live *live)
{
	char translated[SAID_MAX];
	bool failed = fetch(live);

	if (!failed && live->failed)
		live->view.message[0] = '\0';
	live->failed = failed;
	if (failed)
		snprintf(live->view.message, sizeof(live->view.message), "%s",
			 said(live->error.text, translated));
}

/* --- block --- */

/* What somebody at the screen may confirm. Guard rails take the command line. */
static const char *confirmable(const json_t *refusal, const json_t *body)
{
	const char *code = member_text(refusal, "code");

	if (strcmp(code, "wide") || json_object_get(body, "wide"))
		return NULL;
	return "wide";
}

static void tell_blocked(struct top_view *view, const json_t *answer)
{
	bool in_force = !json_is_false(json_object_get(answer, "in_force"));
	char until[PRINT_MAX], local[PRINT_TEXT_MAX];
	size_t n;

	n = snprintf(view->message, sizeof(view->message), "%s %.128s%s%.64s",
		     in_force ? _("blocked") : _("stored, not in force:"),
		     member_text(answer, "prefix"),
		     member_is_null(answer, "until") ? _(" without end") : _(" until "),
		     member_is_null(answer, "until") ?
			     "" :
			     print_time(member_time(answer, "until"), until));
	if (!member_is_null(answer, "note"))
		n += snprintf(view->message + n, sizeof(view->message) - n, _("; note: %.240s"),
			      print_local(member_text(answer, "note"), local));
	snprintf(view->message + n, sizeof(view->message) - n, _("; 'slash64 undo' takes it back"));
}

/* The hint of a guard rail is an option of the command line. */
static void tell_refused(struct top_view *view, const json_t *refusal, const struct error *error)
{
	char local[PRINT_TEXT_MAX];
	const char *text = print_local(error->text, local);
	bool guarded = refusal && !strcmp(member_text(refusal, "code"), "guarded");
	int n = snprintf(view->message, sizeof(view->message), _("not blocked: %.*s"),
			 guarded ? (int)strcspn(text, ";") : (int)strlen(text), text);

	if (guarded && n < (int)sizeof(view->message))
		snprintf(view->message + n, sizeof(view->message) - n,
			 _("; 'slash64 block %s --force' overrides this"), top_view_asked(view));
}

static void block(struct live *live)
{
	struct top_view *view = &live->view;
	json_t *body = json_pack("{s:s}", "prefix", top_view_asked(view)), *answer;
	json_t *refusal = NULL;
	const char *member;

	if (view->confirms)
		json_object_set_new(body, view->confirms, json_true());
	ssh_sources_add(body);
	answer = ask_send(live->client, "POST", "/v1/blocks", body, "prefix", &refusal,
			  &live->error);
	member = refusal ? confirmable(refusal, body) : NULL;
	if (member) {
		top_view_ask_again(view, live->error.text, member);
	} else {
		if (answer)
			tell_blocked(view, answer);
		else
			tell_refused(view, refusal, &live->error);
		top_view_end_block(view);
	}
	json_decref(refusal);
	json_decref(answer);
	json_decref(body);
}

/* --- loop --- */

static int wait_ms(const struct live *live)
{
	int64_t left = live->fetched_ms + EACH_MS - clock_monotonic_ms();

	return live->view.paused ? EACH_MS : left > 0 ? (int)left : 0;
}

static bool act(struct live *live, int key)
{
	enum top_action action =
		key == TOP_SCREEN_RESIZED ? TOP_REPAINT : top_view_key(&live->view, key);

	switch (action) {
	case TOP_QUIT:
		return false;
	case TOP_FETCH:
		fetch_and_tell(live);
		break;
	case TOP_BLOCK:
		block(live);
		break;
	case TOP_REPAINT:
		top_screen_repaint();
		break;
	case TOP_SHOW:
		break;
	}
	return true;
}

static void run(struct live *live)
{
	bool more = true;

	while (more && !interrupted) {
		int key;

		top_screen_draw(&live->view);
		key = top_screen_key(wait_ms(live));
		if (key == TOP_SCREEN_GONE)
			break;
		if (key != TOP_SCREEN_NONE)
			more = act(live, key);
		else if (!live->view.paused && !*live->view.asks && !wait_ms(live))
			fetch_and_tell(live);
	}
}

/* Before the screen is opened, which would take them for itself. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int top_live(const struct context *context, const char *seconds, const char *by,
	     const struct filter_options *filter)
{
	struct live live = {.context = context, .seconds = seconds, .filter = filter};
	char filter_text[FILTER_TEXT_MAX];
	int err = client_open(&live.client, context->socket, &live.error);
	int code = EXIT_DONE;

	if (*filter_options_text(filter, filter_text))
		live.view.filter = filter_text;
	for (int i = 0; by && i < TOP_GROUPS; i++)
		if (!strcmp(by, top_group_names[i]))
			live.view.group = i;
	if (!err)
		err = fetch(&live);
	catch_signals();
	if (err) {
		code = refused(&live.error);
	} else if (top_screen_open()) {
		run(&live);
		top_screen_close();
	} else {
		code = -1;
	}
	if (live.client)
		client_close(live.client);
	top_view_free(&live.view);
	return code;
}
