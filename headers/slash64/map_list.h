/* SPDX-License-Identifier: GPL-2.0-only */
/* The list of the maps. Everything that exists once for each map is made from it: the definitions
 * in the program (bpf/maps_kernel.h), plain memory in their place (bpf/maps_native.h), creating,
 * pinning, adopting, mapping and closing (user/maps/maps.c). A new map is one line here, its struct,
 * and an accessor in bpf/maps.h if the datapath reads it.
 */
#ifndef SLASH64_MAP_LIST_H
#define SLASH64_MAP_LIST_H

#include <slash64/capture.h>
#include <slash64/exact.h>
#include <slash64/icmpv6.h>
#include <slash64/maps.h>
#include <slash64/proof.h>
#include <slash64/special_prefixes.h>

/* X(ID, name, type of an entry, number of entries), where `meta` is a const struct s64_meta *.
 *
 * The kernel and the pin know the map as s64_name (15 characters at most); it is MAP_ID and the member
 * `name` of struct maps. META comes first, because it tells the sizes of the others.
 *
 * LIMITS has S64_LIMIT_MAX entries for each interface slot. COUNTERS has one for each CPU, for each
 * slot; after these, one for each slot: what was counted in maps that these have replaced.
 */
#define S64_MAPS(X)                                                                        \
	X(META, meta, struct s64_meta, 1)                                                  \
	X(BLOCKS, blocks, struct s64_bucket, meta->blocks_buckets)                         \
	X(BLOOM, bloom, struct s64_bloom_line, meta->bloom_lines)                          \
	X(BLOCK_CACHE, block_cache, struct s64_block_cache, 1)                             \
	X(LIMITER, limiter, struct s64_limiter_bucket,                                     \
	  meta->limiter_buckets + S64_FALLBACK_BUCKETS)                                    \
	X(LOCAL, local, struct s64_bucket, S64_LOCAL_BUCKETS)                              \
	X(ICMPV6, icmpv6, struct s64_icmpv6_type, S64_ICMPV6_TYPES)                        \
	X(LIMITS, limits, struct s64_limit, (meta->iface_slots * S64_LIMIT_MAX))           \
	X(POLICY, policy, struct s64_iface_policy, meta->iface_slots)                      \
	X(COUNTERS, counters, struct s64_counters, (meta->iface_slots * (meta->cpus + 1))) \
	X(SAMPLES, samples, struct s64_samples, meta->cpus)                                \
	X(CAPTURE, capture, struct s64_capture, 1)                                         \
	X(EXACT_ASKED, exact_asked, struct s64_exact_asked, 1)                             \
	X(EXACT, exact, struct s64_exact_counts, meta->cpus)                               \
	X(PROOF, proof, struct s64_proof, 1)                                               \
	X(PROVEN, proven, struct s64_proven_set, S64_PROVEN_SETS)                          \
	X(TEST_CTX, test_ctx, struct s64_test_ctx, 1)                                      \
	X(SPECIAL, special, struct s64_special, S64_SPECIAL_MAX)                           \
	X(INDEX_PAGE, index_page, struct s64_source_index_page, S64_SOURCE_INDEX_PAGES)    \
	X(INDEX, index, struct s64_source_index, 1)                                        \
	X(RULES, rules, struct s64_source_rules, 1)                                        \
	X(PREFIXES, prefixes, struct s64_bucket, meta->prefix_buckets)                     \
	X(LENGTHS, lengths, struct s64_prefix_lengths, S64_LENGTHS_ENTRIES)

/* Beside them, S64_MAP_RINGS: the rings of a capture, one for each CPU. It holds maps, so nobody maps
 * it into memory, and is empty while nobody captures.
 */
#define S64_MAP_RINGS "s64_rings"

#define S64_MAP_NAME(name) "s64_" #name

/* For S64_MAPS: the members of a struct, each pointing to the first entry of a map. */
#define S64_MAP_POINTER(id, name, type, entries) type *name;

#endif
