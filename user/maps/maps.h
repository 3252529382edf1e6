/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps: created, or opened where they are pinned, and mapped into memory. */
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

/* The requested sizes of the maps. */
struct tables_size {
	uint32_t blocks;   /* sources */
	uint32_t prefixes; /* of other lengths, and allowed ones; 0: the default */
	/* sources that are limited at the same time; S64_LIMITER_WORDS_PER_SITE slots for each */
	uint32_t limiter;
	uint32_t ifaces;
};

/* Memory of the maps; what the datapath writes is read with plain loads. */
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
	struct s64_limit *limits; /* S64_LIMIT_MAX for each interface slot */
	struct s64_iface_policy *policy;
	struct s64_counters *
		counters; /* meta->cpus for each interface slot; after these, one for each slot: what was counted in maps that these have replaced */
	struct s64_samples *samples; /* one for each CPU */
	struct s64_given *given;
	struct s64_special *special;
	struct s64_gate_table *gate;
	struct s64_gate_page *gate_page;
	struct s64_site_rules *rules;
	struct s64_bucket *prefixes;
	struct s64_prefix_lengths *lengths;
};

/* Creates new maps, not pinned, empty except for facts, ICMPv6 types, special prefixes and the
 * general source rules.
 */
int tables_create(struct tables *tables, const struct tables_size *size, struct error *error);

/* Pins them into a directory, which is created. All or none. */
int tables_pin(const struct tables *tables, const char *directory, struct error *error);

/* Pins again those that somebody unpinned; returns how many. */
int tables_keep_pinned(const struct tables *tables, const char *directory);

/* Opens the maps pinned in a directory. -ENOENT if there are none; -ESTALE if they have another
 * layout or are incomplete.
 */
int tables_adopt(struct tables *tables, const char *directory, struct error *error);

/* Whether these maps have that size. */
bool tables_fit(const struct tables *tables, const struct tables_size *size);

/* The owner of the maps: a hash of the directory of their pins. */
uint64_t tables_owner(const char *pins);

/* Removes the pins in the directory, and the directory. */
void tables_unpin(const char *directory);

void tables_close(struct tables *tables);

size_t tables_memory(const struct tables *tables);

struct bpf_map;

/* Binds a map of an object that is not loaded yet, if it is one of these. */
int tables_reuse(const struct tables *tables, struct bpf_map *map);

/* A hash of the program's object and of its configuration: equal hashes mean the same behaviour. */
uint64_t program_hash(const struct tables *tables);

#endif
