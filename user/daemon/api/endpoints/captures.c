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
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/api/handlers.h"
#include "daemon/api/http/reply.h"
#include "daemon/events/capture.h"
#include "daemon/store/log/audit_log.h"

#define RINGS_BYTES   (64UL << 20) /* of all rings, unless there are very many CPUs */
#define RENEW_MS      (CAPTURE_RENEW_MS / 4)
#define COUNTS_EVERY  4 /* renewals */
#define RINGS_AT_ONCE 128
#define FILTER_MAX    512

struct capture_session {
	struct daemon *daemon;
	struct evhttp_request *request; /* NULL: it has ended */
	struct evhttp_connection *connection;
	int fd; /* of the connection */
	struct event *timer;
	unsigned int renewals;
	uint64_t number;
	int slot; /* of the interface, or EVENT_FILTER_ANY */
	struct capture capture;
	char who[64];
};

static bool is_wanted(const struct capture_session *session, uint32_t slot)
{
	return session->slot == EVENT_FILTER_ANY || session->slot == (int)slot;
}

/* --- what is told --- */

static json_t *interfaces_to_json(const struct capture_session *session, bool counts)
{
	const struct ifaces *ifaces = &session->daemon->ifaces;
	json_t *array = json_array();

	for (uint32_t slot = 0; slot < session->daemon->maps.meta->iface_slots; slot++) {
		struct capture_counts count;
		json_t *object;

		if (!ifaces->entry[slot] || !is_wanted(session, slot))
			continue;
		object = json_pack("{s:i, s:o}", "slot", (int)slot, "interface",
				   text_to_json(ifaces->entry[slot]->name));
		count = capture_counts(&session->capture, slot);
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

	return json_pack("{s:I, s:I, s:I, s:o}", "capture", (json_int_t)session->number, "matched",
			 (json_int_t)all.matched, "lost", (json_int_t)all.lost, "interfaces",
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
static json_t *rules_to_json(const struct source_rules *rules)
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
					  rules_to_json(&session->daemon->blocks.rules)),
				NULL, 0);
	for (uint32_t done = 0; done < cpus && !err; done += RINGS_AT_ONCE) {
		uint32_t count = cpus - done < RINGS_AT_ONCE ? cpus - done : RINGS_AT_ONCE;

		err = send_line(session->fd, json_pack("{s:i}", "descriptors", (int)count),
				session->capture.ring + done, count);
	}
	return err;
}

static void session_free(struct capture_session *session)
{
	capture_stop(&session->capture);
	if (session->timer)
		event_free(session->timer);
	if (session->daemon->capture == session)
		session->daemon->capture = NULL;
	free(session);
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
	session_free(session);
}

static void session_end(struct capture_session *session)
{
	struct evhttp_connection *connection = session->connection;

	evhttp_connection_set_closecb(connection, NULL, NULL);
	session_free(session);
	evhttp_connection_free(connection);
}

static void put_on_interfaces(struct capture_session *session)
{
	for (uint32_t slot = 0; slot < session->daemon->maps.meta->iface_slots; slot++)
		if (session->daemon->ifaces.entry[slot] && is_wanted(session, slot))
			capture_interface(&session->capture, slot);
}

/* libevent does not read while a request is being answered, and so does not see the end. */
static bool has_gone(const struct capture_session *session)
{
	char byte;

	return recv(session->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Interfaces may have come. */
static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct capture_session *session = data;
	int err;

	(void)fd;
	(void)what;
	if (has_gone(session)) {
		session_end(session);
		return;
	}
	capture_renew(&session->capture);
	put_on_interfaces(session);
	if (++session->renewals % COUNTS_EVERY)
		return;
	err = send_line(session->fd, counts_to_json(session), NULL, 0);
	if (err && err != -EAGAIN)
		session_end(session);
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
				err = error_set(
					error, -ENOENT,
					"slash64 is not attached to '%.64s'; status lists the interfaces",
					text);
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

static int write_log(struct daemon *daemon, const struct actor *actor, const char *said,
		     struct error *error)
{
	struct store_change change = {.action = "capture",
				      .detail = *said ? said : "everything",
				      .is_nothing = true};
	int err = store_begin(daemon->store, error);

	if (err)
		return err;
	err = store_log_add(daemon->store, actor, &change, error);
	if (!err)
		err = store_commit(daemon->store, error);
	if (err)
		store_rollback(daemon->store);
	return err;
}

static int start(struct daemon *daemon, struct capture_session *session,
		 struct evhttp_request *request, const struct event_filter *filter,
		 uint32_t snaplen, struct error *error)
{
	struct timeval span = {RENEW_MS / 1000, RENEW_MS % 1000 * 1000};
	struct s64_capture_filter taken = event_filter_for_capture(filter, snaplen);
	int err;

	session->daemon = daemon;
	session->request = request;
	session->connection = evhttp_request_get_connection(request);
	session->fd = bufferevent_getfd(evhttp_connection_get_bufferevent(session->connection));
	session->slot = filter->slot;
	session->number = ++daemon->captures;
	session->timer = event_new(daemon->base, -1, EV_PERSIST, on_timer, session);
	if (!session->timer || event_add(session->timer, &span))
		return error_set(error, -ENOMEM, "out of memory");
	err = capture_start(&session->capture, &daemon->maps, &taken, RINGS_BYTES, error);
	if (!err)
		put_on_interfaces(session);
	return err;
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
	if (!err && daemon->capture)
		err = error_set(&error, -EBUSY,
				"%s captures already, and only one capture can run; end it first",
				daemon->capture->who);
	session = err ? NULL : calloc(1, sizeof(*session));
	if (!err && !session)
		err = error_set(&error, -ENOMEM, "out of memory");
	if (!err) {
		snprintf(session->who, sizeof(session->who), "%s", actor->who);
		err = start(daemon, session, request, &filter, snaplen, &error);
	}
	/* what cannot be written down is not done */
	if (!err)
		err = write_log(daemon, actor, said, &error);
	if (err) {
		if (session)
			session_free(session);
		reply_error(request, err, &error);
		return;
	}
	daemon->capture = session;
	/* it lasts as long as somebody reads it */
	evhttp_connection_set_timeout(session->connection, 0);
	bufferevent_set_timeouts(evhttp_connection_get_bufferevent(session->connection), NULL,
				 NULL);
	evhttp_connection_set_closecb(session->connection, on_closed, session);
	if (send_answer(session))
		session_end(session);
}

/* Ends it in the datapath, and tells what it came to. What is in the rings can still be read. */
void control_delete_capture(struct daemon *daemon, struct evhttp_request *request,
			    const struct actor *actor)
{
	int64_t number = 0;
	struct error error;
	json_t *counts;
	int err;

	(void)actor;
	err = request_count(request, "capture", 1, INT64_MAX, &number, &error);
	if (!err && (!daemon->capture || (int64_t)daemon->capture->number != number))
		err = error_set(&error, -ENOENT, "unknown capture; it may have ended");
	if (err) {
		reply_error(request, err, &error);
		return;
	}
	capture_pause(&daemon->capture->capture);
	counts = counts_to_json(daemon->capture);
	session_end(daemon->capture);
	reply_object(request, counts);
}

void captures_stop(struct daemon *daemon)
{
	if (daemon->capture)
		session_end(daemon->capture);
}
