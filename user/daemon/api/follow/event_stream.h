/* SPDX-License-Identifier: GPL-2.0-only */
/* GET /v1/events: events to whoever reads them, a line of JSON each, as long as somebody does. A
 * reader costs a fixed number of bytes and never makes anybody wait: what it does not take in time,
 * it loses.
 */
#ifndef SLASH64_DAEMON_API_FOLLOW_EVENT_STREAM_H
#define SLASH64_DAEMON_API_FOLLOW_EVENT_STREAM_H

#include "daemon/events/event_filter.h"

struct daemon;
struct evhttp_request;
struct event_streams;

#define EVENT_STREAMS_MAX      128
#define EVENT_PER_SECOND_MAX   10000
#define EVENT_STREAM_SIGN_S    5   /* an idle stream sends a line so often */
#define EVENT_STREAM_STALLED_S 300 /* a reader that takes nothing for so long is cut off */

/* Answers the request. `per_second`: at most so many events a second; 0: all. Readers are kept in
 * daemon->streams. -EUSERS, -ENOMEM: it is not answered.
 */
int event_stream_start(struct daemon *daemon, struct evhttp_request *request,
		       const struct event_filter *filter, double per_second, struct error *error);

/* After the last connection is closed. NULL is fine. */
void event_streams_free(struct event_streams *streams);

#endif
