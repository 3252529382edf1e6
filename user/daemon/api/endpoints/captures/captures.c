// SPDX-License-Identifier: GPL-2.0-only
/* The control API: captures of packets.
 *
 * Whoever captures reads the rings himself, with the descriptors that come beside the answer
 * (SCM_RIGHTS of unix(7)), so slash64d passes no packet on. libevent knows nothing of descriptors:
 * the answer is written to the socket here, and libevent only tells when the other side has gone.
 */
#include "captures_internal.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/time.h"
#include "base/text/when.h"
#include "daemon/api/handlers.h"
#include "daemon/api/http/reply.h"
#include "daemon/detect/proposals.h"
#include "daemon/events/capture.h"
#include "daemon/loop/aside.h"
#include "daemon/loop/changes.h"
#include "daemon/store/log/audit_log.h"
#include "maps/packets_wait.h"

#define RINGS_BYTES  (64UL << 20) /* of all rings, unless there are very many CPUs */
#define RENEW_MS     (CAPTURE_RENEW_MS / 4)
#define COUNTS_EVERY 4 /* renewals */

/* By name: another interface may get the slot of one that has gone. */
static bool is_wanted(const struct capture_session *session, uint32_t slot)
{
	const struct iface *iface = session->daemon->ifaces.entry[slot];

	return iface && (!*session->interface || !strcmp(session->interface, iface->name));
}

static void answer_end(struct capture_session *session)
{
	struct evhttp_request *end = session->end;

	session->end = NULL;
	if (!end)
		return;
	/* libevent leaves us the request of a client that has gone; ending it frees it */
	if (evhttp_request_get_connection(end))
		reply_object(end, capture_counts_to_json(session));
	else
		evhttp_send_reply_end(end);
}

static void run_close(void *data)
{
	capture_close_rings(&((struct capture_session *)data)->capture);
}

static void on_closed_rings(void *data)
{
	free(data);
}

/* It is over for everybody; its rings are given back beside the loop. */
static void session_free(struct capture_session *session)
{
	answer_end(session);
	if (session->timer)
		event_free(session->timer);
	if (session->daemon->capture == session) {
		session->daemon->capture = NULL;
		session->daemon->capture_ended_ms = clock_monotonic_ms();
	}
	free(session->row);
	if (!session->capture.maps) {
		free(session);
		return;
	}
	capture_pause(&session->capture);
	session->job = (struct aside_job){run_close, on_closed_rings, session, {}};
	aside_run(session->daemon->aside, &session->job);
}

/* The other side has gone. libevent takes the connection away from the request, and leaves that to
 * us; ending it frees it.
 */
static void on_closed(struct evhttp_connection *connection, void *data)
{
	struct capture_session *session = data;

	(void)connection;
	if (!evhttp_request_get_connection(session->request))
		evhttp_send_reply_end(session->request);
	if (session->is_answered)
		session_free(session);
	else
		session->is_off = true;
}

void capture_session_end(struct capture_session *session)
{
	struct evhttp_connection *connection = session->connection;

	evhttp_connection_set_closecb(connection, NULL, NULL);
	session_free(session);
	evhttp_connection_free(connection);
}

/* Has the slot another interface than the reader knows of, or the same one with new counters? */
static bool has_changed(struct capture_session *session, uint32_t slot, const char *name)
{
	struct capture_counts now = capture_counts(&session->capture, slot);
	struct capture_counts *counted = &session->counted[slot];
	bool is_other = strcmp(session->name[slot], name) != 0;

	if (is_other || session->is_anew[slot] || now.matched < counted->matched) {
		struct capture_counts *earlier = &session->earlier[slot];

		if (*session->name[slot])
			capture_slot_changed(&session->capture, slot, *counted);
		*earlier = is_other ? (struct capture_counts){} :
				      (struct capture_counts){earlier->matched + counted->matched,
							      earlier->lost + counted->lost};
		now = (struct capture_counts){};
	}
	*counted = now;
	session->is_anew[slot] = false;
	return is_other;
}

void captures_slot_begins_anew(void *data, uint32_t slot)
{
	struct capture_session *session = ((struct daemon *)data)->capture;

	if (!session || !*session->name[slot] || session->is_anew[slot])
		return;
	/* of one that is not captured any more, it was noted when that was seen */
	if (session->captured[slot])
		session->counted[slot] = capture_counts(&session->capture, slot);
	session->is_anew[slot] = true;
}

