/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of a capture: its session and connection, what its reader is told, and its row in the log. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_CAPTURES_INTERNAL_H
#define SLASH64_DAEMON_API_ENDPOINTS_CAPTURES_INTERNAL_H

#include <event2/event.h>
#include <event2/http.h>

#include "captures.h"
#include "daemon/api/handlers.h"
#include "daemon/events/capture.h"
#include "daemon/loop/aside.h"
#include "daemon/store/log/audit_log.h"

#define CAPTURE_FILTER_TEXT_MAX 512

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
	bool is_anew[S64_IFACES_MAX]; /* its counters have begun anew since */
	bool is_untold;		      /* the reader could not take the line about it */
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

/* --- what the reader is told --- */

json_t *capture_counts_to_json(const struct capture_session *session);

/* A line of JSON; releases the object. All of it or nothing: a reader that does not take a line loses it. */
int capture_send_line(int fd, json_t *object);

/* The beginning of the answer, with the descriptors of the rings. */
int capture_send_answer(const struct capture_session *session);

/* --- the log --- */

/* `said` is the filter in words. NULL: out of memory */
struct capture_row *capture_row_new(const struct capture_session *session,
				    const struct actor *actor, const char *said);

/* Takes the row of the session. A capture is not a change, and does not wait for the one that runs: its
 * row does. A capture whose row cannot be written ends.
 */
int capture_log(struct capture_session *session, struct error *error);

/* --- the session --- */

/* It is over for everybody, its connection too. */
void capture_session_end(struct capture_session *session);

#endif
