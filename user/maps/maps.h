/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps: created, or opened where they are pinned, and mapped into memory. */
#ifndef SLASH64_MAPS_MAPS_H
#define SLASH64_MAPS_MAPS_H

#include <slash64/map_list.h>

#include "base/error.h"
#include "net/prefix.h"

struct slash64_bpf;

#define MAPS_ID(id, name, type, entries) MAP_##id,
enum map_id { S64_MAPS(MAPS_ID) MAP_COUNT };
#undef MAPS_ID

#define MAP_RINGS   MAP_COUNT /* S64_MAP_RINGS: not mapped */
#define MAPS_PINNED (MAP_COUNT + 1)

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
	int fd[MAPS_PINNED];
	size_t bytes[MAP_COUNT]; /* mapped */
	union {
		void *memory[MAP_COUNT];
		struct {
			S64_MAPS(S64_MAP_POINTER)
		};
	};
};

/* Sources for each bucket that the table is sized for. With 7 slots, and two buckets to choose
 * from, about one source in 10^9 finds no room (docs/design.md).
 */
#define MAPS_BLOCKS_PER_BUCKET 4

/* The sizes in `meta` that these make. */
static inline void maps_size_meta(struct s64_meta *meta, const struct maps_size *size,
				  uint32_t cpus)
{
	meta->blocks = size->blocks;
	meta->blocks_buckets = (size->blocks + MAPS_BLOCKS_PER_BUCKET - 1) / MAPS_BLOCKS_PER_BUCKET;
	meta->prefixes = size->prefixes ? size->prefixes : MAPS_PREFIXES_DEFAULT;
	meta->prefix_buckets =
		(meta->prefixes + MAPS_BLOCKS_PER_BUCKET - 1) / MAPS_BLOCKS_PER_BUCKET;
	meta->bloom_lines = ((uint64_t)size->blocks * S64_BLOOM_BITS_PER_KEY + 511) / 512;
	meta->limiter_buckets =
		((uint64_t)size->limiter * S64_LIMITER_ENTRIES_PER_SOURCE + S64_LIMITER_SLOTS - 1) /
		S64_LIMITER_SLOTS;
	meta->iface_slots = size->ifaces;
	meta->cpus = cpus;
}

/* The name that the kernel and the pin know a map by. */
const char *maps_name(int map_id);

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
