/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps in plain memory, for the native datapath and the code that fills them. Include bpf/maps.h
 * before it, for native_over().
 */
#ifndef SLASH64_SELFTESTS_MEMORY_MAPS_H
#define SLASH64_SELFTESTS_MEMORY_MAPS_H

#include <stdlib.h>
#include <string.h>

#include "maps/maps.h"
#include "net/icmpv6_types.h"
#include "net/special_prefixes.h"

/* The same in each run. */
#define MEMORY_SEED \
	((struct s64_seed){0x0123456789abcdefULL, {0x9e3779b97f4a7c15ULL, 0xbf58476d1ce4e5b9ULL}})

/* Zeroed, and aligned as the compiler assumes for an entry. */
static inline void *memory_map(size_t entries, size_t entry_bytes)
{
	size_t bytes = (entries * entry_bytes + S64_CACHE_LINE - 1) & ~(S64_CACHE_LINE - 1UL);
	void *memory = aligned_alloc(S64_CACHE_LINE, bytes);

	memset(memory, 0, bytes);
	return memory;
}

/* All zero, except for the meta. */
static inline void memory_maps_make(struct maps *maps, const struct s64_meta *meta)
{
	memset(maps, 0, sizeof(*maps));
#define X(id, name, type, entries) maps->name = memory_map(entries, sizeof(type));
	S64_MAPS(X)
#undef X
	*maps->meta = *meta;
}

static inline void memory_maps_free(struct maps *maps)
{
	for (int i = 0; i < MAP_COUNT; i++)
		free(maps->memory[i]);
	memset(maps, 0, sizeof(*maps));
}

#ifdef SLASH64_BPF_MAPS_NATIVE_H
/* The datapath reads and writes these maps, as the program of the interface slot 0. */
static inline void native_over(struct s64_native *native, const struct maps *maps)
{
	memset(native, 0, sizeof(*native));
	native->config = s64_config_of(maps->meta, 0);
#define X(id, name, type, entries) native->name = maps->name;
	S64_MAPS(X)
#undef X
}
#endif

#endif
