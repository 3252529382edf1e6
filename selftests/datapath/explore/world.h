/* SPDX-License-Identifier: GPL-2.0-only */
/* The datapath and its tables, as small as they may be, for the explorer: the fewer words, the more meet. */
#ifndef SLASH64_EXPLORE_WORLD_H
#define SLASH64_EXPLORE_WORLD_H

#include "../../../bpf/verdict.h"
#include "../../../bpf/sample.h"
#include "../../../bpf/sampler.h"
#undef config /* the name belongs to the tests from here on */

#include "search.h"
#include "maps/maps.h"
#include "memory_maps.h"

#define WORLD_BUCKETS 2

struct world {
	struct s64_native native;
	struct maps maps;
};

extern struct world *world;

/* Empty tables, and so many lines of the limiter. */
void world_make(uint32_t limiter_buckets);

/* Lists of scenarios, each ended by one without a name. */
extern const struct scenario limiter_scenarios[], blocks_scenarios[], rules_scenarios[],
	samples_scenarios[];

#endif
