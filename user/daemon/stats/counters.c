// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/names.h"
#include "base/time.h"

#define FIRST	 offsetof(struct s64_counters, of_class)
#define COUNTERS ((sizeof(struct s64_counters) - FIRST) / sizeof(struct s64_counter))

_Static_assert((sizeof(struct s64_counters) - FIRST) % sizeof(struct s64_counter) == 0,
	       "counters only");

static const struct s64_counters *of_cpu(const struct maps *maps, uint32_t slot, uint32_t cpu)
{
	return &maps->counters[slot * maps->meta->cpus + cpu];
}

static struct s64_counters *carried(const struct maps *maps, uint32_t slot)
{
	return &maps->counters[maps->meta->iface_slots * maps->meta->cpus + slot];
}

static void add(const struct s64_counters *counters, struct s64_counters *sum)
{
	const struct s64_counter *counter =
		(const struct s64_counter *)((const char *)counters + FIRST);
	struct s64_counter *total = (struct s64_counter *)((char *)sum + FIRST);

	for (size_t i = 0; i < COUNTERS; i++) {
		total[i].packets += S64_READ_ONCE(counter[i].packets);
		total[i].bytes += S64_READ_ONCE(counter[i].bytes);
	}
}

void counters_sum(const struct maps *maps, uint32_t slot, struct s64_counters *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (uint32_t cpu = 0; cpu < maps->meta->cpus; cpu++)
		add(of_cpu(maps, slot, cpu), sum);
	add(carried(maps, slot), sum);
}

void counters_carry(const struct maps *from, uint32_t from_slot, const struct maps *to,
		    uint32_t to_slot)
{
	counters_sum(from, from_slot, carried(to, to_slot));
}

static uint64_t passed_in(const struct s64_counters *area, int class)
{
	uint64_t packets = 0;

	for (int reason = 0; reason < S64_REASON_CLASS_COUNT; reason++) {
		packets +=
			S64_READ_ONCE(area->of_class[S64_OUTCOME_MONITORED][class][reason].packets);
		if (!reason_is_drop(reason))
			packets += S64_READ_ONCE(
				area->of_class[S64_OUTCOME_ENFORCED][class][reason].packets);
	}
	return packets;
}

uint64_t counters_passed(const struct maps *maps, int class)
{
	uint64_t packets = 0;

	for (uint32_t slot = 0; slot < maps->meta->iface_slots; slot++) {
		if (!maps->meta->iface[slot].name[0])
			continue; /* nobody has had it */
		for (uint32_t cpu = 0; cpu < maps->meta->cpus; cpu++)
			packets += passed_in(of_cpu(maps, slot, cpu), class);
		packets += passed_in(carried(maps, slot), class);
	}
	return packets;
}

void counters_clear(const struct maps *maps, uint32_t slot)
{
	memset(&maps->counters[slot * maps->meta->cpus], 0,
	       maps->meta->cpus * sizeof(struct s64_counters));
	memset(carried(maps, slot), 0, sizeof(struct s64_counters));
}

int counters_rate_init(struct counters_rate *rate)
{
	memset(rate, 0, sizeof(*rate));
	rate->before = calloc(1, sizeof(*rate->before));
	rate->after = calloc(1, sizeof(*rate->after));
	if (!rate->before || !rate->after) {
		counters_rate_free(rate);
		return -ENOMEM;
	}
	return 0;
}

void counters_rate_free(struct counters_rate *rate)
{
	free(rate->before);
	free(rate->after);
	memset(rate, 0, sizeof(*rate));
}

void counters_rate_reset(struct counters_rate *rate)
{
	rate->before_ns = rate->after_ns = 0;
}

void counters_rate_tick(struct counters_rate *rate, const struct maps *maps, uint32_t slot)
{
	struct s64_counters *oldest = rate->before;

	rate->before = rate->after;
	rate->before_ns = rate->after_ns;
	rate->after = oldest;
	rate->after_ns = clock_monotonic_ns();
	counters_sum(maps, slot, rate->after);
}

static void each_one(const struct s64_counters *sum, const struct counters_rate *rate, size_t index,
		     struct counter_row *row, counters_each_t each, void *data)
{
	const struct s64_counter *counter = (const struct s64_counter *)sum + index;

	if (!counter->packets)
		return;
	row->packets = counter->packets;
	row->bytes = counter->bytes;
	row->packets_per_second = row->bytes_per_second = 0;
	if (rate && rate->before_ns) {
		const struct s64_counter *before = (const struct s64_counter *)rate->before + index;
		const struct s64_counter *after = (const struct s64_counter *)rate->after + index;
		double seconds = (rate->after_ns - rate->before_ns) / 1e9;

		row->packets_per_second = (after->packets - before->packets) / seconds;
		row->bytes_per_second = (after->bytes - before->bytes) / seconds;
	}
	each(row, data);
}

static enum s64_verdict verdict_of(int reason, enum s64_outcome outcome)
{
	if (!reason_is_drop(reason))
		return S64_PASS;
	return outcome == S64_OUTCOME_MONITORED ? S64_WOULD_DROP : S64_DROP;
}

void counters_each(const struct s64_counters *sum, const struct counters_rate *rate,
		   counters_each_t each, void *data)
{
	const struct s64_counter *first = (const struct s64_counter *)sum;

	for (int outcome = 0; outcome < S64_OUTCOME_COUNT; outcome++) {
		for (int class = 0; class < S64_CLASS_COUNT; class ++)
			for (int reason = 0; reason < S64_REASON_CLASS_COUNT; reason++) {
				struct counter_row row = {
					.class = class,
					.verdict = verdict_of(reason, outcome),
					.reason = reason,
				};

				each_one(sum, rate, &sum->of_class[outcome][class][reason] - first,
					 &row, each, data);
			}
		for (int reason = S64_REASON_PARSE; reason < S64_REASON_COUNT; reason++) {
			struct counter_row row = {
				.class = S64_CLASS_MALFORMED,
				.verdict = verdict_of(reason, outcome),
				.reason = reason,
			};

			each_one(sum, rate,
				 &sum->of_parse[outcome][reason - S64_REASON_PARSE] - first, &row,
				 each, data);
		}
	}
}
