// SPDX-License-Identifier: GPL-2.0-only
#include "iface_slots.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "maps.h"

#define LAYOUT_OF_OWNER 3 /* the first that has it */
#define LAYOUT_OF_NAMES 6 /* the first with alternative names */

struct short_slot {
	char name[16];
	__u32 ifindex;
	__u32 program_id;
	__u32 mode;
	__u32 method;
	__u64 program;
};

/* --- reading --- */

/* The kernel takes no others (dev_valid_name), so other bytes are no name. */
static bool is_name(const char *name, size_t bytes)
{
	size_t n = strnlen(name, bytes);

	for (size_t i = 0; i < n; i++)
		if (name[i] == '/' || name[i] == ':' || (name[i] > 0 && name[i] <= ' '))
			return false;
	return n < bytes;
}

static int read_short(const char *at, struct s64_iface_slot *slot)
{
	struct short_slot from;

	memcpy(&from, at, sizeof(from));
	if (!is_name(from.name, sizeof(from.name)))
		return -EINVAL;
	memcpy(slot->name, from.name, sizeof(from.name));
	slot->ifindex = from.ifindex;
	slot->program_id = from.program_id;
	slot->mode = from.mode;
	slot->method = from.method;
	slot->program = from.program;
	return 0;
}

static int read_slot(const char *at, struct s64_iface_slot *slot)
{
	memcpy(slot, at, sizeof(*slot));
	return is_name(slot->name, sizeof(slot->name)) ? 0 : -EINVAL;
}

int iface_slots_parse(const void *meta, size_t bytes, struct s64_iface_slot slot[S64_IFACES_MAX])
{
	struct s64_iface_slot found[S64_IFACES_MAX] = {};
	size_t each, behind = sizeof(__u64);
	const char *at;
	__u32 layout;
	int err = 0;

	if (bytes < sizeof(layout))
		return -EINVAL;
	memcpy(&layout, meta, sizeof(layout));
	each = layout < LAYOUT_OF_NAMES ? sizeof(struct short_slot) : sizeof(*slot);
	if (layout < LAYOUT_OF_OWNER || bytes < sizeof(layout) + S64_IFACES_MAX * each + behind)
		return -EINVAL;
	at = (const char *)meta + bytes - behind - S64_IFACES_MAX * each;
	for (int i = 0; i < S64_IFACES_MAX && !err; i++, at += each)
		err = layout < LAYOUT_OF_NAMES ? read_short(at, &found[i]) :
						 read_slot(at, &found[i]);
	if (!err)
		memcpy(slot, found, sizeof(found));
	return err;
}

int iface_slots_read_fd(int fd, struct s64_iface_slot slot[S64_IFACES_MAX])
{
	struct bpf_map_info info = {};
	__u32 bytes = sizeof(info);
	void *meta;
	int err;

	if (bpf_obj_get_info_by_fd(fd, &info, &bytes))
		return -errno;
	meta = mmap(NULL, info.value_size, PROT_READ, MAP_SHARED, fd, 0);
	if (meta == MAP_FAILED)
		return -errno;
	err = iface_slots_parse(meta, info.value_size, slot);
	munmap(meta, info.value_size);
	return err;
}

int iface_slots_read(const char *directory, struct s64_iface_slot slot[S64_IFACES_MAX])
{
	char path[PATH_MAX];
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s", directory, maps_name(MAP_META));
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	err = iface_slots_read_fd(fd, slot);
	close(fd);
	return err;
}

/* --- carrying over --- */

static int place_for(const struct s64_meta *to, __u32 at)
{
	if (at < to->iface_slots && !to->iface[at].name[0])
		return at;
	for (__u32 i = 0; i < to->iface_slots; i++)
		if (!to->iface[i].name[0])
			return i;
	return -1;
}

static void carry_those(const struct s64_iface_slot *from, bool attached, struct s64_meta *to)
{
	for (__u32 i = 0; i < S64_IFACES_MAX; i++) {
		int place;

		if (!from[i].name[0] || (from[i].program_id != 0) != attached)
			continue;
		place = place_for(to, i);
		if (place < 0)
			return;
		to->iface[place] = from[i];
		to->iface[place].program = 0;
	}
}

void iface_slots_carry(const struct s64_iface_slot *from, struct s64_meta *to)
{
	carry_those(from, true, to);
	carry_those(from, false, to);
}

static bool has_name(const struct s64_iface_slot *from, const char *name)
{
	for (__u32 i = 0; i < S64_IFACES_MAX; i++)
		if (!strcmp(from[i].name, name))
			return true;
	return false;
}

int iface_slots_where(const struct s64_iface_slot *from, __u32 at, const struct s64_meta *to)
{
	const struct s64_iface_slot *slot = &from[at];
	int renamed = -1;

	for (__u32 i = 0; i < to->iface_slots && slot->name[0]; i++) {
		if (!strcmp(to->iface[i].name, slot->name))
			return i;
		if (slot->ifindex && to->iface[i].name[0] &&
		    to->iface[i].ifindex == slot->ifindex && !has_name(from, to->iface[i].name))
			renamed = i;
	}
	return renamed;
}
