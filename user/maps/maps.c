// SPDX-License-Identifier: GPL-2.0-only
#include "maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jiffies.h"
#include "source_index.h"
#include "net/icmpv6_types.h"
#include "base/permission.h"
#include "source_rules_map.h"
#include "slash64.skel.h"
#include "net/special_prefixes.h"

/* Sources for each bucket that the table is sized for. With 7 slots, and two buckets to choose
 * from, about one source in 10^9 finds no room (docs/design.md).
 */
#define BLOCKS_PER_BUCKET 4

#define PAGE_BYTES 4096UL

static const char *const map_names[MAP_COUNT] = {
	"s64_meta",    "s64_blocks",   "s64_bloom",   "s64_block_cache", "s64_limiter",
	"s64_local",   "s64_icmpv6",   "s64_limits",  "s64_policy",	 "s64_counters",
	"s64_samples", "s64_test_ctx", "s64_special", "s64_index",	 "s64_index_page",
	"s64_rules",   "s64_prefixes", "s64_lengths",
};

static void fill_meta(struct s64_meta *meta, const struct maps_size *size, uint32_t cpus)
{
	meta->blocks = size->blocks;
	meta->blocks_buckets = (size->blocks + BLOCKS_PER_BUCKET - 1) / BLOCKS_PER_BUCKET;
	meta->prefixes = size->prefixes ? size->prefixes : MAPS_PREFIXES_DEFAULT;
	meta->prefix_buckets = (meta->prefixes + BLOCKS_PER_BUCKET - 1) / BLOCKS_PER_BUCKET;
	meta->bloom_lines = ((uint64_t)size->blocks * S64_BLOOM_BITS_PER_KEY + 511) / 512;
	meta->limiter_buckets =
		((uint64_t)size->limiter * S64_LIMITER_ENTRIES_PER_SOURCE + S64_LIMITER_SLOTS - 1) /
		S64_LIMITER_SLOTS;
	meta->iface_slots = size->ifaces;
	meta->cpus = cpus;
}

/* The number of entries of each map, according to the meta map. */
static uint32_t map_entries(enum map_id map_id, const struct s64_meta *meta)
{
	switch (map_id) {
	case MAP_BLOCKS:
		return meta->blocks_buckets;
	case MAP_BLOOM:
		return meta->bloom_lines;
	case MAP_LIMITER:
		return meta->limiter_buckets + S64_FALLBACK_BUCKETS;
	case MAP_LOCAL:
		return S64_LOCAL_BUCKETS;
	case MAP_ICMPV6:
		return ICMPV6_TYPES;
	case MAP_LIMITS:
		return meta->iface_slots * S64_LIMIT_MAX;
	case MAP_POLICY:
		return meta->iface_slots;
	case MAP_COUNTERS:
		return meta->iface_slots * (meta->cpus + 1);
	case MAP_SAMPLES:
		return meta->cpus;
	case MAP_SPECIAL:
		return S64_SPECIAL_MAX;
	case MAP_SOURCE_INDEX_PAGE:
		return S64_SOURCE_INDEX_PAGES;
	case MAP_PREFIXES:
		return meta->prefix_buckets;
	case MAP_LENGTHS:
		return S64_LENGTHS_ENTRIES;
	default:
		return 1;
	}
}

