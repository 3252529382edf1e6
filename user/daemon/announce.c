// SPDX-License-Identifier: GPL-2.0-only
#include "announce.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/journal.h"
#include "base/log.h"
#include "base/text/when.h"
#include "daemon/loop/turn.h"
#include "daemon/store/log/audit_log.h"
#include "net/limits.h"

#define ROWS_MAX    64	 /* of a reading */
#define ALONE_MAX   8	 /* changes of the same kind that have a line each */
#define WAKE_MS	    100	 /* followers are woken at most that often */
#define RETRY_MS    100	 /* journald is behind */
#define PATIENCE_MS 1000 /* how long many changes may go on before they are told */
#define ACTION_MAX  32
#define DETAIL_MAX  256
#define MESSAGE_MAX 1024
#define MESSAGE_ID  "5c8e4b0fd3a94a16a2c0b1f6e64c0a64"
#define NUMBER_MAX  24

/* Consecutive rows that differ in prefix, ticket and end only. */
struct run {
	struct store_change like; /* the first row with the number of the last, and its texts: */
	char action[ACTION_MAX], origin[ORIGIN_TEXT_MAX], reason[REASON_TEXT_MAX];
	char detail[DETAIL_MAX];
	uint64_t count;
	unsigned int lines, sent;
	bool ended;			      /* its lines are being sent */
	struct journal_entry line[ALONE_MAX]; /* of the first rows, then of all */
	struct journal_entry whole;	      /* one line for all of them */
};

struct announce {
	struct store *store;
	struct event *news, *wake, *patience;
	int64_t number; /* the last row that a run has */
	bool impatient, failed;
	bool any; /* something was committed */
	struct run run;
	struct announce_waiter *waiters;
	uint64_t woken_ns;
};

/* --- lines --- */

static const char *until_text(int64_t until_ms, char text[WHEN_TEXT_MAX])
{
	return until_ms > 0 && until_ms <= WHEN_MAX / WHEN_MS ?
		       when_format_exact(until_ms * WHEN_MS, 0, text) :
		       NULL;
}

/* "block 2001:db8:bad:1::/64 until 2026-…Z, origin operator: echo flood [T-7] (alice as root)" */
static void write_message(const struct store_change *change, const char *what, const char *until,
			  const char *actor, char message[MESSAGE_MAX])
{
	const char *reason = change->reason ? change->reason : change->detail;

	snprintf(message, MESSAGE_MAX, "%s%s%s%s%s%s%s%s%s%s%s%s (%s)", change->action,
		 *what ? " " : "", what, until ? " until " : "", until ? until : "",
		 change->origin ? ", origin " : "", change->origin ? change->origin : "",
		 reason ? ": " : "", reason ? reason : "", change->ticket ? " [" : "",
		 change->ticket ? change->ticket : "", change->ticket ? "]" : "", actor);
}

/* `count` 0: the line of that row alone. */
static void write_line(const struct store_change *change, uint64_t count,
		       struct journal_entry *entry)
{
	char prefix[PREFIX_TEXT_MAX] = "", until_buf[WHEN_TEXT_MAX], actor[ACTOR_NAME_MAX];
	char message[MESSAGE_MAX], counted[NUMBER_MAX + 16], number[NUMBER_MAX], many[NUMBER_MAX];
	const char *until = count ? NULL : until_text(change->until_ms, until_buf);

	if (change->has_prefix)
		prefix_format(&change->prefix, prefix);
	actor_name(&change->actor, actor);
	snprintf(counted, sizeof(counted), "%" PRIu64 " prefixes", count);
	snprintf(many, sizeof(many), "%" PRIu64, count);
	snprintf(number, sizeof(number), "%" PRId64, change->number);
	write_message(change, count ? counted : prefix, until, actor, message);
	journal_write(entry, (const struct journal_field[]){
				     {"MESSAGE", message},
				     {"PRIORITY", "6"},
				     {"SYSLOG_IDENTIFIER", "slash64d"},
				     {"MESSAGE_ID", MESSAGE_ID},
				     {"SLASH64_ACTION", change->action},
				     {"SLASH64_PREFIX", count || !*prefix ? NULL : prefix},
				     {"SLASH64_REASON", change->reason},
				     {"SLASH64_TICKET", count ? NULL : change->ticket},
				     {"SLASH64_ACTOR", actor},
				     {"SLASH64_FROM", change->actor.source},
				     {"SLASH64_ORIGIN", change->origin},
				     {"SLASH64_UNTIL", until},
				     {"SLASH64_DETAIL", count ? NULL : change->detail},
				     {"SLASH64_NUMBER", number},
				     {"SLASH64_COUNT", count ? many : NULL},
				     {},
			     });
}

