/* SPDX-License-Identifier: GPL-2.0-only */
/* The rates of throttles: each is a limit of the fast path under a number, on every interface alike. A block's
 * info names the number.
 *
 * A number is given to another rate only when nothing refers to it any more: no key of the tables (buckets.h counts
 * them), no row of the store, whether it is in force or waits behind a block, and no change that is under way.
 */
#ifndef SLASH64_DAEMON_THROTTLES_H
#define SLASH64_DAEMON_THROTTLES_H

#include "maps/buckets.h"
#include "daemon/store/store.h"
#include "maps/maps.h"

struct throttles {
	struct store *store;
	const struct tables *tables;
	const struct buckets *sites, *prefixes; /* whose infos name numbers */
	struct {
		uint32_t rate, burst; /* packets per second, packets; rate 0: free */
	} entry[S64_THROTTLE_MAX];
	uint64_t held; /* a bit for each number that the change under way has asked for */
	bool full;     /* the change under way has found that no number is free */
};

int throttles_init(struct throttles *throttles, struct store *store, const struct tables *tables,
		   const struct buckets *sites, const struct buckets *prefixes,
		   struct error *error);

/* The number of a rate, which is in force when this returns it, and on disk with what it is written with. It is held
 * until throttles_release(). -EDQUOT where there are too many different ones, -ERANGE where burst / rate is longer
 * than a limit can be.
 */
int throttles_number(struct throttles *throttles, uint32_t rate, uint32_t burst,
		     struct error *error);

/* Would throttles_number() give one, where `taken` free numbers have gone to others before? 1: a free one, 0: that of the
 * same rate; or its error. Nothing changes.
 */
int throttles_try(const struct throttles *throttles, uint32_t rate, uint32_t burst,
		  unsigned int taken, struct error *error);

/* For a rate that was accepted once and has no number now: that of the highest rate below it, else of the lowest. */
int throttles_nearest(const struct throttles *throttles, uint32_t rate);

/* The change is over: what it asked for is referred to by now, or free. */
void throttles_release(struct throttles *throttles);

/* The change was rolled back, in the store and in the tables: what is in neither is forgotten. */
void throttles_reload(struct throttles *throttles);

#endif
