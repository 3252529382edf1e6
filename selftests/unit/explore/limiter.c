// SPDX-License-Identifier: GPL-2.0-only
/* The limiter: whatever the order, no more passes than the burst, what the rate brings meanwhile, and one packet for
 * each processor in flight (hostile 1, hostile 12). Nothing here knows how it does that.
 */
#include <string.h>

#include "limiter.h"
#include "world.h"

#define LIMIT	 S64_CLASS_ECHO_REQUEST
#define THROTTLE 1
#define COST	 1000 /* of a packet, in units of time */

#define SITE	 0x2a00000100020003ULL
#define OTHER(n) (0x2a01000000000000ULL + ((__u64)(n) << 16)) /* each in a /48 of its own */

enum kind {
	OWN,	   /* all send from one site */
	OWN_LONG,  /* and are charged by the long way */
	WIDER,	   /* each packet from another site of one /48 */
	THROTTLED, /* from one that an operator holds to a rate */
	KINDS
};

/* What a run is made of, and what it came to. */
static struct {
	enum kind kind;
	int senders, packets, ticks;
	__u32 burst, tick;
	int others; /* sites that were limited before it */
} plan;

static struct {
	int passed[EXPLORE_CPUS];
} result;

static struct s64_rate rate(__u32 burst)
{
	return (struct s64_rate){COST, (__u64)burst * COST};
}

static bool passes(__u32 reason)
{
	return reason == S64_REASON_NONE || !reason_drops(reason);
}

static bool packet_passes(enum kind kind, int cpu, int packet)
{
	__u64 site = SITE + (kind == WIDER ? (__u64)cpu * 64 + packet : 0);
	__u64 wide = s64_site_wider(site, site);
	struct s64_packet from = {.src_hi = site, .src_lo = 1, .site = site};

	machine_packet();
	switch (kind) {
	case OWN_LONG:
		return passes(limit_search(site, wide, LIMIT, LEVEL_BOTH));
	case THROTTLED:
		return passes(judge_throttle(&from, judge_listed(site, 1, site, S64_BLOCK_THROTTLE | THROTTLE, 64)));
	default:
		return passes(limit_charge(site, wide, LIMIT));
	}
}

/* The last processor is the clock, where time goes on. */
static void run(int cpu)
{
	if (cpu == plan.senders) {
		__u64 now = s64_native->now;

		for (int i = 1; i <= plan.ticks; i++)
			machine_say(&s64_native->now, now + (__u64)i * plan.tick);
		return;
	}
	for (int i = 0; i < plan.packets; i++)
		result.passed[cpu] += packet_passes(plan.kind, cpu, i);
}

static void check(void)
{
	int passed = 0, bound = plan.burst + plan.ticks * plan.tick / COST + plan.senders;

	for (int i = 0; i < plan.senders; i++)
		passed += result.passed[i];
	if (passed > bound)
		machine_fail("%d packets passed, and %u + %u + %d may", passed, plan.burst,
			     plan.ticks * plan.tick / COST, plan.senders);
}

static void make(void)
{
	struct s64_limit *limit;

	world_make(1);
	limit = &s64_native->limits[LIMIT];
	*limit = (struct s64_limit){.site = rate(1000), .wider = rate(1000), .shared = rate(1000), .key = LIMIT};
	for (int i = 0; i < plan.others; i++)
		limit_charge(OTHER(i), OTHER(i), LIMIT);
	*(plan.kind == WIDER ? &limit->wider : &limit->site) = rate(plan.burst);
	s64_native->limits[S64_LIMIT_THROTTLE + THROTTLE] = (struct s64_limit){
		.site = rate(plan.burst), .shared = rate(plan.burst), .key = S64_LIMIT_THROTTLE + THROTTLE};
	memset(&result, 0, sizeof(result));
	machine_keep(&result, sizeof(result));
}

#define SCENARIO(id, kind_, cpus_, packets_, burst_, ticks_, tick_, others_)                       \
	static void setup_##id(void)                                                               \
	{                                                                                          \
		plan.kind = kind_, plan.senders = (cpus_) - ((ticks_) > 0), plan.packets = packets_; \
		plan.burst = burst_, plan.ticks = ticks_, plan.tick = tick_, plan.others = others_; \
		make();                                                                            \
	}

SCENARIO(own_2, OWN, 2, 3, 1, 0, 0, 0)
SCENARIO(own_3, OWN, 3, 2, 1, 0, 0, 0)
SCENARIO(own_clock, OWN, 3, 3, 1, 2, COST / 2, 0)
SCENARIO(long_2, OWN_LONG, 2, 3, 1, 0, 0, 0)
SCENARIO(long_3, OWN_LONG, 3, 2, 1, 0, 0, 0)
SCENARIO(away_2, OWN, 2, 3, 1, 0, 0, 2)
SCENARIO(away_3, OWN, 3, 2, 1, 0, 0, 2)
SCENARIO(wider_2, WIDER, 2, 3, 1, 0, 0, 0)
SCENARIO(wider_3, WIDER, 3, 2, 1, 0, 0, 0)
SCENARIO(wider_away, WIDER, 3, 2, 1, 0, 0, 2)
SCENARIO(throttle_2, THROTTLED, 2, 3, 1, 0, 0, 0)
SCENARIO(throttle_3, THROTTLED, 3, 2, 1, 0, 0, 0)
SCENARIO(own_16, OWN, 17, 100, 20, 300, COST / 10, 0)
SCENARIO(wider_16, WIDER, 17, 60, 20, 300, COST / 10, 0)
SCENARIO(throttle_16, THROTTLED, 17, 100, 20, 300, COST / 10, 0)

#define TELL(name_, id, cpus_, ...) {"limiter", name_, cpus_, setup_##id, run, check, __VA_ARGS__}

const struct scenario limiter_scenarios[] = {
	TELL("a site's word", own_2, 2, .stale = 0),
	TELL("a site's word", own_3, 3, .stale = 0),
	TELL("a site's word while time goes on", own_clock, 3, .stale = 0),
	TELL("a site's word, the long way", long_2, 2, .stale = 0),
	TELL("a site's word, the long way", long_3, 3, .stale = 0),
	TELL("a site's word, its slot taken", away_2, 2, .stale = 0),
	TELL("a site's word, its slot taken", away_3, 3, .stale = 0),
	TELL("a /48's word", wider_2, 2, .stale = 0),
	TELL("a /48's word", wider_3, 3, .stale = 0),
	TELL("a /48's word, its slot taken", wider_away, 3, .stale = 0),
	TELL("a throttle", throttle_2, 2, .stale = 0),
	TELL("a throttle", throttle_3, 3, .stale = 0),
	TELL("a site's word, long runs", own_16, 17, .random = 20),
	TELL("a /48's word, long runs", wider_16, 17, .random = 20),
	TELL("a throttle, long runs", throttle_16, 17, .random = 20),
	{},
};
