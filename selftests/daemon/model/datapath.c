// SPDX-License-Identifier: GPL-2.0-only
#include "datapath.h"

#include "../../../bpf/packet.h"

/* The accessors of bpf/maps.h, of the maps as slash64d has them in memory. */
#define SLASH64_BPF_MAPS_NATIVE_H
#define SLASH64_BPF_MAPS_H

static const struct maps *of;
static struct s64_config facts;

#define config	    facts
#define skips(step) false

static inline struct s64_seed config_seed(void)
{
	return of->meta->seed;
}

static inline const struct s64_bucket *bucket_at(__u32 i)
{
	return i < of->meta->blocks_buckets ? &of->blocks[i] : NULL;
}

static inline const struct s64_bloom_line *bloom_at(__u32 i)
{
	return i < of->meta->bloom_lines ? &of->bloom[i] : NULL;
}

static inline struct s64_block_cache *block_cache(void)
{
	return of->block_cache;
}

static inline struct s64_limiter_bucket *limiter_at(__u32 i)
{
	return &of->limiter[i];
}

static inline const struct s64_source_index_page *source_index_page_at(__u32 i)
{
	return i < S64_SOURCE_INDEX_PAGES ? &of->source_index_page[i] : NULL;
}

static inline const __u8 *source_index_table(void)
{
	return &of->source_index->entry[0];
}

static inline const struct s64_source_rules *source_rules(void)
{
	return of->rules;
}

static inline const struct s64_bucket *prefix_bucket_at(__u32 i)
{
	return i < of->meta->prefix_buckets ? &of->prefixes[i] : NULL;
}

static inline const struct s64_prefix_lengths *prefix_lengths_at(__u32 slot)
{
	return slot < S64_LENGTHS_ENTRIES ? &of->lengths[slot] : NULL;
}

static inline const struct s64_special *special_at(__u32 i)
{
	return i < S64_SPECIAL_MAX ? &of->special[i] : NULL;
}

static inline const struct s64_limit *limit_at(__u32 id)
{
	return id < S64_LIMIT_MAX ? &of->limits[id] : NULL;
}

static inline __u64 clock_ticks(void)
{
	return 0;
}

static inline __u64 clock_exact(void)
{
	return 0;
}

static inline __u64 clock_jiffies(void)
{
	return 0;
}

#pragma GCC diagnostic ignored "-Wunused-function"
#include "../../../bpf/blocklist.h"
#include "../../../bpf/source.h"
#undef config

#define UNITS_PER_S 62500000.0 /* of 16 ns */

/* An IPv4 packet has no other form. */
static void identify(struct s64_packet *packet, const struct prefix *whole)
{
	packet->src_hi = prefix_hi(whole);
	packet->src_lo = prefix_lo(whole);
	if (!prefix_is_v4(whole)) {
		identify_source(packet);
		return;
	}
	packet->src_hi = packet->src_lo = 0;
	packet->src_key = s64_src_key_of_v4(prefix_lo(whole));
	packet->source_length = 128;
	packet->source_flags = source_index_flags(0) & S64_SOURCE_INDEX_PREFIXES;
	packet->src_lo = 0xffffULL << 32 | (__u32)prefix_lo(whole);
}

struct datapath_verdict datapath_process(const struct maps *maps, const struct in6_addr *address)
{
	struct prefix whole = {.address = *address, .length = 128};
	struct datapath_verdict verdict = {};
	struct s64_packet packet = {};
	struct s64_cpu_state cpu_state = {};
	const struct s64_rate *rate;
	__u32 listed;
	int info;

	of = maps;
	facts.seed = maps->meta->seed;
	facts.blocks_buckets = maps->meta->blocks_buckets;
	facts.prefix_buckets = maps->meta->prefix_buckets;
	facts.bloom_lines = maps->meta->bloom_lines;
	facts.limiter_buckets = maps->meta->limiter_buckets;
	identify(&packet, &whole);
	info = block_check(&cpu_state, packet.src_key);
	if (info == S64_BLOCK_NONE && !(packet.source_flags & S64_SOURCE_INDEX_PREFIXES))
		return verdict;
	verdict.fate = REF_BLOCKED;
	if (info == 0)
		return verdict;
	listed = verdict_listed(packet.src_hi, packet.src_lo, packet.src_key, info,
				packet.source_length);
	if (listed == S64_REASON_NONE)
		verdict.fate = REF_OPEN;
	if (!(listed & LISTED_THROTTLED))
		return verdict;
	verdict.fate = REF_THROTTLED;
	rate = &maps->limits[S64_LIMIT_THROTTLE + LISTED_INDEX(listed)].source;
	if (rate->increment) {
		verdict.rate = UNITS_PER_S / rate->increment;
		verdict.burst = rate->tolerance / rate->increment;
	}
	return verdict;
}
