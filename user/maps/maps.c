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

static const char *const table_names[TABLE_COUNT] = {
	"s64_meta",    "s64_blocks", "s64_bloom",     "s64_recent",   "s64_limiter",  "s64_local",
	"s64_icmpv6",  "s64_limits", "s64_policy",    "s64_counters", "s64_samples",  "s64_given",
	"s64_special", "s64_gate",   "s64_gate_page", "s64_rules",    "s64_prefixes", "s64_lengths",
};

static void fill_meta(struct s64_meta *meta, const struct tables_size *size, uint32_t cpus)
{
	meta->blocks = size->blocks;
	meta->blocks_buckets = (size->blocks + BLOCKS_PER_BUCKET - 1) / BLOCKS_PER_BUCKET;
	meta->prefixes = size->prefixes ? size->prefixes : TABLES_PREFIXES_DEFAULT;
	meta->prefix_buckets = (meta->prefixes + BLOCKS_PER_BUCKET - 1) / BLOCKS_PER_BUCKET;
	meta->bloom_lines = ((uint64_t)size->blocks * S64_BLOOM_BITS_PER_KEY + 511) / 512;
	meta->limiter_lines =
		((uint64_t)size->limiter * S64_LIMITER_WORDS_PER_SITE + S64_LIMITER_SLOTS - 1) /
		S64_LIMITER_SLOTS;
	meta->iface_slots = size->ifaces;
	meta->cpus = cpus;
}

/* The number of entries of each map, according to the meta map. */
static uint32_t table_entries(enum table table, const struct s64_meta *meta)
{
	switch (table) {
	case TABLE_BLOCKS:
		return meta->blocks_buckets;
	case TABLE_BLOOM:
		return meta->bloom_lines;
	case TABLE_LIMITER:
		return meta->limiter_lines + S64_WIDER_LINES;
	case TABLE_LOCAL:
		return S64_LOCAL_BUCKETS;
	case TABLE_ICMPV6:
		return ICMPV6_TYPES;
	case TABLE_LIMITS:
		return meta->iface_slots * S64_LIMIT_MAX;
	case TABLE_POLICY:
		return meta->iface_slots;
	case TABLE_COUNTERS:
		return meta->iface_slots * (meta->cpus + 1);
	case TABLE_SAMPLES:
		return meta->cpus;
	case TABLE_SPECIAL:
		return S64_SPECIAL_MAX;
	case TABLE_GATE_PAGE:
		return S64_GATE_PAGES;
	case TABLE_PREFIXES:
		return meta->prefix_buckets;
	case TABLE_LENGTHS:
		return S64_LENGTHS_ENTRIES;
	default:
		return 1;
	}
}

static void **table_pointer(struct tables *tables, enum table table)
{
	switch (table) {
	case TABLE_META:
		return (void **)&tables->meta;
	case TABLE_BLOCKS:
		return (void **)&tables->blocks;
	case TABLE_BLOOM:
		return (void **)&tables->bloom;
	case TABLE_RECENT:
		return (void **)&tables->recent;
	case TABLE_LIMITER:
		return (void **)&tables->limiter;
	case TABLE_LOCAL:
		return (void **)&tables->local;
	case TABLE_ICMPV6:
		return (void **)&tables->icmpv6;
	case TABLE_LIMITS:
		return (void **)&tables->limits;
	case TABLE_POLICY:
		return (void **)&tables->policy;
	case TABLE_COUNTERS:
		return (void **)&tables->counters;
	case TABLE_SAMPLES:
		return (void **)&tables->samples;
	case TABLE_GIVEN:
		return (void **)&tables->given;
	case TABLE_SPECIAL:
		return (void **)&tables->special;
	case TABLE_GATE:
		return (void **)&tables->gate;
	case TABLE_GATE_PAGE:
		return (void **)&tables->gate_page;
	case TABLE_RULES:
		return (void **)&tables->rules;
	case TABLE_PREFIXES:
		return (void **)&tables->prefixes;
	case TABLE_LENGTHS:
		return (void **)&tables->lengths;
	case TABLE_COUNT:
		break;
	}
	return NULL;
}

static void tables_clear(struct tables *tables)
{
	memset(tables, 0, sizeof(*tables));
	for (int i = 0; i < TABLE_COUNT; i++)
		tables->fd[i] = -1;
}

