/* SPDX-License-Identifier: GPL-2.0-only */
/* The datapath's counters, summed over all CPUs, and their rates. */
#ifndef SLASH64_DAEMON_STATS_COUNTERS_H
#define SLASH64_DAEMON_STATS_COUNTERS_H

#include <stdint.h>

#include "maps/maps.h"

/* One counter of an interface, as shown to people and Prometheus. */
struct counter_row {
	int class;
	enum s64_verdict verdict;
	int reason;
	uint64_t packets;
	uint64_t bytes;
	double packets_per_second; /* over the last full interval of counters_tick() */
	double bytes_per_second;
};

/* Sums the counters of all CPUs for an interface slot. */
void counters_sum(const struct maps *maps, uint32_t slot, struct s64_counters *sum);

/* Two sums of an interface, an interval apart. */
struct counters_rate {
	struct s64_counters *before, *after;
	uint64_t before_ns, after_ns;
};

int counters_rate_init(struct counters_rate *rate);
void counters_rate_free(struct counters_rate *rate);
/* Takes a sum; called at intervals. */
void counters_rate_tick(struct counters_rate *rate, const struct maps *maps, uint32_t slot);
/* Forgets the sums: the slot belongs to another interface now. */
void counters_rate_reset(struct counters_rate *rate);

/* Every nonzero counter, with its rate if `rate` is not NULL. */
typedef void (*counters_each_t)(const struct counter_row *row, void *data);
void counters_each(const struct s64_counters *sum, const struct counters_rate *rate,
		   counters_each_t each, void *data);

/* Adds a slot's counters from maps that no program writes any more to those that replace them.
 * Exact: the datapath never writes where these are kept.
 */
void counters_carry(const struct maps *from, uint32_t from_slot, const struct maps *to,
		    uint32_t to_slot);

/* Packets of a class that were let through, on all interfaces. */
uint64_t counters_passed(const struct maps *maps, int class);

/* Sets the counters of a slot to 0. */
void counters_clear(const struct maps *maps, uint32_t slot);

#endif
