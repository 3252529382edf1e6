// SPDX-License-Identifier: GPL-2.0-only
/* The control API: captures of packets.
 *
 * Whoever captures reads the rings himself, with the descriptors that come beside the answer
 * (SCM_RIGHTS of unix(7)), so slash64d passes no packet on. libevent knows nothing of descriptors:
 * the answer is written to the socket here, and libevent only tells when the other side has gone.
 */
#include "captures.h"

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

#define RINGS_BYTES   (64UL << 20) /* of all rings, unless there are very many CPUs */
#define RENEW_MS      (CAPTURE_RENEW_MS / 4)
#define COUNTS_EVERY  4 /* renewals */
#define RINGS_AT_ONCE 128
#define FILTER_MAX    512

struct capture_row;

struct capture_session {
	struct daemon *daemon;
	struct evhttp_request *request;
	struct evhttp_connection *connection;
	int fd; /* of the connection */
	/* whoever ends it, and is answered when the last packets are counted; NULL: it goes on */
	struct evhttp_request *end;
	struct event *timer;
	unsigned int renewals;
	uint64_t number;
	uint64_t paused_ms;		    /* nothing was captured for so long */
	char interface[S64_IFACE_NAME_MAX]; /* only on this one, by its name; "": on all */
	struct capture capture;
	/* by slot: the name the reader knows of, "" for none; and what was counted last */
	char name[S64_IFACES_MAX][S64_IFACE_NAME_MAX];
	struct capture_counts counted[S64_IFACES_MAX];
	/* before it was detached and attached again, with new counters */
	struct capture_counts earlier[S64_IFACES_MAX];
	bool captured[S64_IFACES_MAX];
	bool is_untold; /* the reader could not take the line about it */
	char by[ACTOR_NAME_MAX];
	int64_t pid, since_ms; /* since 1970 */
	bool is_answered;
	int log_err; /* its row could not be written */
	struct error log_error;
	/* while its rings are opened */
	struct aside_job job;
	struct s64_capture_filter filter;
	struct capture_row *row;
	bool soon;   /* after the one before it */
	bool is_off; /* whoever wanted it has gone */
	int err;
	struct error error;
};

/* By name: another interface may get the slot of one that has gone. */
static bool is_wanted(const struct capture_session *session, uint32_t slot)
{
	const struct iface *iface = session->daemon->ifaces.entry[slot];

	return iface && (!*session->interface || !strcmp(session->interface, iface->name));
}

/* --- what is told --- */

