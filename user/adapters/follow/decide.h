/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of an event: by the rules, once for each source, at a bounded rate. */
#ifndef SLASH64_ADAPTERS_FOLLOW_DECIDE_H
#define SLASH64_ADAPTERS_FOLLOW_DECIDE_H

#include "adapters/set/set.h"
#include "settings.h"

#define DECIDE_SOURCES_MAX 65536 /* that are remembered */

struct decide;

enum decision {
	DECIDED_NOTHING, /* no rule, or one that ignores it */
	DECIDED_KNOWN,	 /* the source has it already, for long enough */
	DECIDED_OVER,	 /* it is so old that it would be over by now */
	DECIDED_LIMITED, /* too many in this minute */
	DECIDED_PROPOSE,
	DECIDED_PUT, /* block, or throttle: *entry */
	DECISIONS
};

/* NULL if out of memory. */
struct decide *decide_new(const struct follow_settings *settings);
void decide_free(struct decide *decide);

/* `steady_ms` is monotonic. *entry is filled in for the last two; its reason is that of the event. */
enum decision decide_event(struct decide *decide, const struct event *event, int64_t now_ms,
			   int64_t steady_ms, struct set_entry *entry);

#endif