/* --- runs --- */

static const char *keep_text(const char *text, char *kept, size_t bytes)
{
	if (!text)
		return NULL;
	snprintf(kept, bytes, "%s", text);
	return kept;
}

static void run_begin(struct run *run, const struct store_change *change)
{
	run->like = *change;
	run->like.actor.first_row = NULL;
	run->like.action = keep_text(change->action, run->action, sizeof(run->action));
	run->like.origin = keep_text(change->origin, run->origin, sizeof(run->origin));
	run->like.reason = keep_text(change->reason, run->reason, sizeof(run->reason));
	run->like.detail = keep_text(change->detail, run->detail, sizeof(run->detail));
}

static bool is_same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* Compared, and no line is written, for each of a million rows. */
static bool run_has(const struct run *run, const struct store_change *change)
{
	const struct store_change *like = &run->like;

	return like->actor.uid == change->actor.uid &&
	       like->actor.login_uid == change->actor.login_uid &&
	       !strcmp(like->actor.who, change->actor.who) &&
	       !strcmp(like->actor.source, change->actor.source) &&
	       is_same_text(like->action, change->action) &&
	       is_same_text(like->origin, change->origin) &&
	       is_same_text(like->reason, change->reason);
}

/* False at the first row of the next run, which stays to be read. */
static bool take_row(const struct store_change *change, void *data)
{
	struct announce *announce = data;
	struct run *run = &announce->run;

	if (run->count && !run_has(run, change)) {
		run->ended = true;
		return false;
	}
	if (!run->count)
		run_begin(run, change);
	run->like.number = change->number;
	if (++run->count <= ALONE_MAX)
		write_line(change, 0, &run->line[run->count - 1]);
	announce->number = change->number;
	return true;
}

/* -EAGAIN: journald is behind, and the rest of the lines is sent later. */
static int send_run(struct announce *announce)
{
	struct run *run = &announce->run;
	bool many = run->count > ALONE_MAX;
	unsigned int lines = many ? 1 : run->count;

	if (many)
		write_line(&run->like, run->count, &run->whole);
	while (run->sent < lines) {
		int err = journal_say(many ? &run->whole : &run->line[run->sent]);

		if (err)
			return err;
		run->sent++;
	}
	run->count = run->sent = 0;
	run->ended = false;
	return 0;
}

static void wait_ms(struct event *event, unsigned int ms)
{
	const struct timeval span = {ms / 1000, ms % 1000 * 1000};

	event_add(event, &span);
}

/* A long list goes on in the next piece. */
static bool waits_for_more(struct announce *announce)
{
	if (announce->run.count <= ALONE_MAX || announce->impatient)
		return false;
	if (!event_pending(announce->patience, EV_TIMEOUT, NULL))
		wait_ms(announce->patience, PATIENCE_MS);
	return true;
}

/* 1: there is more to read; 0: all is told, or is to be told later; or -errno. */
static int tell_piece(struct announce *announce)
{
	struct error error;
	int rows;

	if (announce->run.ended && send_run(announce))
		return -EAGAIN;
	rows = store_log_after(announce->store, announce->number, ROWS_MAX, take_row, announce,
			       &error);
	if (rows < 0 && !announce->failed)
		log_error("cannot write changes to the journal: %s; retrying", error.text);
	announce->failed = rows < 0;
	if (rows < 0)
		return -EAGAIN;
	if (announce->run.ended || rows == ROWS_MAX)
		return 1;
	if (waits_for_more(announce))
		return 0;
	announce->impatient = false;
	announce->run.ended = announce->run.count;
	return announce->run.ended ? send_run(announce) : 0;
}

