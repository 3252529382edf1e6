/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps: created, or opened where they are pinned, and mapped into memory. */
#ifndef SLASH64_MAPS_MAPS_H
#define SLASH64_MAPS_MAPS_H

#include <slash64/icmpv6.h>
#include <slash64/maps.h>
#include <slash64/special_prefixes.h>

#include "base/error.h"
#include "net/prefix.h"

struct slash64_bpf;

enum map_id {
	MAP_META,
	MAP_BLOCKS,
	MAP_BLOOM,
	MAP_BLOCK_CACHE,
	MAP_LIMITER,
	MAP_LOCAL,
	MAP_ICMPV6,
	MAP_LIMITS,
	MAP_POLICY,
	MAP_COUNTERS,
	MAP_SAMPLES,
	MAP_TEST_CTX,
	MAP_SPECIAL,
	MAP_SOURCE_INDEX,
	MAP_SOURCE_INDEX_PAGE,
	MAP_RULES,
	MAP_PREFIXES,
	MAP_LENGTHS,
	MAP_COUNT
};

#define MAPS_PREFIXES_DEFAULT 131072

/* The requested sizes of the maps. */
struct maps_size {
	uint32_t blocks;   /* sources */
	uint32_t prefixes; /* of other lengths, and allowed ones; 0: the default */
	/* sources that are limited at the same time; S64_LIMITER_ENTRIES_PER_SOURCE slots for each */
	uint32_t limiter;
	uint32_t ifaces;
};

/* Memory of the maps; what the datapath writes is read with plain loads. */
struct maps {
	int fd[MAP_COUNT];
	size_t bytes[MAP_COUNT]; /* mapped */
	struct s64_meta *meta;
	struct s64_bucket *blocks;
	struct s64_bloom_line *bloom;
	struct s64_block_cache *block_cache;
	struct s64_limiter_bucket *limiter;
	struct s64_bucket *local;
	struct s64_icmpv6_type *icmpv6;
	struct s64_limit *limits; /* S64_LIMIT_MAX for each interface slot */
	struct s64_iface_policy *policy;
	struct s64_counters *
		counters; /* meta->cpus for each interface slot; after these, one for each slot: what was counted in maps that these have replaced */
	struct s64_samples *samples; /* one for each CPU */
	struct s64_test_ctx *test_ctx;
	struct s64_special *special;
	struct s64_source_index *source_index;
	struct s64_source_index_page *source_index_page;
	struct s64_source_rules *rules;
	struct s64_bucket *prefixes;
	struct s64_prefix_lengths *lengths;
};

/* Creates new maps, not pinned, empty except for facts, ICMPv6 types, special prefixes and the
 * general source rules.
 */
int maps_create(struct maps *maps, const struct maps_size *size, struct error *error);

/* Pins them into a directory, which is created. All or none. */
int maps_pin(const struct maps *maps, const char *directory, struct error *error);

/* Pins again those that somebody unpinned; returns how many. */
int maps_repin(const struct maps *maps, const char *directory);

/* Opens the maps pinned in a directory. -ENOENT if there are none; -ESTALE if they have another
 * layout or are incomplete.
 */
int maps_adopt(struct maps *maps, const char *directory, struct error *error);

/* Whether these maps have that size. */
bool maps_fit(const struct maps *maps, const struct maps_size *size);

/* The owner of the maps: a hash of the directory of their pins. */
uint64_t maps_owner(const char *pins);

/* Removes the pins in the directory, and the directory. */
void maps_unpin(const char *directory);

void maps_close(struct maps *maps);

size_t maps_memory(const struct maps *maps);

struct bpf_map;

/* Binds a map of an object that is not loaded yet, if it is one of these. */
int maps_reuse(const struct maps *maps, struct bpf_map *map);

/* A hash of the program's object and of its configuration: equal hashes mean the same behaviour. */
uint64_t program_hash(const struct maps *maps);

#endif
