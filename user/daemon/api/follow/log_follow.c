// SPDX-License-Identifier: GPL-2.0-only
#include "log_follow.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdbool.h>
#include <stdlib.h>

#include "daemon/announce.h"
#include "daemon/api/http/failures.h"
#include "daemon/api/http/caller.h"
#include "daemon/api/http/reply.h"
#include "daemon/daemon.h"
#include "daemon/loop/turns.h"
#include "daemon/store/log/audit_log.h"

#define PAGE_ROWS 64 /* looked at in a turn */

struct follower {
	struct daemon *daemon;
	struct evhttp_request *request;
	struct store_log_filter filter; /* `after` moves on */
	struct evbuffer *page;
	struct turns_share next; /* another page */
	struct event *beat;	 /* an empty line, where there is none */
	struct announce_waiter waiter;
};

static void follower_free(struct follower *follower)
{
	announce_forget(&follower->waiter);
	follower->daemon->followers--;
	if (follower->page)
		evbuffer_free(follower->page);
	turns_forget(&follower->next);
	if (follower->beat)
		event_free(follower->beat);
	free(follower);
}

/* Nobody reads any more: as in stream.c. */
static void on_closed(struct evhttp_connection *connection, void *data)
{
	struct follower *follower = data;

	(void)connection;
	if (!evhttp_request_get_connection(follower->request))
		evhttp_send_reply_end(follower->request);
	follower_free(follower);
}

/* In a turn that has time for it: many may follow. */
static void plan(struct follower *follower)
{
	turns_ask(follower->daemon->turns, &follower->next);
}

static void on_sent(struct evhttp_connection *connection, void *data)
{
	(void)connection;
	plan(data);
}

static void send_page(struct follower *follower)
{
	evhttp_send_reply_chunk_with_cb(follower->request, follower->page, on_sent, follower);
}

/* The log is shortened at its old end. */
static void tell_lost(struct follower *follower, int64_t rows)
{
	reply_line(follower->page, json_pack("{s:I}", "lost", (json_int_t)rows));
}

/* Numbers have no gaps, as a change that fails gives its number back. */
static bool take_row(const struct store_change *change, void *data)
{
	struct follower *follower = data;
	const struct store_log_filter *filter = &follower->filter;

	if (change->number > filter->after + 1)
		tell_lost(follower, change->number - filter->after - 1);
	follower->filter.after = change->number;
	if (!filter->has_prefix || store_log_is_near(change, &filter->prefix))
		reply_line(follower->page, change_to_json(change));
	return true;
}

static void end(struct follower *follower, int err, const struct error *error)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(follower->request);

	reply_line(follower->page, failure_to_json(failure_of(err, error), error));
	if (connection)
		evhttp_connection_set_closecb(connection, NULL, NULL);
	evhttp_send_reply_chunk(follower->request, follower->page);
	evhttp_send_reply_end(follower->request);
	follower_free(follower);
}

/* Sends what there is, and waits for more where there is nothing. */
static void follow(void *data)
{
	static const struct timeval beat = {LOG_FOLLOW_BEAT_S, 0};
	struct follower *follower = data;
	struct error error;
	int rows = store_log_after(follower->daemon->store, follower->filter.after, PAGE_ROWS,
				   take_row, follower, &error);

	if (rows < 0) {
		end(follower, rows, &error);
		return;
	}
	if (evbuffer_get_length(follower->page)) {
		send_page(follower);
	} else if (rows == PAGE_ROWS) {
		plan(follower);
	} else {
		announce_wait(follower->daemon->announce, &follower->waiter);
		event_add(follower->beat, &beat);
	}
}

static void on_wake(void *data)
{
	struct follower *follower = data;

	event_del(follower->beat);
	plan(follower);
}

static void on_beat(evutil_socket_t fd, short what, void *data)
{
	struct follower *follower = data;

	(void)fd;
	(void)what;
	announce_forget(&follower->waiter);
	evbuffer_add(follower->page, "\n", 1);
	send_page(follower);
}

/* From a log that was lost there are no rows with such numbers. */
static int begin_at(struct follower *follower, struct error *error)
{
	int64_t last = store_log_last(follower->daemon->store, error);

	if (last < 0)
		return last;
	if (!follower->filter.has_after)
		follower->filter.after = last;
	if (follower->filter.after > last)
		return error_set(
			error, -ENOENT,
			"the log has no change %lld, its last is %lld: it was reset; follow it without 'after'",
			(long long)follower->filter.after, (long long)last);
	return 0;
}

static struct follower *follower_new(struct daemon *daemon, struct evhttp_request *request,
				     const struct store_log_filter *filter)
{
	struct follower *follower = calloc(1, sizeof(*follower));

	if (!follower)
		return NULL;
	daemon->followers++;
	follower->daemon = daemon;
	follower->request = request;
	follower->filter = *filter;
	follower->waiter.wake = on_wake;
	follower->waiter.data = follower;
	follower->page = evbuffer_new();
	follower->next = (struct turns_share){.run = follow, .data = follower};
	follower->beat = event_new(daemon->base, -1, 0, on_beat, follower);
	if (follower->page && follower->beat)
		return follower;
	follower_free(follower);
	return NULL;
}

static unsigned int followers_max(struct evhttp_request *request)
{
	return LOG_FOLLOWERS_MAX - (caller_is_known(request) ? 0 : CALLER_STREAMS_KEPT);
}

int log_follow(struct daemon *daemon, struct evhttp_request *request,
	       const struct store_log_filter *filter, struct error *error)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	const struct timeval write_span = {LOG_FOLLOW_WRITE_S, 0};
	struct follower *follower;
	int err;

	if (daemon->followers >= followers_max(request))
		return error_set(error, -EBUSY, "%u follow the log already; end one of them",
				 daemon->followers);
	follower = follower_new(daemon, request, filter);
	err = follower ? begin_at(follower, error) : error_set(error, -ENOMEM, "out of memory");
	if (err) {
		if (follower)
			follower_free(follower);
		return err;
	}
	/* the client has no more to say, for as long as it follows */
	bufferevent_set_timeouts(evhttp_connection_get_bufferevent(connection), NULL, &write_span);
	evhttp_connection_set_closecb(connection, on_closed, follower);
	reply_list_header(request);
	evhttp_send_reply_start(request, HTTP_OK, "OK");
	/* the header goes out at once */
	evbuffer_add(follower->page, "\n", 1);
	send_page(follower);
	return 0;
}
