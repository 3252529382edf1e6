// SPDX-License-Identifier: GPL-2.0-only
/* The limiter: in any order, no more passes than the burst, the packets of the rate meanwhile, and
 * one packet for each CPU in flight; for a source, a /48, a throttle, and shared entries (hostile
 * 1, hostile 12). No entry exists twice, because its owner would have two bursts. Also while the
 * table is swept.
 */
#include "maps/limiter_sweep.h"

#include <string.h>

#include "world.h"

/* of a packet, in units of time; twice as long as an expired slot is kept */
#define COST (1ULL << 24)

#define LIMIT	       S64_CLASS_ECHO_REQUEST
#define FILL_SOURCE    S64_CLASS_UDP /* limits of the entries that exist at the start */
#define FILL_AGGREGATE S64_CLASS_TCP_SYN
#define THROTTLE       1
#define PACKETS_MAX    128
#define SHARED_BURST   3

#define SOURCE	 0x2a00000100020000ULL
#define OTHER(n) (0x2a01000000000000ULL + ((__u64)(n) << 16)) /* each in a /48 of its own */

enum kind {
	OWN,	   /* all send from one source */
	OWN_LONG,  /* and are charged by the slow path */
	OWN_EARLY, /* and by what was read before waiting for something else */
	AGGREGATE, /* each packet from another source of one /48 */
	TWO,	   /* alternately from two sources of two /48s */
	THROTTLED, /* from a source throttled by an operator */
};

struct plan {
	enum kind kind;
	int senders, packets;
	__u32 burst, aggregate;
	int ticks;
	__u32 tick; /* sixteenths of COST */
	/* entries that exist at the start: so many of sources and of /48s, which expire after so
	 * many packets' time
	 */
	int sources, aggregates;
	__u32 lasting;
	__u32 buckets;
	bool swept;
	bool longest; /* its tolerance */
};

static struct {
	struct plan plan;
	bool passed[EXPLORE_CPUS][PACKETS_MAX];
} now;

static __u64 cost(void)
{
	return now.plan.longest ? S64_TOLERANCE_MAX / now.plan.burst : COST;
}

/* No CPU is assumed to stop between two accesses for longer than clocks may differ, if a packet
 * costs more than that.
 */
static __u64 tick(void)
{
	return now.plan.longest ? S64_TAT_MARGIN / 2 : COST / 16 * now.plan.tick;
}

static struct s64_rate rate(__u32 burst)
{
	return (struct s64_rate){burst ? cost() : 0, burst * cost()};
}

static __u64 source_of(int cpu, int packet)
{
	switch (now.plan.kind) {
	case AGGREGATE:
		return SOURCE + cpu * PACKETS_MAX + packet;
	case TWO:
		return SOURCE + ((__u64)((cpu + packet) & 1) << 16);
	default:
		return SOURCE;
	}
}

static bool packet_passes(__u64 src_key)
{
	__u64 aggregate = s64_src_key_aggregate(src_key, src_key);
	struct s64_packet packet = {.src_key = src_key, .src_hi = src_key, .src_lo = 1};
	struct limit_entry entry_at;
	__u32 left, reason;

	machine_packet();
	switch (now.plan.kind) {
	case OWN_LONG:
		return !reason_drops(limit_search(src_key, aggregate, LIMIT, LEVEL_BOTH));
	case OWN_EARLY:
		if (!limit_find(&entry_at, src_key, aggregate, LIMIT))
			return false;
		reason = limit_charge_found(&entry_at, &left);
		if (reason == S64_REASON_NONE)
			reason = limit_search(src_key, aggregate, LIMIT, left);
		return !reason_drops(reason);
	case THROTTLED:
		return verdict_throttle(&packet, LISTED_THROTTLED | THROTTLE << 16) ==
		       S64_REASON_NONE;
	default:
		return !reason_drops(limit_charge(src_key, aggregate, LIMIT));
	}
}

/* Behind the senders: the clock, and slash64d. */
static void run(int cpu)
{
	const struct plan *plan = &now.plan;

	if (cpu < plan->senders) {
		for (int i = 0; i < plan->packets; i++)
			now.passed[cpu][i] = packet_passes(source_of(cpu, i));
	} else if (plan->ticks && cpu == plan->senders) {
		__u64 start = s64_native->now;

		for (int i = 1; i <= plan->ticks; i++)
			machine_say(&s64_native->now, start + i * tick());
	} else {
		limiter_sweep(&world->maps);
	}
}

