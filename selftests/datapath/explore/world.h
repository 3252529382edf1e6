/* SPDX-License-Identifier: GPL-2.0-only */
/* The datapath and its tables for the explorer, as small as possible: the fewer words, the more
 * collisions.
 */
#ifndef SLASH64_EXPLORE_WORLD_H
#define SLASH64_EXPLORE_WORLD_H

#include "../../../bpf/verdict.h"
#include "../../../bpf/sample.h"
#include "../../../bpf/sampler.h"
#include "../../../bpf/extras/capture.h"
#undef config /* from here on the name belongs to the tests */

#include "search.h"
#include "maps/maps.h"
#include "memory_maps.h"

#define WORLD_BUCKETS 2

struct world {
	struct s64_native native;
	struct maps maps;
};

extern struct world *world;

/* Empty tables, with that many buckets of the limiter. */
void world_make(uint32_t limiter_buckets);

/* Lists of scenarios, each terminated by one without a name. */
extern const struct scenario limiter_scenarios[], blocks_scenarios[], rules_scenarios[],
	samples_scenarios[], capture_scenarios[];

#endif
