// SPDX-License-Identifier: GPL-2.0-only
#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct s64_native *s64_native;
struct world *world;

/* slash64d uses the datapath's clock. */
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
#define X(id, name, type, entries) \
	machine_name(s64_native->name, native_entries_of_##name(meta) * sizeof(type), #name);
	const struct s64_meta *meta = s64_native->meta;

	S64_MAPS(X)
#undef X
}

void world_make(uint32_t limiter_buckets)
{
	const struct s64_meta meta = {.layout = S64_LAYOUT,
				      .blocks = WORLD_BUCKETS * S64_BUCKET_KEYS,
				      .blocks_buckets = WORLD_BUCKETS,
				      .prefixes = WORLD_BUCKETS * S64_BUCKET_KEYS,
				      .prefix_buckets = WORLD_BUCKETS,
				      .bloom_lines = 1,
				      .limiter_buckets = limiter_buckets,
				      .iface_slots = 1,
				      .cpus = 1,
				      .seed = MEMORY_SEED};

	if (world)
		memory_maps_free(&world->maps);
	else
		world = calloc(1, sizeof(*world));
	memory_maps_make(&world->maps, &meta);
	s64_native = &world->native;
	native_over(s64_native, &world->maps);
	s64_native->now = 1ULL << 50;
	world_name();
}