/* --- followers --- */

void announce_wait(struct announce *announce, struct announce_waiter *waiter)
{
	waiter->next = announce->waiters;
	waiter->at = &announce->waiters;
	if (waiter->next)
		waiter->next->at = &waiter->next;
	announce->waiters = waiter;
}

void announce_forget(struct announce_waiter *waiter)
{
	if (!waiter->at)
		return;
	*waiter->at = waiter->next;
	if (waiter->next)
		waiter->next->at = waiter->at;
	waiter->at = NULL;
}

/* Each of those who wait now, once: who is woken may wait again. */
static void on_wake(evutil_socket_t fd, short what, void *data)
{
	struct announce *announce = data;
	struct announce_waiter *waiters = announce->waiters;

	(void)fd;
	(void)what;
	announce->woken_ns = turn_now_ns();
	announce->waiters = NULL;
	if (waiters)
		waiters->at = &waiters;
	while (waiters) {
		struct announce_waiter *waiter = waiters;

		announce_forget(waiter);
		waiter->wake(waiter->data);
	}
}

static void plan_wake(struct announce *announce)
{
	uint64_t passed_ms = (turn_now_ns() - announce->woken_ns) / 1000000;

	if (announce->waiters && !event_pending(announce->wake, EV_TIMEOUT, NULL))
		wait_ms(announce->wake, passed_ms < WAKE_MS ? WAKE_MS - passed_ms : 0);
}

/* --- the loop --- */

static void on_news(evutil_socket_t fd, short what, void *data)
{
	struct turn turn = turn_begin();
	struct announce *announce = data;
	int more;

	(void)fd;
	(void)what;
	plan_wake(announce);
	do
		more = tell_piece(announce);
	while (more > 0 && !turn_is_over(&turn));
	if (more)
		wait_ms(announce->news, more > 0 ? 0 : RETRY_MS);
}

static void on_patience(evutil_socket_t fd, short what, void *data)
{
	struct announce *announce = data;

	announce->impatient = true;
	on_news(fd, what, announce);
}

/* Within a commit: the store must not be used yet. */
static void on_commit(void *data)
{
	struct announce *announce = data;

	announce->any = true;
	event_active(announce->news, EV_TIMEOUT, 0);
}

int announce_start(struct announce **out, struct store *store, struct event_base *base,
		   struct error *error)
{
	struct announce *announce = calloc(1, sizeof(*announce));

	if (announce) {
		announce->news = event_new(base, -1, 0, on_news, announce);
		announce->wake = event_new(base, -1, 0, on_wake, announce);
		announce->patience = event_new(base, -1, 0, on_patience, announce);
	}
	if (!announce || !announce->news || !announce->wake || !announce->patience) {
		announce_stop(announce);
		return error_set(error, -ENOMEM, "out of memory");
	}
	announce->number = store_log_last(store, error);
	if (announce->number < 0) {
		int err = announce->number;

		announce_stop(announce);
		return err;
	}
	announce->store = store;
	store_on_commit(store, on_commit, announce);
	*out = announce;
	return 0;
}

/* What journald does not take now goes to standard error. */
static void tell_rest(struct announce *announce)
{
	struct run *run = &announce->run;
	int more;

	announce->impatient = true;
	do {
		more = tell_piece(announce);
		for (; more == -EAGAIN && run->ended && run->sent < run->count; run->sent++) {
			bool many = run->count > ALONE_MAX;

			journal_say_once(many ? &run->whole : &run->line[run->sent]);
			if (many)
				run->sent = run->count;
		}
		announce->impatient = true;
	} while (more > 0 || (more == -EAGAIN && !announce->failed));
}

void announce_stop(struct announce *announce)
{
	if (!announce)
		return;
	if (announce->store) {
		store_on_commit(announce->store, NULL, NULL);
		if (announce->any)
			tell_rest(announce);
	}
	if (announce->news)
		event_free(announce->news);
	if (announce->wake)
		event_free(announce->wake);
	if (announce->patience)
		event_free(announce->patience);
	free(announce);
}
