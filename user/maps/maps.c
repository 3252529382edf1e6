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

#define PAGE_BYTES 4096UL

#define X(id, name, type, entries) S64_MAP_NAME(name),
static const char *const map_names[MAPS_PINNED] = {S64_MAPS(X) S64_MAP_RINGS};
#undef X

#define X(id, name, type, entries) sizeof(type),
static const uint32_t map_entry_bytes[MAP_COUNT] = {S64_MAPS(X)};
#undef X

_Static_assert(MAP_META == 0, "adopted first: it tells the sizes of the others");

#define X(id, name, type, entries)                                                             \
	_Static_assert(sizeof(S64_MAP_NAME(name)) <= BPF_OBJ_NAME_LEN, S64_MAP_NAME(name));    \
	_Static_assert(offsetof(struct maps, name) == offsetof(struct maps, memory[MAP_##id]), \
		       #name);
S64_MAPS(X)
#undef X

const char *maps_name(int map_id)
{
	return map_names[map_id];
}

static uint32_t map_entries(enum map_id map_id, const struct s64_meta *meta)
{
#define X(id, name, type, entries) \
	case MAP_##id:             \
		return entries;
	switch (map_id) {
		S64_MAPS(X)
	case MAP_COUNT:
		break;
	}
#undef X
	return 0;
}

static void maps_clear(struct maps *maps)
{
	memset(maps, 0, sizeof(*maps));
	for (int i = 0; i < MAPS_PINNED; i++)
		maps->fd[i] = -1;
}

static int map_memory(struct maps *maps, enum map_id map_id, uint32_t entries, struct error *error)
{
	size_t bytes = (size_t)entries * ((map_entry_bytes[map_id] + 7) & ~7UL);
	void *memory;

	bytes = (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, maps->fd[map_id], 0);
	if (memory == MAP_FAILED)
		return error_set(error, -errno, "cannot map %zu bytes of the map %s: %s", bytes,
				 map_names[map_id], strerror(errno));
	maps->memory[map_id] = memory;
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
	return map_memory(maps, map_id, entries, error);
}

/* The kernel wants to know what kind of map the entries will be. */
static int create_rings(struct maps *maps, uint32_t cpus, struct error *error)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int ring =
		bpf_map_create(BPF_MAP_TYPE_RINGBUF, "s64_ring", 0, 0, S64_CAPTURE_RING_MIN, NULL);
	int err = ring < 0 ? -errno : 0;

	if (!err) {
		opts.inner_map_fd = ring;
		maps->fd[MAP_RINGS] =
			bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, S64_MAP_RINGS, sizeof(uint32_t),
				       sizeof(uint32_t), cpus, &opts);
		err = maps->fd[MAP_RINGS] < 0 ? -errno : 0;
		close(ring);
	}
	return err ? error_set(error, err, "cannot make the map %s: %s", S64_MAP_RINGS,
			       strerror(-err)) :
		     0;
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

	maps_size_meta(&wanted, size, maps->meta->cpus);
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
	maps_size_meta(&meta, size, cpus);
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
	if (!err)
		err = create_rings(maps, meta.cpus, error);
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

static void pin_path(char *path, size_t bytes, const char *directory, int map_id)
{
	snprintf(path, bytes, "%s/%s", directory, map_names[map_id]);
}

int maps_pin(const struct maps *maps, const char *directory, struct error *error)
{
	char path[PATH_MAX];

	if (mkdir(directory, 0700) && errno != EEXIST)
		return error_set(error, -errno, "cannot make %s: %s", directory, strerror(errno));
	for (int map_id = 0; map_id < MAPS_PINNED; map_id++) {
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
	for (int map_id = 0; map_id < MAPS_PINNED; map_id++) {
		pin_path(path, sizeof(path), directory, map_id);
		if (!access(path, F_OK))
			continue;
		if (bpf_obj_pin(maps->fd[map_id], path))
			return -errno;
		count++;
	}
	return count;
}

static int adopt_one(struct maps *maps, int map_id, const char *directory,
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
		return error_set(error, -errno, "cannot read the properties of %s: %s", path,
				 strerror(errno));
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

static int adopt_rings(struct maps *maps, const char *directory, struct error *error)
{
	struct bpf_map_info info;
	int err = adopt_one(maps, MAP_RINGS, directory, &info, error);

	if (!err &&
	    (info.type != BPF_MAP_TYPE_ARRAY_OF_MAPS || info.max_entries != maps->meta->cpus))
		err = error_set(error, -ESTALE, "the maps in %s are of another layout", directory);
	return err == -ENOENT ? -ESTALE : err;
}

int maps_adopt(struct maps *maps, const char *directory, struct error *error)
{
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
		if (info.value_size != map_entry_bytes[map_id]) {
			err = error_set(error, -ESTALE,
					"the maps in %s are of another version (%s)", directory,
					map_names[map_id]);
			break;
		}
		err = map_memory(maps, map_id, info.max_entries, error);
		if (err)
			break;
		if (maps->meta->layout != S64_LAYOUT ||
		    info.max_entries != map_entries(map_id, maps->meta)) {
			err = error_set(error, -ESTALE, "the maps in %s are of another layout",
					directory);
			break;
		}
	}
	if (!err)
		err = adopt_rings(maps, directory, error);
	if (err)
		maps_close(maps);
	return err;
}

void maps_close(struct maps *maps)
{
	for (int map_id = 0; map_id < MAPS_PINNED; map_id++) {
		if (map_id < MAP_COUNT && maps->memory[map_id])
			munmap(maps->memory[map_id], maps->bytes[map_id]);
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
	for (int map_id = 0; map_id < MAPS_PINNED; map_id++)
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