/* What is new of the interfaces: is there anything to tell? */
static bool note_interfaces(struct capture_session *session)
{
	bool is_new = false;

	for (uint32_t slot = 0; slot < session->daemon->maps.meta->iface_slots; slot++) {
		const struct iface *iface = session->daemon->ifaces.entry[slot];

		if (!is_wanted(session, slot)) {
			if (!session->captured[slot])
				continue;
			capture_interface(&session->capture, slot, false);
			/* its counters stay until somebody has the slot */
			session->counted[slot] = capture_counts(&session->capture, slot);
			session->captured[slot] = false;
			is_new = true;
		} else if (has_changed(session, slot, iface->name)) {
			strcpy(session->name[slot], iface->name);
			is_new = true;
		}
	}
	return is_new;
}

/* Again and again, as its word is cleared with its counters. */
static void put_on_interfaces(struct capture_session *session)
{
	for (uint32_t slot = 0; slot < session->daemon->maps.meta->iface_slots; slot++)
		if (is_wanted(session, slot)) {
			capture_interface(&session->capture, slot, true);
			session->captured[slot] = true;
		}
}

/* The reader is told of an interface before its packets come, or it would not know whose they are.
 */
static void follow_interfaces(struct capture_session *session)
{
	session->is_untold |= note_interfaces(session);
	if (session->is_untold && !capture_send_line(session->fd, capture_counts_to_json(session)))
		session->is_untold = false;
	if (!session->is_untold)
		put_on_interfaces(session);
}

/* libevent does not read while a request is being answered, and so does not see the end. Whatever
 * the client may have sent behind its request, and nobody reads, does not matter to poll().
 */
static bool has_gone(const struct capture_session *session)
{
	struct pollfd socket = {.fd = session->fd, .events = POLLRDHUP};

	return poll(&socket, 1, 0) > 0;
}

/* What a slot counted before it began anew, since the last time, is told at the end, too. */
static void note_anew(struct capture_session *session)
{
	for (uint32_t slot = 0; slot < session->daemon->maps.meta->iface_slots; slot++)
		if (session->is_anew[slot])
			has_changed(session, slot, session->name[slot]);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct capture_session *session = data;
	int err;

	(void)fd;
	(void)what;
	if (session->end || has_gone(session)) {
		note_anew(session);
		capture_session_end(session);
		return;
	}
	session->paused_ms += capture_renew(&session->capture);
	follow_interfaces(session);
	if (++session->renewals % COUNTS_EVERY)
		return;
	err = capture_send_line(session->fd, capture_counts_to_json(session));
	if (err && err != -EAGAIN)
		capture_session_end(session);
}

/* --- requests --- */

static const char *const keys[] = {"source",  "destination", "class",	"reason",
				   "verdict", "interface",   "snaplen", NULL};

/* `said` is the filter in words, for the log. */
static int read_filter(const struct daemon *daemon, const json_t *body, struct event_filter *filter,
		       uint32_t *snaplen, char said[CAPTURE_FILTER_TEXT_MAX], struct error *error)
{
	size_t used = 0;
	int err = 0;

	event_filter_init(filter);
	said[0] = '\0';
	for (size_t i = 0; strcmp(keys[i], "snaplen") && !err; i++) {
		const char *text;
		struct iface *iface;

		err = object_text(body, keys[i], S64_IFACE_NAME_MAX, &text, error);
		if (err || !text)
			continue;
		if (strcmp(keys[i], "interface")) {
			err = event_filter_set(filter, keys[i], text, error);
		} else {
			iface = ifaces_find_any(&daemon->ifaces, text);
			if (iface)
				filter->slot = iface->slot;
			else
				err = ifaces_not_attached(text, error);
		}
		if (!err)
			used += snprintf(said + used, CAPTURE_FILTER_TEXT_MAX - used, "%s%s %.128s",
					 used ? ", " : "", keys[i], text);
		if (used >= CAPTURE_FILTER_TEXT_MAX)
			used = CAPTURE_FILTER_TEXT_MAX - 1;
	}
	*snaplen = S64_CAPTURE_BYTES_MAX;
	if (!err)
		err = object_count(body, "snaplen", S64_CAPTURE_BYTES_MAX, snaplen, error);
	if (!*snaplen)
		*snaplen = S64_CAPTURE_BYTES_MAX;
	return err;
}

static int refuse_second(const struct capture_session *first, struct error *error)
{
	char since[WHEN_TEXT_MAX];

	return error_set(
		error, -EBUSY,
		"%s captures since %s (process %lld), and only one capture can run: end that one first",
		first->by, when_format_exact(first->since_ms * WHEN_MS, 0, since),
		(long long)first->pid);
}

/* It lasts as long as somebody reads it. */
static void answer(struct capture_session *session)
{
	struct timeval span = {RENEW_MS / 1000, RENEW_MS % 1000 * 1000};
	struct evhttp_connection *connection = session->connection;

	evhttp_connection_set_timeout(connection, 0);
	bufferevent_set_timeouts(evhttp_connection_get_bufferevent(connection), NULL, NULL);
	event_add(session->timer, &span);
	note_interfaces(session);
	session->is_answered = true;
	if (capture_send_answer(session))
		capture_session_end(session);
	else
		put_on_interfaces(session);
}

