/* SPDX-License-Identifier: GPL-2.0-only */
/* Which blocks are announced: a pure function of what is blocked, of what was announced before, and of
 * the time.
 *
 * A prefix that was withdrawn PLAN_FLAPS_MAX times, each time within `dampen_ms` of the last, is not
 * announced again until it was blocked for that long: every change goes through the whole fleet.
 */
#ifndef SLASH64_DAEMON_BLACKHOLES_PLAN_H
#define SLASH64_DAEMON_BLACKHOLES_PLAN_H

#include <stddef.h>

#include "base/pace.h"
#include "net/prefix_set.h"

#define PLAN_FLAPS_MAX 3

enum plan_state {
	PLAN_ANNOUNCED,
	PLAN_GONE, /* not blocked any more; known for its flaps, or as it is still in the kernel */
	PLAN_DAMPENED,
	PLAN_NO_ROOM,
};

struct plan_route {
	struct prefix prefix;
	enum plan_state state;
	uint8_t flaps;
	bool is_there;	  /* in the kernel */
	int64_t since_ms; /* of this state; monotonic */
	int64_t gone_ms;  /* when it was withdrawn last */
};

struct plan {
	struct plan_route *route; /* in the order of prefix_compare() */
	size_t count;
	size_t announced, dampened, no_room;
};

struct plan_limits {
	size_t max;
	int64_t dampen_ms;
};

/* What comes after *before, if all of `wanted` may be announced. What is announced stays so; new ones
 * come in the order of their prefixes as long as there is room. `pace` is for each route; NULL: no
 * pauses. -ENOMEM: *after is not set.
 */
int plan_next(const struct plan *before, const struct prefix_set *wanted,
	      const struct plan_limits *limits, int64_t now_ms, const struct pace *pace,
	      struct plan *after);
void plan_free(struct plan *plan);

bool plan_is_announced(const struct plan *plan, const struct prefix *prefix);

/* What the kernel has is in `there`; NULL: nothing. */
void plan_note_kernel(struct plan *plan, const struct prefix_set *there, const struct pace *pace);

#endif
