/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON of an event. Written by hand: thousands of them come in a second. */
#ifndef SLASH64_DAEMON_API_JSON_EVENT_JSON_H
#define SLASH64_DAEMON_API_JSON_EVENT_JSON_H

#include "daemon/events/events.h"
#include "net/source_rules.h"

struct event_view {
	const struct s64_sample *sample; /* with its reason as the datapath wrote it */
	int64_t time_ms;		 /* since 1970 */
	const char *interface;		 /* NULL: it is known no longer */
	const struct source_rules *rules;
	const struct s64_seed *seed;
};

/* A line with its end; returns its length. Keys of what cannot be seen in the packet are left out.
 * `size`: at least EVENT_LINE_MAX.
 */
size_t event_to_line(const struct event_view *view, char *line, size_t size);

#define EVENT_TCP_FLAGS_MAX 9

/* As tcpdump writes them: "S", "S.", "none". Returns buf. */
const char *event_tcp_flags(unsigned int flags, char buf[EVENT_TCP_FLAGS_MAX]);

#endif
