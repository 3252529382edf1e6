/* SPDX-License-Identifier: GPL-2.0-only */
/* First seen and peak rate of sources, beyond the samples that are kept.
 *
 * Of fixed size. A new source replaces one that is gone, or the slowest of the few with a hash near
 * its own, so sources that never repeat cannot displace a loud one.
 */
#ifndef SLASH64_DAEMON_STATS_SOURCE_RATES_H
#define SLASH64_DAEMON_STATS_SOURCE_RATES_H

#include <stdint.h>

#include <slash64/hash.h>

#include "base/error.h"

#define SOURCE_RATES_SET  8
#define SOURCE_RATES_SETS 2048
/* A source that was silent for this long is new when it returns. */
#define SOURCE_RATES_GAP_MS 10000

/* All times are in milliseconds of CLOCK_MONOTONIC. */
struct source_rate {
	uint64_t src_key; /* 0: free */
	uint64_t since_ms, last_ms;
	uint64_t second_ms; /* `packets` is counted from here */
	double packets;
	double peak; /* packets per second, in the fastest complete second */
};

struct source_rates {
	struct s64_seed seed;
	struct source_rate *entry;
};

int source_rates_init(struct source_rates *rates, const struct s64_seed *seed);
void source_rates_free(struct source_rates *rates);

/* Counts packets of a source that came between these times. */
void source_rates_add(struct source_rates *rates, uint64_t src_key, uint64_t from_ms,
		      uint64_t to_ms, double packets);

/* NULL if unknown. */
const struct source_rate *source_rates_find(const struct source_rates *rates, uint64_t src_key);

#endif
