/* SPDX-License-Identifier: GPL-2.0-only */
/* The routes of one of the kernel's tables, and what they come to. A prefix may have several routes,
 * of different metrics: the strictest counts.
 *
 * - A route that goes takes effect after `removal_ms`, so that the loss of a session, which takes
 *   all routes, can be told from the end of a block; see routes_set_mode().
 * - A prefix that came and went FLAPS_MAX times, each within `dampen_ms` of the last, stays in force
 *   until it was gone for that long. So a flapping announcer opens nothing, and costs slash64d
 *   nothing.
 * - The number of prefixes is bounded; of those that are gone, the oldest are forgotten first.
 *
 * Times are milliseconds of a monotonic clock.
 */
#ifndef SLASH64_ADAPTERS_RTBH_ROUTE_TABLE_H
#define SLASH64_ADAPTERS_RTBH_ROUTE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/prefix.h"

#define ROUTES_FLAPS_MAX    3
#define ROUTES_VARIANTS_MAX 16 /* routes of one prefix */

/* In the order of strictness. */
enum route_action { ROUTE_NOTHING, ROUTE_MONITOR, ROUTE_THROTTLE, ROUTE_BLOCK, ROUTE_ACTIONS };

enum routes_mode {
	ROUTES_LIVE,
	ROUTES_HELD,  /* their source is gone: nothing ends or becomes weaker */
	ROUTES_ENDED, /* it was gone for too long: nothing is in force */
};

/* The action of a prefix has changed. */
typedef void (*route_changed_t)(const struct prefix *prefix, enum route_action action, void *data);

struct routes_options {
	size_t max; /* prefixes */
	int64_t removal_ms, dampen_ms;
	route_changed_t changed;
	void *data;
};

struct routes_counts {
	size_t prefixes[ROUTE_ACTIONS]; /* by what is in force */
	size_t dampened;		/* that are in force only because they flap */
	uint64_t left_out;		/* routes for which there was no room */
};

/* What tells the routes of a prefix apart. IPv4 may have several of the same metric, of several
 * daemons.
 */
struct route_key {
	uint32_t metric;
	uint8_t protocol, type; /* RTPROT_..., RTN_... */
};

enum route_news {
	ROUTE_IS_GONE,
	ROUTE_IS_THERE,
	ROUTE_REPLACES, /* one of the same metric: which one is not told */
};

struct routes;

/* NULL if out of memory. */
struct routes *routes_new(const struct routes_options *options);
void routes_free(struct routes *routes);

/* A route without an action is noted too, as it may have replaced one. 0; 1: a dump has to tell what
 * was replaced, which counts until then; -ENOSPC, -ENOMEM: it is left out, and a dump has to be read
 * once there is room.
 */
int routes_note(struct routes *routes, const struct prefix *prefix, const struct route_key *key,
		enum route_action action, enum route_news news, int64_t now_ms);

/* What is noted between the two is all there is. */
void routes_dump_begin(struct routes *routes);
void routes_dump_end(struct routes *routes, int64_t now_ms);

void routes_set_mode(struct routes *routes, enum routes_mode mode, int64_t now_ms);

/* Ends what is due. Returns in how many milliseconds the next is; -1: nothing waits. */
int64_t routes_tick(struct routes *routes, int64_t now_ms);

void routes_count(const struct routes *routes, struct routes_counts *counts);
/* Calls `changed` for each prefix that has an action in force. -ENOMEM: for none. */
int routes_each(struct routes *routes);

#endif