static void **map_pointer(struct maps *maps, enum map_id map_id)
{
	switch (map_id) {
	case MAP_META:
		return (void **)&maps->meta;
	case MAP_BLOCKS:
		return (void **)&maps->blocks;
	case MAP_BLOOM:
		return (void **)&maps->bloom;
	case MAP_BLOCK_CACHE:
		return (void **)&maps->block_cache;
	case MAP_LIMITER:
		return (void **)&maps->limiter;
	case MAP_LOCAL:
		return (void **)&maps->local;
	case MAP_ICMPV6:
		return (void **)&maps->icmpv6;
	case MAP_LIMITS:
		return (void **)&maps->limits;
	case MAP_POLICY:
		return (void **)&maps->policy;
	case MAP_COUNTERS:
		return (void **)&maps->counters;
	case MAP_SAMPLES:
		return (void **)&maps->samples;
	case MAP_TEST_CTX:
		return (void **)&maps->test_ctx;
	case MAP_SPECIAL:
		return (void **)&maps->special;
	case MAP_SOURCE_INDEX:
		return (void **)&maps->source_index;
	case MAP_SOURCE_INDEX_PAGE:
		return (void **)&maps->source_index_page;
	case MAP_RULES:
		return (void **)&maps->rules;
	case MAP_PREFIXES:
		return (void **)&maps->prefixes;
	case MAP_LENGTHS:
		return (void **)&maps->lengths;
	case MAP_COUNT:
		break;
	}
	return NULL;
}

static void maps_clear(struct maps *maps)
{
	memset(maps, 0, sizeof(*maps));
	for (int i = 0; i < MAP_COUNT; i++)
		maps->fd[i] = -1;
}

static int map_memory(struct maps *maps, enum map_id map_id, uint32_t entries, uint32_t value_bytes,
		      struct error *error)
{
	void **pointer = map_pointer(maps, map_id);
	size_t bytes = (size_t)entries * ((value_bytes + 7) & ~7UL);
	void *memory;

	if (!pointer)
		return 0;
	bytes = (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, maps->fd[map_id], 0);
	if (memory == MAP_FAILED)
		return error_set(error, -errno, "cannot map %zu bytes of the map %s: %s", bytes,
				 map_names[map_id], strerror(errno));
	*pointer = memory;
	maps->bytes[map_id] = bytes;
	return 0;
}

static int create_one(struct maps *maps, enum map_id map_id, const struct bpf_map *map,
		      uint32_t entries, struct error *error)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = bpf_map__map_flags(map));
	char hint[PERMISSION_HINT_MAX];
	int err, fd;

	fd = bpf_map_create(bpf_map__type(map), map_names[map_id], bpf_map__key_size(map),
			    bpf_map__value_size(map), entries, &opts);
	if (fd < 0) {
		err = -errno;
		return error_set(error, err, "cannot make the map %s of %u entries: %s%s",
				 map_names[map_id], entries, strerror(-err),
				 err == -ENOMEM ? "; make maps.blocks or maps.limiter smaller" :
						  permission_hint(PERMISSION_BPF, err, hint));
	}
	maps->fd[map_id] = fd;
	return map_memory(maps, map_id, entries, bpf_map__value_size(map), error);
}

static int draw_seed(struct s64_seed *seed, struct error *error)
{
	if (getrandom(seed, sizeof(*seed), 0) != sizeof(*seed))
		return error_set(error, -EIO, "cannot draw random numbers for the maps' seed");
	seed->mul[0] |= 1;
	seed->mul[1] |= 1;
	return 0;
}

static void fill_rules(struct maps *maps)
{
	struct source_rules rules;
	struct source_index source_index;

	source_rules_init(&rules);
	source_rules_stage(&rules, maps);
	source_index_init(&source_index, maps);
	source_index_open(&source_index);
	source_rules_switch(maps);
	source_index_free(&source_index);
}

bool maps_fit(const struct maps *maps, const struct maps_size *size)
{
	struct s64_meta wanted = {};

	fill_meta(&wanted, size, maps->meta->cpus);
	return wanted.blocks == maps->meta->blocks && wanted.prefixes == maps->meta->prefixes &&
	       wanted.limiter_buckets == maps->meta->limiter_buckets &&
	       wanted.bloom_lines == maps->meta->bloom_lines &&
	       wanted.iface_slots == maps->meta->iface_slots;
}

