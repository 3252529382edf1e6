/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the source of the routes is there. The kernel keeps the routes of a routing daemon that
 * was killed, so its control socket is tried every second; and a sentinel, a route that the other
 * end announces, tells whether the session stands.
 *
 *   LIVE --(gone)--> HELD --(gone for `hold`)--> ENDED
 *     ^----(back, and no route has changed for SETTLE_MS)----'
 */
#ifndef SLASH64_ADAPTERS_RTBH_ALIVE_H
#define SLASH64_ADAPTERS_RTBH_ALIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "route_table.h"

#define ALIVE_SETTLE_MS	    2000
#define ALIVE_SETTLE_MAX_MS 30000 /* if routes change all the time */

struct alive {
	int64_t hold_ms;
	bool has_sentinel;

	bool daemon_is_there, sentinel_is_there;
	enum routes_mode mode;
	int64_t gone_ms, back_ms, changed_ms; /* gone_ms of HELD; back_ms: -1 while it is gone */
};

/* It begins as HELD: what slash64d has from before is not given up until the source is there. */
void alive_init(struct alive *alive, int64_t hold_ms, bool has_sentinel, int64_t now_ms);

/* A route has changed. */
void alive_note_change(struct alive *alive, int64_t now_ms);

/* The mode for now. */
enum routes_mode alive_mode(struct alive *alive, int64_t now_ms);

/* Does somebody listen at a Unix socket? */
enum alive_answer {
	ALIVE_YES,
	ALIVE_NO,
	ALIVE_FORBIDDEN, /* it is there, for others than us */
	ALIVE_UNKNOWN,	 /* it could not be asked, as we lack memory or descriptors */
};

/* *err: 0, or -errno. */
enum alive_answer alive_try(const char *path, int *err);

#endif
