// SPDX-License-Identifier: GPL-2.0-only
#include "datapath.h"

#include "../../../bpf/packet.h"

/* The accessors of bpf/maps.h, of the maps as slash64d has them in memory. */
#define SLASH64_BPF_TABLES_NATIVE_H
#define SLASH64_BPF_TABLES_H

static const struct tables *of;
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

static inline struct s64_recent *recent_sites(void)
{
	return of->recent;
}

static inline struct s64_limiter_line *limiter_at(__u32 i)
{
	return &of->limiter[i];
}

static inline const struct s64_gate_page *gate_page_at(__u32 i)
{
	return i < S64_GATE_PAGES ? &of->gate_page[i] : NULL;
}

static inline const __u8 *gate_table(void)
{
	return &of->gate->entry[0];
}

static inline const struct s64_site_rules *site_rules(void)
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
	packet->site = s64_site_of_v4(prefix_lo(whole));
	packet->site_length = 128;
	packet->gate = gate_flags(0) & S64_GATE_PREFIXES;
	packet->src_lo = 0xffffULL << 32 | (__u32)prefix_lo(whole);
}

struct datapath_verdict datapath_judge(const struct tables *tables, const struct in6_addr *address)
{
	struct prefix whole = {.address = *address, .length = 128};
	struct datapath_verdict verdict = {};
	struct s64_packet packet = {};
	struct s64_memory memory = {};
	const struct s64_rate *rate;
	__u32 listed;
	int info;

	of = tables;
	facts.seed = tables->meta->seed;
	facts.blocks_buckets = tables->meta->blocks_buckets;
	facts.prefix_buckets = tables->meta->prefix_buckets;
	facts.bloom_lines = tables->meta->bloom_lines;
	facts.limiter_lines = tables->meta->limiter_lines;
	identify(&packet, &whole);
	info = block_ask(&memory, packet.site);
	if (info == S64_BLOCK_NONE && !(packet.gate & S64_GATE_PREFIXES))
		return verdict;
	verdict.fate = REF_BLOCKED;
	if (info == 0)
		return verdict;
	listed = judge_listed(packet.src_hi, packet.src_lo, packet.site, info, packet.site_length);
	if (listed == S64_REASON_NONE)
		verdict.fate = REF_OPEN;
	if (!(listed & LISTED_THROTTLED))
		return verdict;
	verdict.fate = REF_THROTTLED;
	rate = &tables->limits[S64_LIMIT_THROTTLE + LISTED_INDEX(listed)].site;
	if (rate->increment) {
		verdict.rate = UNITS_PER_S / rate->increment;
		verdict.burst = rate->window / rate->increment;
	}
	return verdict;
}