static int map_memory(struct tables *tables, enum table table, uint32_t entries,
		      uint32_t value_bytes, struct error *error)
{
	void **pointer = table_pointer(tables, table);
	size_t bytes = (size_t)entries * ((value_bytes + 7) & ~7UL);
	void *memory;

	if (!pointer)
		return 0;
	bytes = (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, tables->fd[table], 0);
	if (memory == MAP_FAILED)
		return error_set(error, -errno, "cannot map %zu bytes of the map %s: %s", bytes,
				 table_names[table], strerror(errno));
	*pointer = memory;
	tables->bytes[table] = bytes;
	return 0;
}

static int create_one(struct tables *tables, enum table table, const struct bpf_map *map,
		      uint32_t entries, struct error *error)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = bpf_map__map_flags(map));
	char hint[PERMISSION_HINT_MAX];
	int err, fd;

	fd = bpf_map_create(bpf_map__type(map), table_names[table], bpf_map__key_size(map),
			    bpf_map__value_size(map), entries, &opts);
	if (fd < 0) {
		err = -errno;
		return error_set(error, err, "cannot make the map %s of %u entries: %s%s",
				 table_names[table], entries, strerror(-err),
				 err == -ENOMEM ? "; make state.blocks or state.limiter smaller" :
						  permission_hint(PERMISSION_BPF, err, hint));
	}
	tables->fd[table] = fd;
	return map_memory(tables, table, entries, bpf_map__value_size(map), error);
}

static int draw_seed(struct s64_seed *seed, struct error *error)
{
	if (getrandom(seed, sizeof(*seed), 0) != sizeof(*seed))
		return error_set(error, -EIO, "cannot draw random numbers for the tables' seed");
	seed->mul[0] |= 1;
	seed->mul[1] |= 1;
	return 0;
}

static void fill_rules(struct tables *tables)
{
	struct site_rules rules;
	struct gate gate;

	site_rules_init(&rules);
	site_rules_stage(&rules, tables);
	gate_init(&gate, tables);
	gate_open(&gate);
	site_rules_switch(tables);
	gate_free(&gate);
}

bool tables_fit(const struct tables *tables, const struct tables_size *size)
{
	struct s64_meta wanted = {};

	fill_meta(&wanted, size, tables->meta->cpus);
	return wanted.blocks == tables->meta->blocks && wanted.prefixes == tables->meta->prefixes &&
	       wanted.limiter_lines == tables->meta->limiter_lines &&
	       wanted.bloom_lines == tables->meta->bloom_lines &&
	       wanted.iface_slots == tables->meta->iface_slots;
}

int tables_create(struct tables *tables, const struct tables_size *size, struct error *error)
{
	int cpus = libbpf_num_possible_cpus();
	struct slash64_bpf *skeleton;
	struct s64_meta meta = {};
	struct clock_facts clock;
	int err;

	tables_clear(tables);
	if (cpus < 0)
		return error_set(error, cpus, "cannot count the processors: %s", strerror(-cpus));
	fill_meta(&meta, size, cpus);
	err = clock_measure(&clock, error);
	if (!err)
		err = draw_seed(&meta.seed, error);
	if (err)
		return err;
	meta.tick_ns = clock.tick_ns;
	meta.jiffies_ahead_ns = clock.jiffies_ahead_ns;

	skeleton = slash64_bpf__open();
	if (!skeleton)
		return error_set(error, -errno, "cannot open the program: %s", strerror(errno));
	for (enum table table = 0; table < TABLE_COUNT && !err; table++) {
		struct bpf_map *map =
			bpf_object__find_map_by_name(skeleton->obj, table_names[table]);

		err = create_one(tables, table, map, table_entries(table, &meta), error);
	}
	slash64_bpf__destroy(skeleton);
	if (err) {
		tables_close(tables);
		return err;
	}
	icmpv6_table_fill(tables->icmpv6);
	special_fill(tables->special);
	fill_rules(tables);
	*tables->meta = meta;
	tables->meta->layout = S64_LAYOUT;
	return 0;
}

static void pin_path(char *path, size_t bytes, const char *directory, enum table table)
{
	snprintf(path, bytes, "%s/%s", directory, table_names[table]);
}

int tables_pin(const struct tables *tables, const char *directory, struct error *error)
{
	char path[PATH_MAX];

	if (mkdir(directory, 0700) && errno != EEXIST)
		return error_set(error, -errno, "cannot make %s: %s", directory, strerror(errno));
	for (enum table table = 0; table < TABLE_COUNT; table++) {
		pin_path(path, sizeof(path), directory, table);
		if (bpf_obj_pin(tables->fd[table], path)) {
			int err = -errno;

			tables_unpin(directory);
			return error_set(error, err, "cannot pin %s: %s", path, strerror(-err));
		}
	}
	return 0;
}