int maps_create(struct maps *maps, const struct maps_size *size, struct error *error)
{
	int cpus = libbpf_num_possible_cpus();
	struct slash64_bpf *skeleton;
	struct s64_meta meta = {};
	struct jiffies_facts clock;
	int err;

	maps_clear(maps);
	if (cpus < 0)
		return error_set(error, cpus, "cannot count the CPUs: %s", strerror(-cpus));
	fill_meta(&meta, size, cpus);
	err = jiffies_measure(&clock, error);
	if (!err)
		err = draw_seed(&meta.seed, error);
	if (err)
		return err;
	meta.tick_ns = clock.tick_ns;
	meta.jiffies_ahead_ns = clock.jiffies_ahead_ns;

	skeleton = slash64_bpf__open();
	if (!skeleton)
		return error_set(error, -errno, "cannot open the program: %s", strerror(errno));
	for (enum map_id map_id = 0; map_id < MAP_COUNT && !err; map_id++) {
		struct bpf_map *map =
			bpf_object__find_map_by_name(skeleton->obj, map_names[map_id]);

		err = create_one(maps, map_id, map, map_entries(map_id, &meta), error);
	}
	slash64_bpf__destroy(skeleton);
	if (err) {
		maps_close(maps);
		return err;
	}
	icmpv6_table_fill(maps->icmpv6);
	special_fill(maps->special);
	fill_rules(maps);
	*maps->meta = meta;
	maps->meta->layout = S64_LAYOUT;
	return 0;
}

static void pin_path(char *path, size_t bytes, const char *directory, enum map_id map_id)
{
	snprintf(path, bytes, "%s/%s", directory, map_names[map_id]);
}

int maps_pin(const struct maps *maps, const char *directory, struct error *error)
{
	char path[PATH_MAX];

	if (mkdir(directory, 0700) && errno != EEXIST)
		return error_set(error, -errno, "cannot make %s: %s", directory, strerror(errno));
	for (enum map_id map_id = 0; map_id < MAP_COUNT; map_id++) {
		pin_path(path, sizeof(path), directory, map_id);
		if (bpf_obj_pin(maps->fd[map_id], path)) {
			int err = -errno;

			maps_unpin(directory);
			return error_set(error, err, "cannot pin %s: %s", path, strerror(-err));
		}
	}
	return 0;
}

/* Removes everything: a newer version has maps that this one does not know, and one remaining pin
 * would keep the directory in the way of every later change (hostile 17).
 */
void maps_unpin(const char *directory)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(entries), entry->d_name, 0);
	if (entries)
		closedir(entries);
	rmdir(directory);
}

int maps_repin(const struct maps *maps, const char *directory)
{
	char path[PATH_MAX];
	int count = 0;

	if (mkdir(directory, 0700) && errno != EEXIST)
		return -errno;
	for (enum map_id map_id = 0; map_id < MAP_COUNT; map_id++) {
		pin_path(path, sizeof(path), directory, map_id);
		if (!access(path, F_OK))
			continue;
		if (bpf_obj_pin(maps->fd[map_id], path))
			return -errno;
		count++;
	}
	return count;
}

static int adopt_one(struct maps *maps, enum map_id map_id, const char *directory,
		     struct bpf_map_info *info, struct error *error)
{
	char path[PATH_MAX];
	__u32 bytes = sizeof(*info);
	int fd;

	pin_path(path, sizeof(path), directory, map_id);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return error_set(error, -errno, "cannot open %s: %s", path, strerror(errno));
	maps->fd[map_id] = fd;
	memset(info, 0, sizeof(*info));
	if (bpf_obj_get_info_by_fd(fd, info, &bytes))
		return error_set(error, -errno, "cannot read about %s: %s", path, strerror(errno));
	return 0;
}

/* The first map is missing, but others exist: somebody removed its pin, or an interrupted detach
 * did.
 */
static bool holds_anything(const char *directory)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;
	bool any = false;

	while (entries && !any && (entry = readdir(entries)))
		any = entry->d_name[0] != '.';
	if (entries)
		closedir(entries);
	return any;
}

