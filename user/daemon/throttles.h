/* SPDX-License-Identifier: GPL-2.0-only */
/* The rates of throttles: each is a limit of the fast path under a number, on every interface alike. A block's
 * info names the number.
 */
#ifndef SLASH64_DAEMON_THROTTLES_H
#define SLASH64_DAEMON_THROTTLES_H

#include "store.h"
#include "tables.h"

struct throttles {
	struct store *store;
	const struct tables *tables;
	struct {
		uint32_t rate, burst; /* packets per second, packets; rate 0: free */
	} entry[S64_THROTTLE_MAX];
};

int throttles_init(struct throttles *throttles, struct store *store, const struct tables *tables,
		   struct error *error);

/* The number of a rate, which is on disk and in force when this returns it. -ENOSPC where there are too many
 * different ones, -ERANGE where burst / rate is longer than a limit can be.
 */
int throttles_number(struct throttles *throttles, uint32_t rate, uint32_t burst, struct error *error);

#endif