/* Removes everything: a newer version has maps that this one does not know, and one remaining pin
 * would keep the directory in the way of every later change (hostile 17).
 */
void tables_unpin(const char *directory)
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

int tables_keep_pinned(const struct tables *tables, const char *directory)
{
	char path[PATH_MAX];
	int count = 0;

	if (mkdir(directory, 0700) && errno != EEXIST)
		return -errno;
	for (enum table table = 0; table < TABLE_COUNT; table++) {
		pin_path(path, sizeof(path), directory, table);
		if (!access(path, F_OK))
			continue;
		if (bpf_obj_pin(tables->fd[table], path))
			return -errno;
		count++;
	}
	return count;
}

static int adopt_one(struct tables *tables, enum table table, const char *directory,
		     struct bpf_map_info *info, struct error *error)
{
	char path[PATH_MAX];
	__u32 bytes = sizeof(*info);
	int fd;

	pin_path(path, sizeof(path), directory, table);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return error_set(error, -errno, "cannot open %s: %s", path, strerror(errno));
	tables->fd[table] = fd;
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

int tables_adopt(struct tables *tables, const char *directory, struct error *error)
{
	static const uint32_t value_bytes[TABLE_COUNT] = {
		sizeof(struct s64_meta),	 sizeof(struct s64_bucket),
		sizeof(struct s64_bloom_line),	 sizeof(struct s64_recent),
		sizeof(struct s64_limiter_line), sizeof(struct s64_bucket),
		sizeof(struct s64_icmpv6_type),	 sizeof(struct s64_limit),
		sizeof(struct s64_iface_policy), sizeof(struct s64_counters),
		sizeof(struct s64_samples),	 sizeof(struct s64_given),
		sizeof(struct s64_special),	 sizeof(struct s64_gate_table),
		sizeof(struct s64_gate_page),	 sizeof(struct s64_site_rules),
		sizeof(struct s64_bucket),	 sizeof(struct s64_prefix_lengths),
	};
	char path[PATH_MAX];
	int err = 0;

	tables_clear(tables);
	pin_path(path, sizeof(path), directory, TABLE_META);
	if (access(path, F_OK))
		return holds_anything(directory) ?
			       error_set(error, -ESTALE, "some of the maps in %s are missing",
					 directory) :
			       -ENOENT;
	for (enum table table = 0; table < TABLE_COUNT; table++) {
		struct bpf_map_info info;

		err = adopt_one(tables, table, directory, &info, error);
		if (err) {
			if (err == -ENOENT)
				err = -ESTALE;
			break;
		}
		if (info.value_size != value_bytes[table]) {
			err = error_set(error, -ESTALE,
					"the maps in %s are of another version (%s)", directory,
					table_names[table]);
			break;
		}
		err = map_memory(tables, table, info.max_entries, info.value_size, error);
		if (err)
			break;
		if (tables->meta->layout != S64_LAYOUT ||
		    info.max_entries != table_entries(table, tables->meta)) {
			err = error_set(error, -ESTALE, "the maps in %s are of another layout",
					directory);
			break;
		}
	}
	if (err)
		tables_close(tables);
	return err;
}

void tables_close(struct tables *tables)
{
	for (enum table table = 0; table < TABLE_COUNT; table++) {
		void **pointer = table_pointer(tables, table);

		if (pointer && *pointer)
			munmap(*pointer, tables->bytes[table]);
		if (tables->fd[table] >= 0)
			close(tables->fd[table]);
	}
	tables_clear(tables);
}

size_t tables_memory(const struct tables *tables)
{
	size_t sum = 0;

	for (int i = 0; i < TABLE_COUNT; i++)
		sum += tables->bytes[i];
	return sum;
}

int tables_reuse(const struct tables *tables, struct bpf_map *map)
{
	for (enum table table = 0; table < TABLE_COUNT; table++)
		if (!strcmp(bpf_map__name(map), table_names[table]))
			return bpf_map__reuse_fd(map, tables->fd[table]);
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

uint64_t program_hash(const struct tables *tables)
{
	uint64_t which = tables->meta->seed.add + map_id(tables->fd[TABLE_META]);
	size_t bytes;
	const void *elf = slash64_bpf__elf_bytes(&bytes);

	return name_hash(which, elf, bytes);
}

uint64_t tables_owner(const char *pins)
{
	return name_hash(0, pins, strlen(pins));
}