/* Those that the reader knows of, also one that has gone and whose slot nobody has yet. */
static json_t *interfaces_to_json(const struct capture_session *session, bool counts)
{
	json_t *array = json_array();

	for (uint32_t slot = 0; slot < session->daemon->maps.meta->iface_slots; slot++) {
		struct capture_counts count;
		json_t *object;

		if (!*session->name[slot])
			continue;
		object = json_pack("{s:i, s:o}", "slot", (int)slot, "interface",
				   text_to_json(session->name[slot]));
		count = capture_counts(&session->capture, slot);
		count.matched += session->earlier[slot].matched;
		count.lost += session->earlier[slot].lost;
		if (counts && object)
			json_object_update_new(object, json_pack("{s:I, s:I}", "matched",
								 (json_int_t)count.matched, "lost",
								 (json_int_t)count.lost));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *counts_to_json(const struct capture_session *session)
{
	struct capture_counts all = capture_counts(&session->capture, CAPTURE_ALL);

	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "capture", (json_int_t)session->number,
			 "matched", (json_int_t)all.matched, "lost", (json_int_t)all.lost,
			 "paused_ms", (json_int_t)session->paused_ms, "interfaces",
			 interfaces_to_json(session, true));
}

static const char *kind_word(enum s64_source_kind kind)
{
	switch (kind) {
	case S64_SOURCE_KIND_NAT64:
		return "nat64";
	case S64_SOURCE_KIND_ISATAP:
		return "isatap";
	case S64_SOURCE_KIND_LENGTH:
		return "length";
	default:
		return NULL;
	}
}

/* Those that the configuration adds to the general ones. */
json_t *capture_rules_to_json(const struct source_rules *rules)
{
	json_t *array = json_array();
	struct source_rules general;
	char text[PREFIX_TEXT_MAX];

	source_rules_init(&general);
	for (unsigned int i = 0; i < rules->count; i++) {
		const struct s64_source_rule *rule = &rules->rule[i];
		struct prefix prefix = source_rule_prefix(rule);
		bool is_general = false;

		for (unsigned int j = 0; j < general.count; j++)
			is_general |= !memcmp(&general.rule[j], rule, sizeof(*rule));
		if (!is_general && kind_word(rule->kind))
			json_array_append_new(array, json_pack("{s:s, s:s, s:i}", "prefix",
							       prefix_format(&prefix, text), "kind",
							       kind_word(rule->kind), "length",
							       (int)rule->length));
	}
	return array;
}

/* --- the connection --- */

/* All of it or nothing: a reader that does not take a line loses it. */
static int send_text(int fd, const char *text, const int *fds, size_t count)
{
	union {
		char bytes[CMSG_SPACE(RINGS_AT_ONCE * sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct iovec part = {(void *)text, strlen(text)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *rights;
	ssize_t sent;

	if (count) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		rights = CMSG_FIRSTHDR(&message);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	}
	sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0)
		return -errno;
	return sent == (ssize_t)part.iov_len ? 0 : -EPIPE;
}

/* Releases the object. */
static int send_line(int fd, json_t *object, const int *fds, size_t count)
{
	char *text = object ? json_dumps(object, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	size_t bytes = text ? strlen(text) : 0;
	char *line = text ? realloc(text, bytes + 2) : NULL;
	int err = -ENOMEM;

	json_decref(object);
	if (line) {
		memcpy(line + bytes, "\n", 2);
		err = send_text(fd, line, fds, count);
	}
	free(line ? line : text);
	return err;
}

static int send_answer(const struct capture_session *session)
{
	uint32_t cpus = session->daemon->maps.meta->cpus;
	int err = send_text(session->fd,
			    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
			    "Connection: close\r\n\r\n",
			    NULL, 0);

	if (!err)
		err = send_line(session->fd,
				json_pack("{s:I, s:i, s:o, s:o}", "capture",
					  (json_int_t)session->number, "rings", (int)cpus,
					  "interfaces", interfaces_to_json(session, false), "rules",
					  capture_rules_to_json(&session->daemon->blocks.rules)),
				NULL, 0);
	for (uint32_t done = 0; done < cpus && !err; done += RINGS_AT_ONCE) {
		uint32_t count = cpus - done < RINGS_AT_ONCE ? cpus - done : RINGS_AT_ONCE;

		err = send_line(session->fd, json_pack("{s:i}", "descriptors", (int)count),
				session->capture.ring + done, count);
	}
	return err;
}

static void answer_end(struct capture_session *session)
{
	struct evhttp_request *end = session->end;

	session->end = NULL;
	if (!end)
		return;
	/* libevent leaves us the request of a client that has gone; ending it frees it */
	if (evhttp_request_get_connection(end))
		reply_object(end, counts_to_json(session));
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

static void session_end(struct capture_session *session)
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

	if (is_other || now.matched < counted->matched) {
		struct capture_counts *earlier = &session->earlier[slot];

		if (*session->name[slot])
			capture_slot_changed(&session->capture, slot, *counted);
		*earlier = is_other ? (struct capture_counts){} :
				      (struct capture_counts){earlier->matched + counted->matched,
							      earlier->lost + counted->lost};
		now = (struct capture_counts){};
	}
	*counted = now;
	return is_other;
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
	if (session->is_untold && !send_line(session->fd, counts_to_json(session), NULL, 0))
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

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct capture_session *session = data;
	int err;

	(void)fd;
	(void)what;
	if (session->end || has_gone(session)) {
		session_end(session);
		return;
	}
	session->paused_ms += capture_renew(&session->capture);
	follow_interfaces(session);
	if (++session->renewals % COUNTS_EVERY)
		return;
	err = send_line(session->fd, counts_to_json(session), NULL, 0);
	if (err && err != -EAGAIN)
		session_end(session);
}

/* --- the log --- */

struct capture_row {
	struct daemon *daemon;
	uint64_t number; /* of the capture, which may have ended */
	struct actor actor;
	int64_t first_row;
	char said[FILTER_MAX];
};

static int log_row(struct capture_row *row, struct error *error)
{
	struct store *store = row->daemon->store;
	struct store_change change = {.action = "capture",
				      .detail = *row->said ? row->said : "everything",
				      .is_nothing = true};
	int err = store_begin(store, error);

	if (err)
		return err;
	err = store_log_add(store, &row->actor, &change, error);
	if (!err)
		err = store_commit(store, error);
	else
		store_rollback(store);
	return err;
}

/* What cannot be written down is not done, or no longer. */
static void write_row(void *data)
{
	struct capture_row *row = data;
	struct capture_session *session = row->daemon->capture;
	struct error error;
	int err = log_row(row, &error);

	if (err && session && session->number == row->number) {
		session->log_err = err;
		session->log_error = error;
		if (session->is_answered) {
			log_warning("the capture of %s has ended, as it could not be logged: %s",
				    session->by, error.text);
			session_end(session);
		}
	}
	free(row);
}

static struct capture_row *row_new(const struct capture_session *session, const struct actor *actor,
				   const char *said)
{
	struct capture_row *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	row->daemon = session->daemon;
	row->number = session->number;
	row->actor = *actor;
	row->actor.first_row = &row->first_row;
	row->actor.caller = NULL; /* this is later than the request */
	snprintf(row->said, sizeof(row->said), "%s", said);
	return row;
}

/* A capture is not a change, and does not wait for the one that runs: its row does. */
static int log_capture(struct capture_session *session, struct error *error)
{
	struct capture_row *row = session->row;

	session->row = NULL;
	changes_run(session->daemon->changes, write_row, row);
	if (session->log_err)
		*error = session->log_error;
	return session->log_err;
}

/* --- requests --- */

static const char *const keys[] = {"source",  "destination", "class",	"reason",
				   "verdict", "interface",   "snaplen", NULL};

/* `said` is the filter in words, for the log. */
static int read_filter(const struct daemon *daemon, const json_t *body, struct event_filter *filter,
		       uint32_t *snaplen, char said[FILTER_MAX], struct error *error)
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
			used += snprintf(said + used, FILTER_MAX - used, "%s%s %.128s",
					 used ? ", " : "", keys[i], text);
		if (used >= FILTER_MAX)
			used = FILTER_MAX - 1;
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
	if (send_answer(session))
		session_end(session);
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
		err = log_capture(session, &error);
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
	char said[FILTER_MAX];
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
		session_end(daemon->capture);
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
		session->row = row_new(session, actor, said);
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
		session_end(session);
	}
	aside_finish(daemon->aside);
}
