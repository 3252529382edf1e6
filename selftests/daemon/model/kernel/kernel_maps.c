// SPDX-License-Identifier: GPL-2.0-only
/* Maps of the kernel: files in memory that slash64d maps, and that survive it as pins do. */
#include "../world.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "maps/maps.h"
#include "kernel_wraps.h"

#define BPFFS_MAGIC 0xcafe4a11
#define CPUS	    2

uint64_t kernel_inode(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) ? 0 : stat.st_ino;
}

static struct model_map *map_of(uint64_t inode)
{
	for (int i = 0; i < MAPS_MAX; i++)
		if (world->map[i].inode == inode)
			return &world->map[i];
	return NULL;
}

int __wrap_bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_bytes,
			  __u32 value_bytes, __u32 entries, const struct bpf_map_create_opts *opts)
{
	static unsigned int oldest;
	size_t bytes = (size_t)entries * ((value_bytes + 7) & ~7U);
	int fd, err = world_at(PLACE_MAP);
	struct model_map *map;
	uint64_t inode;

	(void)name;
	(void)key_bytes;
	(void)opts;
	if (err) {
		errno = -err;
		return -1;
	}
	fd = open(world->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (bytes + 4095) & ~4095UL))
		return -1;
	inode = kernel_inode(fd);
	map = map_of(inode);
	if (!map)
		map = map_of(0);
	if (!map)
		map = &world->map[oldest++ % MAPS_MAX];
	*map = (struct model_map){inode, value_bytes, entries, type};
	return fd;
}

int __wrap_bpf_obj_pin(int fd, const char *path)
{
	char from[64];
	int err = world_at(PLACE_MAP);

	if (err) {
		errno = -err;
		return -1;
	}
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int __wrap_bpf_obj_get(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC);
}

int __wrap_bpf_obj_get_info_by_fd(int fd, void *out, __u32 *bytes)
{
	const struct model_map *map = map_of(kernel_inode(fd));
	struct bpf_map_info info = {};

	if (!map) {
		errno = EBADF;
		return -1;
	}
	info.id = map->inode;
	info.type = map->type;
	info.value_size = map->value_bytes;
	info.max_entries = map->entries;
	memcpy(out, &info, *bytes < sizeof(info) ? *bytes : sizeof(info));
	return 0;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
	world_at(PLACE_MAP);
	return __real_rename(from, to);
}

int __wrap_libbpf_num_possible_cpus(void)
{
	return CPUS;
}

int __real_statfs(const char *path, struct statfs *out);
int __wrap_statfs(const char *path, struct statfs *out)
{
	memset(out, 0, sizeof(*out));
	out->f_type = BPFFS_MAGIC;
	return 0;
}

/* By the maps alone: there is one program, and its object is large. */
uint64_t __wrap_program_hash(const struct maps *maps)
{
	return maps->meta->seed.add ^ kernel_inode(maps->fd[MAP_META]);
}

/* There are no packets. */
void __wrap_counters_rate_tick(struct counters_rate *rate, const struct maps *maps, uint32_t slot)
{
	(void)rate;
	(void)maps;
	(void)slot;
}
