/* SPDX-License-Identifier: GPL-2.0-only */
/* Since when a source is seen, and how fast it was at most: what the samples that are kept do not reach back to.
 *
 * Of fixed size. A source that is new takes the place of one that is gone, or else of the slowest of the few whose hash
 * is near its own, so that sources that never repeat cannot make a loud one be forgotten.
 */
#ifndef SLASH64_DAEMON_SOURCE_RATES_H
#define SLASH64_DAEMON_SOURCE_RATES_H

#include <stdint.h>

#include <slash64/hash.h>

#include "base/error.h"

#define SOURCE_RATES_SET  8
#define SOURCE_RATES_SETS 2048
/* Silent for so long, it is somebody new when it comes back. */
#define SOURCE_RATES_GAP_MS 10000

/* All times in milliseconds of CLOCK_MONOTONIC. */
struct source_rate {
	uint64_t site; /* 0: free */
	uint64_t since_ms, last_ms;
	uint64_t second_ms; /* from here on `packets` is counted */
	double packets;
	double peak; /* packets a second, in the fastest second that is over */
};

struct source_rates {
	struct s64_seed seed;
	struct source_rate *entry;
};

int source_rates_init(struct source_rates *rates, const struct s64_seed *seed);
void source_rates_free(struct source_rates *rates);

/* Packets of a site that came between these times. */
void source_rates_add(struct source_rates *rates, uint64_t site, uint64_t from_ms, uint64_t to_ms,
		      double packets);

/* NULL where it is not known. */
const struct source_rate *source_rates_find(const struct source_rates *rates, uint64_t site);

#endif
