/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps: made, or found where they are pinned, and mapped into memory. And the program that reads
 * them, opened for an interface.
 */
#ifndef SLASH64_USER_TABLES_H
#define SLASH64_USER_TABLES_H

#include <slash64/icmpv6.h>
#include <slash64/maps.h>
#include <slash64/special_prefixes.h>

#include "base/error.h"
#include "net/prefix.h"

struct slash64_bpf;

enum table {
	TABLE_META,
	TABLE_BLOCKS,
	TABLE_BLOOM,
	TABLE_RECENT,
	TABLE_LIMITER,
	TABLE_LOCAL,
	TABLE_ICMPV6,
	TABLE_LIMITS,
	TABLE_POLICY,
	TABLE_COUNTERS,
	TABLE_SAMPLES,
	TABLE_GIVEN,
	TABLE_SPECIAL,
	TABLE_GATE,
	TABLE_GATE_PAGE,
	TABLE_RULES,
	TABLE_PREFIXES,
	TABLE_LENGTHS,
	TABLE_COUNT
};

#define TABLES_PREFIXES_DEFAULT 131072

/* How large the tables are to be. */
struct tables_size {
	uint32_t blocks;   /* sites */
	uint32_t prefixes; /* of other lengths, and allowed ones; 0: as many as usual */
	/* sites that are limited at a time; S64_LIMITER_WORDS_PER_SITE slots for each */
	uint32_t limiter;
	uint32_t ifaces;
};

/* Memory of the maps; what the fast path writes is read with plain loads. */
struct tables {
	int fd[TABLE_COUNT];
	size_t bytes[TABLE_COUNT]; /* mapped */
	struct s64_meta *meta;
	struct s64_bucket *blocks;
	struct s64_bloom_line *bloom;
	struct s64_recent *recent;
	struct s64_limiter_line *limiter;
	struct s64_bucket *local;
	struct s64_icmpv6_type *icmpv6;
	struct s64_limit *limits; /* S64_LIMIT_MAX per interface slot */
	struct s64_iface_policy *policy;
	struct s64_counters *
		counters; /* meta->cpus per interface slot, and behind all of these one per slot: what was counted
					* in tables that these have taken the place of
					*/
	struct s64_samples *samples; /* one per processor */
	struct s64_given *given;
	struct s64_special *special;
	struct s64_gate_table *gate;
	struct s64_gate_page *gate_page;
	struct s64_site_rules *rules;
	struct s64_bucket *prefixes;
	struct s64_prefix_lengths *lengths;
};

/* Make new maps, pinned nowhere, empty but for what everybody has: facts, ICMPv6 types, special prefixes, the
 * rules about sites.
 */
int tables_create(struct tables *tables, const struct tables_size *size, struct error *error);

/* Pin them into a directory, which is made. All or none. */
int tables_pin(const struct tables *tables, const char *directory, struct error *error);

/* Pin again those that somebody has unpinned; returns how many. */
int tables_keep_pinned(const struct tables *tables, const char *directory);

/* Open the maps pinned in a directory. -ENOENT where there are none; -ESTALE where they are of another
 * layout, or not all there.
 */
int tables_adopt(struct tables *tables, const char *directory, struct error *error);

/* Whether these tables have that size. */
bool tables_fit(const struct tables *tables, const struct tables_size *size);

/* Whose tables they are: a hash of the directory of their pins. */
uint64_t tables_owner(const char *pins);

/* Unpin what is in the directory, and remove it. */
void tables_unpin(const char *directory);

void tables_close(struct tables *tables);

size_t tables_memory(const struct tables *tables);

struct bpf_map;

/* Bind a map of an object that is not loaded yet, if it is one of these. */
int tables_reuse(const struct tables *tables, struct bpf_map *map);

/* A hash of the program's object and of what it is loaded with: two that are equal do the same. */
uint64_t program_hash(const struct tables *tables);

#endif
