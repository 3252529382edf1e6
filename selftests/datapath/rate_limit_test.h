/* SPDX-License-Identifier: GPL-2.0-only */
/* A limit, and packets that are charged to it. */
#ifndef SELFTESTS_DATAPATH_RATE_LIMIT_TEST_H
#define SELFTESTS_DATAPATH_RATE_LIMIT_TEST_H

#include <stdio.h>
#include <time.h>

#include "maps/limiter_sweep.h"
#include "native.h"

#define LIMIT_ID  S64_CLASS_ECHO_REQUEST
#define NS(ns)	  s64_time_of_ns(ns)
#define SECOND	  NS(1000000000ULL)
#define SOURCE(n) (0x2a00000000000000ULL + ((uint64_t)(n) << 16)) /* each in its own /48 */

static inline void set_limit(uint32_t rate, uint32_t burst, uint32_t aggregate_rate,
			     uint32_t aggregate_burst)
{
	struct policy_limit limit = {rate, burst, aggregate_rate, aggregate_burst};

	assert_int_equal(policy_compile_limit(&limit, LIMIT_ID, NATIVE_TICK_NS,
					      &s64_native->limits[LIMIT_ID]),
			 0);
}

/* Uses the search; offer_quickly() uses the path without one, if there is one. */
static inline bool charge(uint64_t src_key)
{
	uint64_t scope = limit_scope(src_key, src_key, 0);

	return !reason_drops(limit_search(src_key + scope,
					  s64_src_key_aggregate(src_key, 0) + scope, LIMIT_ID,
					  LEVEL_BOTH));
}

/* How many of `count` packets pass, evenly spread over `span` units. */
static inline unsigned int offer(uint64_t src_key, unsigned int count, uint64_t span)
{
	uint64_t start = s64_native->now;
	unsigned int passed = 0;

	for (unsigned int i = 0; i < count; i++) {
		s64_native->now = start + span * i / count;
		passed += charge(src_key);
	}
	s64_native->now = start + span;
	return passed;
}

static inline unsigned int offer_quickly(uint64_t src_key, unsigned int count)
{
	unsigned int passed = 0;

	while (count--)
		passed += !reason_drops(
			limit_charge(src_key, s64_src_key_aggregate(src_key, 0), LIMIT_ID));
	return passed;
}

/* Two sources of one /48 with the same home slot. */
static inline uint64_t same_slot_as(uint64_t src_key)
{
	const struct s64_limit *limit = &s64_native->limits[LIMIT_ID];
	struct limit_hashes first = limit_hashes(limit, src_key, s64_src_key_aggregate(src_key, 0));

	for (uint64_t other = src_key + 1;; other++) {
		struct limit_hashes hashes =
			limit_hashes(limit, other, s64_src_key_aggregate(other, 0));

		if (home_slot_source(hashes.source) == home_slot_source(first.source))
			return other;
	}
}

#endif