/* Passed packets of a source, or of its /48. */
static __u32 count_passed(__u64 src_key, __u64 mask)
{
	__u32 passed = 0;

	for (int cpu = 0; cpu < now.plan.senders; cpu++)
		for (int i = 0; i < now.plan.packets; i++)
			passed += now.passed[cpu][i] &&
				  (source_of(cpu, i) & mask) == (src_key & mask);
	return passed;
}

static void check_bound(const char *whose, __u32 passed, __u32 burst)
{
	const struct plan *plan = &now.plan;
	__u32 bound = burst + plan->ticks * plan->tick / 16 + plan->senders;

	if (passed > bound)
		machine_fail(
			"%u packets of %s passed, of a burst of %u, %u of the rate and %d in flight",
			passed, whose, burst, plan->ticks * plan->tick / 16, plan->senders);
}

static void check_once(void)
{
	const __u64 *entries = (const __u64 *)world->maps.limiter;
	__u32 count = now.plan.buckets * 8;

	for (__u32 i = 0; i < count; i++)
		for (__u32 j = 0; j < i; j++)
			if (i % 8 != 7 && j % 8 != 7 && entries[i] & S64_TAG_MASK &&
			    tag_is(entries[i], entries[j]) &&
			    s64_tat_ahead(entries[i], s64_native->now) &&
			    s64_tat_ahead(entries[j], s64_native->now))
				machine_fail(
					"the words %u and %u are the same one's: 0x%llx, 0x%llx", j,
					i, (unsigned long long)entries[j],
					(unsigned long long)entries[i]);
}

static void check(void)
{
	const struct plan *plan = &now.plan;

	for (int i = 0; i < 2; i++) {
		if (plan->burst)
			check_bound("a source", count_passed(source_of(0, i), ~0ULL), plan->burst);
		check_bound("a /48", count_passed(source_of(0, i), ~0xffffULL),
			    plan->aggregate ? plan->aggregate : plan->burst);
	}
	check_once();
	for (__u32 i = 0; i < plan->buckets; i++)
		if (world->maps.limiter[i].control & S64_BUCKET_BUSY)
			machine_fail("a line was left busy");
}

static void setup(const struct scenario *scenario)
{
	const struct plan *plan = scenario->data;
	struct s64_limit *limits;

	world_make(plan->buckets);
	memset(&now, 0, sizeof(now));
	limits = s64_native->limits;
	limits[FILL_SOURCE] = (struct s64_limit){.source = rate(2000),
						 .fallback = rate(2000),
						 .key = FILL_SOURCE};
	limits[FILL_AGGREGATE] = (struct s64_limit){.aggregate = rate(2000),
						    .fallback = rate(2000),
						    .key = FILL_AGGREGATE};
	for (int i = 0; i < plan->sources || i < plan->aggregates; i++)
		for (__u32 j = 0; j < plan->lasting; j++) {
			if (i < plan->aggregates)
				limit_charge(OTHER(i), OTHER(i), FILL_AGGREGATE);
			if (i < plan->sources)
				limit_charge(OTHER(i), OTHER(i), FILL_SOURCE);
		}
	now.plan = *plan;
	limits[LIMIT] = (struct s64_limit){.source = rate(plan->burst),
					   .aggregate = rate(plan->aggregate),
					   .fallback = rate(SHARED_BURST),
					   .key = LIMIT};
	limits[S64_LIMIT_THROTTLE + THROTTLE] =
		(struct s64_limit){.source = rate(plan->burst),
				   .fallback = rate(plan->burst),
				   .key = S64_LIMIT_THROTTLE + THROTTLE};
	machine_keep(&now, sizeof(now));
}

#define PLAN(...)                    \
	.data = &(const struct plan) \
	{                            \
		__VA_ARGS__          \
	}
#define TELL "limiter"

