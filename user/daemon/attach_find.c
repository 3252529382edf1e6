// SPDX-License-Identifier: GPL-2.0-only
#include "attach_find.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "log.h"

#define PROGRAM_NAME "slash64"
#define META_NAME    "s64_meta"
#define MAPS_MAX     64

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info = {};
	__u32 bytes = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &bytes) ? 0 : info.id;
}

/* --- by pin --- */

static int pinned_fd(const char *programs, uint32_t id)
{
	DIR *directory = opendir(programs);
	struct dirent *entry;
	char path[PATH_MAX];
	int fd = -ENOENT;

	if (!directory)
		return -errno;
	while (fd < 0 && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", programs, entry->d_name);
		fd = bpf_obj_get(path);
		if (fd >= 0 && program_id(fd) != id) {
			close(fd);
			fd = -ENOENT;
		}
	}
	closedir(directory);
	return fd;
}

int attach_program_fd(const char *programs, uint32_t id)
{
	int fd = pinned_fd(programs, id);

	if (fd >= 0)
		return fd;
	fd = bpf_prog_get_fd_by_id(id);
	return fd < 0 ? -errno : fd;
}

/* --- by its maps --- */

/* `owner` was not in the first layouts, whose map is smaller. */
static bool meta_is_of(int fd, const struct bpf_map_info *info, uint64_t owner)
{
	const struct s64_meta *meta;
	bool same;

	if (info->value_size < offsetof(struct s64_meta, owner) + sizeof(meta->owner))
		return false;
	meta = mmap(NULL, sizeof(*meta), PROT_READ, MAP_SHARED, fd, 0);
	if (meta == MAP_FAILED)
		return false;
	same = meta->owner == owner;
	munmap((void *)meta, sizeof(*meta));
	return same;
}

static bool map_is_of(uint32_t id, uint64_t owner)
{
	struct bpf_map_info info = {};
	__u32 bytes = sizeof(info);
	int fd = bpf_map_get_fd_by_id(id);
	bool same;

	if (fd < 0)
		return false;
	same = !bpf_obj_get_info_by_fd(fd, &info, &bytes) && !strcmp(info.name, META_NAME) &&
	       meta_is_of(fd, &info, owner);
	close(fd);
	return same;
}

static bool program_is_of(int fd, uint64_t owner)
{
	uint32_t maps[MAPS_MAX];
	struct bpf_prog_info info = {.nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)maps};
	__u32 bytes = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &bytes) || strcmp(info.name, PROGRAM_NAME))
		return false;
	for (__u32 i = 0; i < info.nr_map_ids && i < MAPS_MAX; i++)
		if (map_is_of(maps[i], owner))
			return true;
	return false;
}

static bool is_ours(const char *programs, uint64_t owner, uint32_t id)
{
	int fd = pinned_fd(programs, id);
	bool ours = fd >= 0;

	if (fd < 0) {
		fd = bpf_prog_get_fd_by_id(id);
		ours = fd >= 0 && program_is_of(fd, owner);
	}
	if (fd >= 0)
		close(fd);
	return ours;
}

/* --- on an interface --- */

static bool find_direct(const char *programs, uint64_t owner, unsigned int ifindex, struct attachment *found)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);

	if (bpf_xdp_query(ifindex, 0, &opts))
		return false;
	for (int generic = 0; generic < 2; generic++) {
		uint32_t id = generic ? opts.skb_prog_id : opts.drv_prog_id;

		if (id && is_ours(programs, owner, id)) {
			*found = (struct attachment){ifindex, id, generic, ATTACH_DIRECT};
			return true;
		}
	}
	return false;
}

static bool find_behind_dispatcher(const char *programs, uint64_t owner, unsigned int ifindex,
				   struct attachment *found)
{
	struct xdp_multiprog *multiprog = xdp_multiprog__get_from_ifindex(ifindex);
	struct xdp_program *program = NULL;
	bool ours = false;

	if (libxdp_get_error(multiprog))
		return false;
	while (!ours && (program = xdp_multiprog__next_prog(program, multiprog))) {
		uint32_t id = program_id(xdp_program__fd(program));

		ours = id && is_ours(programs, owner, id);
		if (ours)
			*found = (struct attachment){ifindex, id,
						     xdp_multiprog__attach_mode(multiprog) == XDP_MODE_SKB,
						     ATTACH_DISPATCHER};
	}
	xdp_multiprog__close(multiprog);
	return ours;
}

bool attach_find(const char *programs, uint64_t owner, unsigned int ifindex, struct attachment *found)
{
	return ifindex && (find_direct(programs, owner, ifindex, found) ||
			   find_behind_dispatcher(programs, owner, ifindex, found));
}

void attach_sweep(const char *programs, uint64_t owner, bool (*wanted)(uint32_t, void *), void *data)
{
	struct if_nameindex *links = if_nameindex();
	struct attachment found;
	struct error error;

	for (struct if_nameindex *link = links; link && link->if_index; link++) {
		if (!attach_find(programs, owner, link->if_index, &found) || wanted(found.program_id, data))
			continue;
		if (attach_detach(&found, link->if_name, programs, NULL, &error))
			log_error("%s", error.text);
		else
			log_info("%s: detached a program of an earlier run", link->if_name);
	}
	if_freenameindex(links);
}