int maps_adopt(struct maps *maps, const char *directory, struct error *error)
{
	static const uint32_t value_bytes[MAP_COUNT] = {
		sizeof(struct s64_meta),
		sizeof(struct s64_bucket),
		sizeof(struct s64_bloom_line),
		sizeof(struct s64_block_cache),
		sizeof(struct s64_limiter_bucket),
		sizeof(struct s64_bucket),
		sizeof(struct s64_icmpv6_type),
		sizeof(struct s64_limit),
		sizeof(struct s64_iface_policy),
		sizeof(struct s64_counters),
		sizeof(struct s64_samples),
		sizeof(struct s64_test_ctx),
		sizeof(struct s64_special),
		sizeof(struct s64_source_index),
		sizeof(struct s64_source_index_page),
		sizeof(struct s64_source_rules),
		sizeof(struct s64_bucket),
		sizeof(struct s64_prefix_lengths),
	};
	char path[PATH_MAX];
	int err = 0;

	maps_clear(maps);
	pin_path(path, sizeof(path), directory, MAP_META);
	if (access(path, F_OK))
		return holds_anything(directory) ?
			       error_set(error, -ESTALE, "some of the maps in %s are missing",
					 directory) :
			       -ENOENT;
	for (enum map_id map_id = 0; map_id < MAP_COUNT; map_id++) {
		struct bpf_map_info info;

		err = adopt_one(maps, map_id, directory, &info, error);
		if (err) {
			if (err == -ENOENT)
				err = -ESTALE;
			break;
		}
		if (info.value_size != value_bytes[map_id]) {
			err = error_set(error, -ESTALE,
					"the maps in %s are of another version (%s)", directory,
					map_names[map_id]);
			break;
		}
		err = map_memory(maps, map_id, info.max_entries, info.value_size, error);
		if (err)
			break;
		if (maps->meta->layout != S64_LAYOUT ||
		    info.max_entries != map_entries(map_id, maps->meta)) {
			err = error_set(error, -ESTALE, "the maps in %s are of another layout",
					directory);
			break;
		}
	}
	if (err)
		maps_close(maps);
	return err;
}

void maps_close(struct maps *maps)
{
	for (enum map_id map_id = 0; map_id < MAP_COUNT; map_id++) {
		void **pointer = map_pointer(maps, map_id);

		if (pointer && *pointer)
			munmap(*pointer, maps->bytes[map_id]);
		if (maps->fd[map_id] >= 0)
			close(maps->fd[map_id]);
	}
	maps_clear(maps);
}

size_t maps_memory(const struct maps *maps)
{
	size_t sum = 0;

	for (int i = 0; i < MAP_COUNT; i++)
		sum += maps->bytes[i];
	return sum;
}

int maps_reuse(const struct maps *maps, struct bpf_map *map)
{
	for (enum map_id map_id = 0; map_id < MAP_COUNT; map_id++)
		if (!strcmp(bpf_map__name(map), map_names[map_id]))
			return bpf_map__reuse_fd(map, maps->fd[map_id]);
	return 0;
}

/* FNV-1a: not a secret, just an identifier. */
static uint64_t name_hash(uint64_t start, const void *data, size_t bytes)
{
	const unsigned char *byte = data;
	uint64_t hash = 0xcbf29ce484222325ULL ^ start;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ byte[i]) * 0x100000001b3ULL;
	return hash;
}

/* Identifies the maps, because maps that replace others may have the same seed. */
static uint32_t map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 bytes = sizeof(info);

	return fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &bytes) ? info.id : 0;
}

uint64_t program_hash(const struct maps *maps)
{
	uint64_t which = maps->meta->seed.add + map_id(maps->fd[MAP_META]);
	size_t bytes;
	const void *elf = slash64_bpf__elf_bytes(&bytes);

	return name_hash(which, elf, bytes);
}

uint64_t maps_owner(const char *pins)
{
	return name_hash(0, pins, strlen(pins));
}
