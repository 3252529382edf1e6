// SPDX-License-Identifier: GPL-2.0-only
#include "xdp_discover.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <slash64/map_list.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "xdp_pins.h"
#include "daemon/attach/xdp/dispatcher/dirs.h"
#include "base/log.h"

#define PROGRAM_NAME "slash64"
#define META_NAME    S64_MAP_NAME(meta)
#define MAPS_MAX     64

/* --- by its maps --- */

/* `owner` is the last word of the map in every layout that has it. In the first layouts, that word
 * is no hash of a pin directory.
 */
static bool meta_is_of(int fd, const struct bpf_map_info *info, uint64_t owner)
{
	const char *meta;
	uint64_t found;

	if (info->value_size < sizeof(found))
		return false;
	meta = mmap(NULL, info->value_size, PROT_READ, MAP_SHARED, fd, 0);
	if (meta == MAP_FAILED)
		return false;
	memcpy(&found, meta + info->value_size - sizeof(found), sizeof(found));
	munmap((void *)meta, info->value_size);
	return found == owner;
}

/* A descriptor of it, or -1. */
static int meta_of_id(uint32_t id, uint64_t owner)
{
	struct bpf_map_info info = {};
	__u32 bytes = sizeof(info);
	int fd = bpf_map_get_fd_by_id(id);

	if (fd < 0)
		return -1;
	if (!bpf_obj_get_info_by_fd(fd, &info, &bytes) && !strcmp(info.name, META_NAME) &&
	    meta_is_of(fd, &info, owner))
		return fd;
	close(fd);
	return -1;
}

/* Its map of facts, if that is of this owner; or -1. */
static int meta_of_program(int fd, uint64_t owner)
{
	uint32_t maps[MAPS_MAX];
	struct bpf_prog_info info = {.nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)maps};
	__u32 bytes = sizeof(info);

	int meta = -1;

	if (bpf_obj_get_info_by_fd(fd, &info, &bytes) || strcmp(info.name, PROGRAM_NAME))
		return -1;
	for (__u32 i = 0; i < info.nr_map_ids && i < MAPS_MAX && meta < 0; i++)
		meta = meta_of_id(maps[i], owner);
	return meta;
}

static bool program_is_of(int fd, uint64_t owner)
{
	int meta = meta_of_program(fd, owner);

	if (meta >= 0)
		close(meta);
	return meta >= 0;
}

bool attach_is_ours(const char *programs, uint64_t owner, uint32_t id)
{
	int fd = program_pinned_fd(programs, id);
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

struct found {
	const char *programs;
	uint64_t owner;
	struct attachment *entry;
	size_t count;
};

static void add(struct found *found, unsigned int ifindex, uint32_t id, bool generic,
		enum attach_method method)
{
	if (id && found->count < ATTACH_FOUND_MAX &&
	    attach_is_ours(found->programs, found->owner, id))
		found->entry[found->count++] = (struct attachment){ifindex, id, generic, method};
}

static void find_direct(struct found *found, unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);

	if (bpf_xdp_query(ifindex, 0, &opts))
		return;
	add(found, ifindex, opts.drv_prog_id, false, ATTACH_DIRECT);
	add(found, ifindex, opts.skb_prog_id, true, ATTACH_DIRECT);
}

static void find_behind_dispatcher(struct found *found, unsigned int ifindex)
{
	uint32_t id[DISPATCHER_PROGRAMS_MAX];
	unsigned int count = dispatcher_programs(ifindex, id);

	for (unsigned int i = 0; i < count; i++)
		add(found, ifindex, id[i], attach_direct_id(ifindex, true), ATTACH_DISPATCHER);
}

size_t attach_find(const char *programs, uint64_t owner, unsigned int ifindex, uint32_t first,
		   struct attachment entry[ATTACH_FOUND_MAX])
{
	struct found found = {.programs = programs, .owner = owner, .entry = entry};

	if (!ifindex)
		return 0;
	find_direct(&found, ifindex);
	if (!found.count)
		find_behind_dispatcher(&found, ifindex);
	for (size_t i = 1; i < found.count; i++) {
		struct attachment at_first = entry[0];

		if (entry[i].program_id == first) {
			entry[0] = entry[i];
			entry[i] = at_first;
		}
	}
	return found.count;
}

static int meta_on_link(const char *programs, uint64_t owner, unsigned int ifindex)
{
	struct attachment found[ATTACH_FOUND_MAX];
	size_t count = attach_find(programs, owner, ifindex, 0, found);
	int meta = -1;

	for (size_t i = 0; i < count && meta < 0; i++) {
		int fd = program_fd(programs, found[i].program_id);

		if (fd < 0)
			continue;
		meta = meta_of_program(fd, owner);
		close(fd);
	}
	return meta;
}

int attach_meta_fd(const char *programs, uint64_t owner)
{
	struct if_nameindex *links = if_nameindex();
	int meta = -1;

	for (struct if_nameindex *link = links; link && link->if_index && meta < 0; link++)
		meta = meta_on_link(programs, owner, link->if_index);
	if_freenameindex(links);
	return meta < 0 ? -ENOENT : meta;
}

size_t attach_leave_others(const char *programs, uint64_t owner, unsigned int ifindex,
			   uint32_t stays)
{
	struct attachment found[ATTACH_FOUND_MAX];
	size_t count = attach_find(programs, owner, ifindex, stays, found), left = 0;
	char name[IF_NAMESIZE] = "?";
	struct error error;

	if (!if_indextoname(ifindex, name))
		return 0;
	for (size_t i = 0; i < count; i++)
		if (found[i].program_id != stays &&
		    attach_detach(&found[i], name, programs, &error)) {
			log_error("%s", error.text);
			left++;
		}
	return left;
}

size_t attach_sweep(const char *programs, uint64_t owner, bool (*wanted)(uint32_t, void *),
		    void *data)
{
	size_t left = 0;
	struct if_nameindex *links = if_nameindex();
	struct attachment found[ATTACH_FOUND_MAX];
	struct error error;

	for (struct if_nameindex *link = links; link && link->if_index; link++) {
		size_t count = attach_find(programs, owner, link->if_index, 0, found);

		for (size_t i = 0; i < count; i++) {
			if (wanted(found[i].program_id, data))
				continue;
			if (attach_detach(&found[i], link->if_name, programs, &error)) {
				log_error("%s", error.text);
				left++;
			} else {
				log_info("%s: detached a leftover program", link->if_name);
			}
		}
	}
	if_freenameindex(links);
	/* without its pin, a program that stays could not be opened again to be detached */
	if (!left)
		programs_sweep(programs, wanted, data);
	return left;
}
