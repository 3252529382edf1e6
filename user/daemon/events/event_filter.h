/* SPDX-License-Identifier: GPL-2.0-only */
/* Which packets somebody wants to see: of `watch`, `top` and `capture`. Everything given must
 * match.
 */
#ifndef SLASH64_DAEMON_EVENTS_EVENT_FILTER_H
#define SLASH64_DAEMON_EVENTS_EVENT_FILTER_H

#include <slash64/capture.h>
#include <slash64/maps.h>

#include "base/error.h"
#include "net/prefix.h"

#define EVENT_FILTER_ANY (-1)

struct event_filter {
	struct prefix source, destination; /* of addresses; length 0: any */
	int class, reason;		   /* or EVENT_FILTER_ANY */
	int verdict;			   /* enum s64_verdict, or EVENT_FILTER_ANY */
	int slot;			   /* of an interface, or EVENT_FILTER_ANY */
};

/* Matches everything. */
void event_filter_init(struct event_filter *filter);

/* One of source, destination, class, reason, verdict, from its text. An address is that address,
 * not its /64. -EINVAL, with *filter untouched. -ENOENT: no such key.
 */
int event_filter_set(struct event_filter *filter, const char *key, const char *value,
		     struct error *error);

/* `sample`: with its reason as the datapath wrote it. */
bool event_filter_matches(const struct event_filter *filter, const struct s64_sample *sample);

/* Of a sample: what became of the packet. */
enum s64_verdict event_verdict(const struct s64_sample *sample);

/* The same for the datapath, which captures on the interfaces it is asked to. */
struct s64_capture_filter event_filter_for_capture(const struct event_filter *filter,
						   uint32_t snaplen);

#endif
