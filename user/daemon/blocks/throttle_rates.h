/* SPDX-License-Identifier: GPL-2.0-only */
/* The rates of throttles: each is a limit of the datapath with a number, the same on every
 * interface. A block's info contains the number.
 *
 * A number is reused for another rate only when nothing refers to it: no key of the maps (buckets.h
 * counts them), no row of the store, whether in force or waiting behind a block, and no current
 * change.
 */
#ifndef SLASH64_DAEMON_BLOCKS_THROTTLE_RATES_H
#define SLASH64_DAEMON_BLOCKS_THROTTLE_RATES_H

#include "maps/buckets.h"
#include "daemon/store/store.h"
#include "maps/maps.h"

struct throttles {
	struct store *store;
	const struct maps *maps;
	const struct buckets *blocklist, *prefixes; /* whose infos contain numbers */
	struct {
		uint32_t rate, burst; /* packets per second, packets; rate 0: free */
	} entry[S64_THROTTLE_MAX];
	uint64_t held; /* a bit for each number requested by the current change */
	bool full;     /* the current change found no free number */
};

int throttles_init(struct throttles *throttles, struct store *store, const struct maps *maps,
		   const struct buckets *blocklist, const struct buckets *prefixes,
		   struct error *error);

/* The number of a rate. The rate is in force when this returns, and on disk together with the
 * entry. Held until throttles_release(). -EDQUOT if there are too many different rates, -ERANGE if
 * burst / rate is longer than a limit can be.
 */
int throttles_number(struct throttles *throttles, uint32_t rate, uint32_t burst,
		     struct error *error);

/* Would throttles_number() find one, if `taken` free numbers were used by others before? 1: a free
 * one, 0: that of the same rate; or its error. Changes nothing.
 */
int throttles_try(const struct throttles *throttles, uint32_t rate, uint32_t burst,
		  unsigned int taken, struct error *error);

/* For a rate that was accepted once and has no number now: the number of the highest rate below it,
 * or of the lowest.
 */
int throttles_nearest(const struct throttles *throttles, uint32_t rate);

/* The change has ended: the numbers it requested are referred to by now, or free. */
void throttles_release(struct throttles *throttles);

/* The change was rolled back, in the store and in the maps: rates that are in neither are freed. */
void throttles_reload(struct throttles *throttles);

#endif
