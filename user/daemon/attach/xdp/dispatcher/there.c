// SPDX-License-Identifier: GPL-2.0-only
#include "there.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/attach/xdp/xdp_attach.h"

_Static_assert(DISPATCHER_PROGRAMS_MAX == MAX_DISPATCHER_ACTIONS, "one number");

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void dispatcher_close(struct dispatcher *dispatcher)
{
	for (unsigned int i = 0; i < DISPATCHER_PROGRAMS_MAX; i++)
		close_fd(&dispatcher->program_fd[i]);
	close_fd(&dispatcher->fd);
}

static int read_config(int fd, struct xdp_dispatcher_config *config, uint32_t *btf_id)
{
	struct bpf_map_info map = {};
	uint32_t map_id = 0, zero = 0;
	struct bpf_prog_info info = {.nr_map_ids = 1, .map_ids = (uintptr_t)&map_id};
	__u32 bytes = sizeof(info);
	int map_fd, err = 0;

	if (bpf_obj_get_info_by_fd(fd, &info, &bytes))
		return -errno;
	if (strcmp(info.name, DISPATCHER_NAME) || info.nr_map_ids != 1 || !info.btf_id)
		return -EPROTO;
	map_fd = bpf_map_get_fd_by_id(map_id);
	if (map_fd < 0)
		return -errno;
	bytes = sizeof(map);
	if (bpf_obj_get_info_by_fd(map_fd, &map, &bytes) || map.value_size != sizeof(*config) ||
	    bpf_map_lookup_elem(map_fd, &zero, config) || config->magic != XDP_DISPATCHER_MAGIC ||
	    config->dispatcher_version != XDP_DISPATCHER_VERSION ||
	    config->num_progs_enabled > DISPATCHER_PROGRAMS_MAX)
		err = -EPROTO;
	close(map_fd);
	*btf_id = info.btf_id;
	return err;
}

/* -1 if it is no position at all. */
static int place_of(const struct btf *btf, uint32_t function)
{
	const struct btf_type *type = btf__type_by_id(btf, function);
	const char *name = type ? btf__name_by_offset(btf, type->name_off) : NULL;
	unsigned int place;

	if (!name)
		return -1;
	if (!strcmp(name, DISPATCHER_NAME))
		return 0;
	return sscanf(name, "prog%u", &place) == 1 && place < DISPATCHER_PROGRAMS_MAX ? (int)place :
											-1;
}

static void note_link(struct dispatcher *dispatcher, const struct btf *btf, int link_fd)
{
	struct bpf_link_info info = {};
	__u32 bytes = sizeof(info);
	int place;

	if (bpf_obj_get_info_by_fd(link_fd, &info, &bytes) || info.type != BPF_LINK_TYPE_TRACING ||
	    info.tracing.target_obj_id != dispatcher->id)
		return;
	place = place_of(btf, info.tracing.target_btf_id);
	if (place >= 0 && dispatcher->program_fd[place] < 0)
		dispatcher->program_fd[place] = bpf_prog_get_fd_by_id(info.prog_id);
}

static int read_links(struct dispatcher *dispatcher, uint32_t btf_id)
{
	struct btf *btf = btf__load_from_kernel_by_id(btf_id);
	__u32 id = 0;

	if (!btf)
		return -errno;
	while (!bpf_link_get_next_id(id, &id)) {
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			continue; /* it is gone */
		note_link(dispatcher, btf, fd);
		close(fd);
	}
	btf__free(btf);
	return 0;
}

int dispatcher_open(struct dispatcher *dispatcher, unsigned int ifindex, bool generic)
{
	uint32_t btf_id = 0;
	int err;

	*dispatcher = (struct dispatcher){.ifindex = ifindex, .generic = generic, .fd = -1};
	for (unsigned int i = 0; i < DISPATCHER_PROGRAMS_MAX; i++)
		dispatcher->program_fd[i] = -1;
	dispatcher->id = attach_direct_id(ifindex, generic);
	if (!dispatcher->id)
		return -ENOENT;
	dispatcher->fd = bpf_prog_get_fd_by_id(dispatcher->id);
	if (dispatcher->fd < 0)
		return -errno;
	err = read_config(dispatcher->fd, &dispatcher->config, &btf_id);
	return err ? err : read_links(dispatcher, btf_id);
}
