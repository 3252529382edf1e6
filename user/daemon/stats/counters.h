/* SPDX-License-Identifier: GPL-2.0-only */
/* The fast path's counters, summed over the processors, and how fast they grow. */
#ifndef SLASH64_DAEMON_COUNTERS_H
#define SLASH64_DAEMON_COUNTERS_H

#include <stdint.h>

#include "maps/maps.h"

/* One counter of an interface, as people and Prometheus know it. */
struct counter_row {
	int class;
	enum s64_verdict verdict;
	int reason;
	uint64_t packets;
	uint64_t bytes;
	double packets_per_second; /* over the last full interval of counters_tick() */
	double bytes_per_second;
};

/* Sum what the processors counted on an interface slot. */
void counters_sum(const struct tables *tables, uint32_t slot, struct s64_counters *sum);

/* Two sums of an interface, an interval apart. */
struct counters_rate {
	struct s64_counters *before, *after;
	uint64_t before_ns, after_ns;
};

int counters_rate_init(struct counters_rate *rate);
void counters_rate_free(struct counters_rate *rate);
/* Take a sum now; called at intervals. */
void counters_rate_tick(struct counters_rate *rate, const struct tables *tables, uint32_t slot);
/* Forget: the slot is another interface's now. */
void counters_rate_reset(struct counters_rate *rate);

/* Every counter that is not 0, with its rate where `rate` is not NULL. */
typedef void (*counters_each_t)(const struct counter_row *row, void *data);
void counters_each(const struct s64_counters *sum, const struct counters_rate *rate,
		   counters_each_t each, void *data);

/* What was counted of a slot in tables that no program writes any more goes on in those in their place, exactly: the fast
 * path never writes where it is kept.
 */
void counters_carry(const struct tables *from, const struct tables *to, uint32_t slot);

/* Set the counters of a slot to 0. */
void counters_clear(const struct tables *tables, uint32_t slot);

#endif