const struct scenario limiter_scenarios[] = {
	{TELL, "a source", 2, setup, run, check, PLAN(OWN, 2, 3, 1, 3, .buckets = 1)},
	{TELL, "a source", 3, setup, run, check, PLAN(OWN, 3, 2, 1, 3, .buckets = 1)},
	{TELL, "a source, by the slow path", 2, setup, run, check,
	 PLAN(OWN_LONG, 2, 3, 1, 3, .buckets = 1)},
	{TELL, "a source, by the slow path", 3, setup, run, check,
	 PLAN(OWN_LONG, 3, 2, 1, 3, .buckets = 1)},
	{TELL, "a source, read early", 2, setup, run, check,
	 PLAN(OWN_EARLY, 2, 3, 1, 3, .buckets = 1)},
	{TELL, "a source while time goes on", 3, setup, run, check,
	 PLAN(OWN, 2, 3, 1, 3, 2, 8, .buckets = 1)},
	{TELL, "a source, the longest tolerance", 3, setup, run, check,
	 PLAN(OWN, 2, 5, 3, 0, 1, 0, .buckets = 1, .longest = true)},
	{TELL, "a source, its slot taken", 2, setup, run, check,
	 PLAN(OWN, 2, 3, 1, 3, .sources = 3, .lasting = 9, .buckets = 1)},
	{TELL, "a source, the last slot", 2, setup, run, check,
	 PLAN(OWN, 2, 3, 1, 3, .sources = 4, .aggregates = 1, .lasting = 9, .buckets = 1)},
	{TELL, "a source in its second line", 2, setup, run, check,
	 PLAN(OWN, 2, 3, 1, 9, .sources = 24, .aggregates = 8, .lasting = 9, .buckets = 4)},
	{TELL, "a source, slots get free", 3, setup, run, check,
	 PLAN(OWN, 2, 2, 2, 9, 2, 32, .sources = 8, .aggregates = 4, .lasting = 1, .buckets = 2)},
	{TELL, "two sources for one slot", 2, setup, run, check,
	 PLAN(TWO, 2, 4, 1, 3, .sources = 3, .aggregates = 1, .lasting = 9, .buckets = 1)},
	{TELL, "two sources", 3, setup, run, check, PLAN(TWO, 3, 2, 1, 3, .buckets = 1)},
	{TELL, "a /48", 2, setup, run, check, PLAN(AGGREGATE, 2, 4, 1, 1, .buckets = 1)},
	{TELL, "a /48", 3, setup, run, check, PLAN(AGGREGATE, 3, 2, 1, 1, .buckets = 1)},
	{TELL, "a /48 without its sources", 3, setup, run, check,
	 PLAN(AGGREGATE, 3, 2, 0, 1, .buckets = 1)},
	{TELL, "a /48, its slot taken", 2, setup, run, check,
	 PLAN(AGGREGATE, 2, 4, 1, 1, .aggregates = 3, .lasting = 9, .buckets = 1)},
	{TELL, "a /48 in a full line", 2, setup, run, check,
	 PLAN(AGGREGATE, 2, 4, 1, SHARED_BURST, .sources = 6, .aggregates = 6, .lasting = 9,
	      .buckets = 1)},
	{TELL, "a /48 in a full line", 3, setup, run, check,
	 PLAN(AGGREGATE, 3, 2, 1, SHARED_BURST, .sources = 6, .aggregates = 6, .lasting = 9,
	      .buckets = 1)},
	{TELL, "a /48, its line gets free", 3, setup, run, check,
	 PLAN(AGGREGATE, 2, 3, 1, SHARED_BURST, 1, 32, .sources = 6, .aggregates = 6, .lasting = 1,
	      .buckets = 1)},
	{TELL, "a throttle", 2, setup, run, check, PLAN(THROTTLED, 2, 3, 1, .buckets = 1)},
	{TELL, "a throttle", 3, setup, run, check, PLAN(THROTTLED, 3, 2, 1, .buckets = 1)},
	{TELL, "a source, swept", 3, setup, run, check,
	 PLAN(OWN, 2, 3, 1, 3, .buckets = 1, .swept = true)},
	{TELL, "a source that is over, swept", 3, setup, run, check,
	 PLAN(OWN, 1, 8, 3, 9, 1, 26, .buckets = 1, .swept = true)},
	{TELL, "a source in its second line, swept", 3, setup, run, check,
	 PLAN(OWN, 2, 2, 1, 9, .sources = 24, .aggregates = 8, .lasting = 9, .buckets = 4,
	      .swept = true)},
	{TELL, "a source, long runs", 17, setup, run, check,
	 PLAN(OWN, 16, 100, 20, 99, 300, 2, .buckets = 1), .random = 30},
	{TELL, "two sources, long runs", 17, setup, run, check,
	 PLAN(TWO, 16, 100, 20, 99, 300, 2, .buckets = 1), .random = 30},
	{TELL, "a source, slots get free, long runs", 17, setup, run, check,
	 PLAN(OWN, 16, 100, 20, 99, 60, 4, .sources = 8, .aggregates = 4, .lasting = 4,
	      .buckets = 2),
	 .random = 30},
	{TELL, "a /48, long runs", 17, setup, run, check,
	 PLAN(AGGREGATE, 16, 100, 5, 20, 300, 2, .buckets = 1), .random = 30},
	{TELL, "a throttle, long runs", 17, setup, run, check,
	 PLAN(THROTTLED, 16, 100, 20, 0, 300, 2, .buckets = 1), .random = 30},
	{},
};
