/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps as plain memory, for the native build of the steps. One set at a time is in use. */
#ifndef SLASH64_BPF_MAPS_NATIVE_H
#define SLASH64_BPF_MAPS_NATIVE_H

#ifndef SLASH64_BPF_MAPS_H
#error "include maps.h"
#endif

struct s64_native {
	struct s64_config config;
	struct s64_bucket *blocks;
	struct s64_bloom_line *bloom;
	struct s64_block_cache block_cache;
	struct s64_limiter_bucket *limiter; /* config.limiter_lines + S64_FALLBACK_BUCKETS */
	struct s64_bucket *local;
	struct s64_icmpv6_type icmpv6[256];
	struct s64_limit limits[S64_LIMIT_MAX];
	struct s64_iface_policy policy;
	struct s64_counters counters;
	struct s64_samples samples;
	struct s64_special special[S64_SPECIAL_MAX];
	struct s64_source_index_page source_index_page[S64_SOURCE_INDEX_PAGES];
	struct s64_source_index source_index;
	struct s64_source_rules rules;
	struct s64_bucket *prefixes;
	struct s64_prefix_lengths lengths[S64_LENGTHS_ENTRIES];
	__u64 now; /* units of 16 ns */
	enum s64_step step;
	enum s64_test_direction direction;
	bool keeps_all; /* what the kernel forwards: nothing */
	/* lookups until one fails, counted down; 0: none fails */
	__u32 looks;
};

extern struct s64_native *s64_native;

#define config	    (s64_native->config)
#define skips(step) (config.skip & S64_SKIP_##step)

/* In the kernel, every lookup may fail, as far as the verifier knows. */
static inline bool look_fails(void)
{
	return s64_native->looks && !--s64_native->looks;
}

/* The explorer's clock advances while a packet is processed. */
#ifndef S64_NOW
#define S64_NOW(clock) (clock)
#endif

#define FOUND_IF(condition, entry) (!look_fails() && (condition) ? S64_FOUND(entry) : NULL)

static inline struct s64_seed config_seed(void)
{
	return config.seed;
}

static inline const struct s64_bucket *bucket_at(__u32 i)
{
	return FOUND_IF(i < config.blocks_buckets, &s64_native->blocks[i]);
}

static inline const struct s64_bloom_line *bloom_at(__u32 i)
{
	return FOUND_IF(i < config.bloom_lines, &s64_native->bloom[i]);
}

static inline struct s64_block_cache *block_cache(void)
{
	return FOUND_IF(true, &s64_native->block_cache);
}

static inline struct s64_limiter_bucket *limiter_at(__u32 i)
{
	return FOUND_IF(i < config.limiter_buckets + S64_FALLBACK_BUCKETS, &s64_native->limiter[i]);
}

static inline const struct s64_bucket *local_at(__u32 i)
{
	return FOUND_IF(i < S64_LOCAL_BUCKETS, &s64_native->local[i]);
}

static inline const struct s64_special *special_at(__u32 i)
{
	return FOUND_IF(i < S64_SPECIAL_MAX, &s64_native->special[i]);
}

static inline const struct s64_source_index_page *source_index_page_at(__u32 i)
{
	return FOUND_IF(i < S64_SOURCE_INDEX_PAGES, &s64_native->source_index_page[i]);
}

static inline const __u8 *source_index_table(void)
{
	return FOUND_IF(true, &s64_native->source_index.entry[0]);
}

static inline const struct s64_source_rules *source_rules(void)
{
	return FOUND_IF(true, &s64_native->rules);
}

static inline const struct s64_bucket *prefix_bucket_at(__u32 i)
{
	return FOUND_IF(i < config.prefix_buckets, &s64_native->prefixes[i]);
}

static inline const struct s64_prefix_lengths *prefix_lengths_at(__u32 slot)
{
	return FOUND_IF(slot < S64_LENGTHS_ENTRIES, &s64_native->lengths[slot]);
}

static inline const struct s64_icmpv6_type *icmpv6_type_at(__u8 type)
{
	return FOUND_IF(true, &s64_native->icmpv6[type]);
}

static inline const struct s64_limit *limit_at(__u32 id)
{
	return FOUND_IF(id < S64_LIMIT_MAX, &s64_native->limits[id]);
}

static inline const struct s64_iface_policy *iface_policy(void)
{
	return &s64_native->policy;
}

static inline __u32 this_cpu(void)
{
	return 0;
}

static inline struct s64_counters *counters_of(__u32 cpu)
{
	return FOUND_IF(cpu == 0, &s64_native->counters);
}

static inline struct s64_samples *samples_of(__u32 cpu)
{
	return FOUND_IF(cpu == 0, &s64_native->samples);
}

static inline __u64 clock_jiffies(void)
{
	return S64_NOW(s64_native->now);
}

static inline __u64 clock_ticks(void)
{
	return S64_NOW(s64_native->now);
}

static inline __u64 clock_exact(void)
{
	return S64_NOW(s64_native->now);
}

static inline void s64_loop(__u32 most, long (*step)(__u32 i, void *state), void *state)
{
	for (__u32 i = 0; i < most && !step(i, state); i++)
		;
}

static inline __u32 frame_wire_length(s64_frame *frame, const __u8 *data, const __u8 *data_end)
{
	(void)data;
	(void)data_end;
	return frame->wire_length;
}

static inline enum s64_step last_step(void)
{
	return s64_native->step;
}

static inline enum s64_test_direction test_direction(void)
{
	return s64_native->direction;
}

static inline bool kernel_forwards(s64_frame *frame, const struct s64_packet *packet)
{
	(void)frame;
	(void)packet;
	return !s64_native->keeps_all;
}

#endif