static void run_open(void *data)
{
	struct capture_session *session = data;

	session->err =
		capture_open_rings(&session->capture, RINGS_BYTES, session->soon, &session->error);
}

/* On the loop again: the rings are there, or not. */
static void on_open_rings(void *data)
{
	struct capture_session *session = data;
	struct evhttp_request *request = session->request;
	struct error error = session->error;
	int err = session->err;

	if (err)
		session->capture.maps = NULL;
	if (session->is_off) {
		session_free(session);
		return;
	}
	if (!err)
		err = capture_log(session, &error);
	if (!err) {
		capture_begin(&session->capture, &session->filter);
		answer(session);
		return;
	}
	evhttp_connection_set_closecb(session->connection, NULL, NULL);
	session_free(session);
	reply_error(request, err, &error);
}

static int start(struct daemon *daemon, struct capture_session *session,
		 struct evhttp_request *request, const struct event_filter *filter,
		 uint32_t snaplen, struct error *error)
{
	int64_t now_ms = clock_monotonic_ms();

	session->request = request;
	session->connection = evhttp_request_get_connection(request);
	session->fd = bufferevent_getfd(evhttp_connection_get_bufferevent(session->connection));
	session->since_ms = clock_wall_ms();
	session->filter = event_filter_for_capture(filter, snaplen);
	/* a person's comes first: that of a proposal is closed before this one is opened */
	proposals_keep_packets(daemon->proposals, now_ms, -1);
	session->soon = now_ms - daemon->capture_ended_ms <= PACKETS_LONGEST_MS ||
			now_ms - (int64_t)daemon->proposals->packets.ended_ms <= PACKETS_LONGEST_MS;
	if (filter->slot != EVENT_FILTER_ANY)
		strcpy(session->interface, daemon->ifaces.entry[filter->slot]->name);
	session->timer = event_new(daemon->base, -1, EV_PERSIST, on_timer, session);
	if (!session->timer || !session->row)
		return error_set(error, -ENOMEM, "out of memory");
	evhttp_connection_set_closecb(session->connection, on_closed, session);
	capture_prepare(&session->capture, &daemon->maps);
	daemon->capture = session;
	session->job = (struct aside_job){run_open, on_open_rings, session, {}};
	aside_run(daemon->aside, &session->job);
	return 0;
}

void control_post_capture(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor)
{
	json_t *body;
	struct capture_session *session;
	struct event_filter filter;
	char said[CAPTURE_FILTER_TEXT_MAX];
	struct error error;
	uint32_t snaplen;
	int err;

	body = request_object(request, keys, &error);
	if (!body) {
		reply_error(request, -EINVAL, &error);
		return;
	}
	err = read_filter(daemon, body, &filter, &snaplen, said, &error);
	json_decref(body);
	/* the next one need not wait until the end of this one is noticed */
	if (daemon->capture && daemon->capture->is_answered && has_gone(daemon->capture))
		capture_session_end(daemon->capture);
	if (!err && daemon->capture)
		err = refuse_second(daemon->capture, &error);
	session = err ? NULL : calloc(1, sizeof(*session));
	if (!err && !session)
		err = error_set(&error, -ENOMEM, "out of memory");
	if (!err) {
		session->daemon = daemon;
		session->number = ++daemon->captures;
		actor_name(actor, session->by);
		session->pid = actor->pid;
		session->row = capture_row_new(session, actor, said);
		err = start(daemon, session, request, &filter, snaplen, &error);
	}
	if (!err)
		return;
	if (session)
		session_free(session);
	reply_error(request, err, &error);
}

/* Ends it in the datapath, and tells what it came to. What is in the rings can still be read. */
void control_delete_capture(struct daemon *daemon, struct evhttp_request *request,
			    const struct actor *actor)
{
	const struct timeval last = {0, PACKETS_LONGEST_MS * 1000};
	struct capture_session *session = daemon->capture;
	int64_t number = 0;
	struct error error;
	int err;

	(void)actor;
	err = request_count(request, "capture", 1, INT64_MAX, &number, &error);
	if (!err && (!session || !session->is_answered || (int64_t)session->number != number ||
		     session->end))
		err = error_set(&error, -ENOENT, "unknown capture; it may have ended");
	if (err) {
		reply_error(request, err, &error);
		return;
	}
	capture_pause(&session->capture);
	session->end = request;
	event_add(session->timer, &last);
}

void captures_stop(struct daemon *daemon)
{
	struct capture_session *session = daemon->capture;

	if (session && !session->is_answered) {
		evhttp_connection_set_closecb(session->connection, NULL, NULL);
		session->is_off = true;
	} else if (session) {
		capture_session_end(session);
	}
	aside_finish(daemon->aside);
}
