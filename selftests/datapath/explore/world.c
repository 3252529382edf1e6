// SPDX-License-Identifier: GPL-2.0-only
#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct s64_native *s64_native;
struct world *world;

/* slash64d's clock is that of the datapath. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
	__u64 ns;

	if (!machine_runs())
		return syscall(SYS_clock_gettime, clock, time);
	ns = S64_NOW(s64_native->now) << S64_TAT_NS_SHIFT;
	*time = (struct timespec){ns / 1000000000, ns % 1000000000};
	return 0;
}

static void world_name(void)
{
	machine_name(&s64_native->now, sizeof(s64_native->now), "clock");
	machine_name(world->blocks, sizeof(world->blocks), "blocks");
	machine_name(world->prefixes, sizeof(world->prefixes), "prefixes");
	machine_name(world->bloom, sizeof(world->bloom), "bloom");
	machine_name(world->limiter, sizeof(world->limiter), "limiter");
	machine_name(&s64_native->block_cache, sizeof(s64_native->block_cache), "block cache");
	machine_name(&s64_native->rules, sizeof(s64_native->rules), "rules");
	machine_name(&s64_native->samples, sizeof(s64_native->samples), "samples");
	machine_name(&s64_native->source_index, sizeof(s64_native->source_index), "source index");
	machine_name(s64_native->source_index_page, sizeof(s64_native->source_index_page),
		     "source index page");
	machine_name(s64_native->lengths, sizeof(s64_native->lengths), "lengths");
	machine_name(s64_native->limits, sizeof(s64_native->limits), "limits");
}

void world_make(uint32_t limiter_buckets)
{
	struct s64_native *n;

	if (!world)
		world = aligned_alloc(64, (sizeof(*world) + 63) & ~63UL);
	memset(world, 0, sizeof(*world));
	s64_native = n = &world->native;
	n->config.seed = (struct s64_seed){0x0123456789abcdefULL,
					   {0x9e3779b97f4a7c15ULL, 0xbf58476d1ce4e5b9ULL}};
	n->config.blocks_buckets = n->config.prefix_buckets = WORLD_BUCKETS;
	n->config.bloom_lines = 1;
	n->config.limiter_buckets = limiter_buckets;
	n->config.cpus = 1;
	n->blocks = world->blocks;
	n->prefixes = world->prefixes;
	n->bloom = world->bloom;
	n->limiter = world->limiter;
	n->local = world->local;
	n->now = 1ULL << 50;
	world->meta = (struct s64_meta){.layout = S64_LAYOUT,
					.blocks = WORLD_BUCKETS * S64_BUCKET_KEYS,
					.blocks_buckets = WORLD_BUCKETS,
					.prefixes = WORLD_BUCKETS * S64_BUCKET_KEYS,
					.prefix_buckets = WORLD_BUCKETS,
					.bloom_lines = 1,
					.limiter_buckets = limiter_buckets,
					.iface_slots = 1,
					.cpus = 1,
					.seed = n->config.seed};
	world->maps = (struct maps){.meta = &world->meta,
				    .blocks = n->blocks,
				    .bloom = n->bloom,
				    .block_cache = &n->block_cache,
				    .limiter = n->limiter,
				    .local = n->local,
				    .special = n->special,
				    .source_index = &n->source_index,
				    .source_index_page = n->source_index_page,
				    .rules = &n->rules,
				    .prefixes = n->prefixes,
				    .lengths = n->lengths,
				    .limits = n->limits,
				    .samples = &n->samples,
				    .counters = &n->counters};
	world_name();
}
