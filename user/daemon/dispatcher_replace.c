// SPDX-License-Identifier: GPL-2.0-only
#include "dispatcher_replace.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xdp/prog_dispatcher.h>

#include "attach_pins.h"
#include "dispatcher.skel.h"
#include "dispatcher_dirs.h"
#include "log.h"
#include "program.h"
#include "slash64.skel.h"

#define TRIES_MAX    10 /* others may change the dispatcher meanwhile; libxdp tries as often */
#define FUNCTION_MAX 16

_Static_assert(DISPATCHER_PROGRAMS_MAX == MAX_DISPATCHER_ACTIONS, "one number");

/* A dispatcher on an interface, and what the kernel says is linked to it: pins may be gone. */
struct dispatcher {
	unsigned int ifindex;
	bool generic;
	uint32_t id;
	int fd;
	struct xdp_dispatcher_config config;
	int program_fd[DISPATCHER_PROGRAMS_MAX]; /* by place; -1 for none */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void dispatcher_close(struct dispatcher *dispatcher)
{
	for (unsigned int i = 0; i < DISPATCHER_PROGRAMS_MAX; i++)
		close_fd(&dispatcher->program_fd[i]);
	close_fd(&dispatcher->fd);
}

/* --- what is there --- */

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
	    config->dispatcher_version != XDP_DISPATCHER_VERSION || config->num_progs_enabled > DISPATCHER_PROGRAMS_MAX)
		err = -EPROTO;
	close(map_fd);
	*btf_id = info.btf_id;
	return err;
}

/* The function that is replaced by the program in a place: one that is alone stands for the dispatcher itself. */
static const char *function_name(unsigned int place, unsigned int count, char name[FUNCTION_MAX])
{
	if (count == 1)
		return DISPATCHER_NAME;
	snprintf(name, FUNCTION_MAX, "prog%u", place);
	return name;
}

/* -1 where it is no place at all. */
static int place_of(const struct btf *btf, uint32_t function)
{
	const struct btf_type *type = btf__type_by_id(btf, function);
	const char *name = type ? btf__name_by_offset(btf, type->name_off) : NULL;
	unsigned int place;

	if (!name)
		return -1;
	if (!strcmp(name, DISPATCHER_NAME))
		return 0;
	return sscanf(name, "prog%u", &place) == 1 && place < DISPATCHER_PROGRAMS_MAX ? (int)place : -1;
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

static int dispatcher_open(struct dispatcher *dispatcher, unsigned int ifindex, bool generic)
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

/* --- the one that is to be --- */

/* The same without the places where nothing stands. `ours`: the place of the program with this id, or -1. */
static void plan(const struct dispatcher *now, uint32_t id, struct xdp_dispatcher_config *config,
		 int program_fd[DISPATCHER_PROGRAMS_MAX], int *ours)
{
	unsigned int count = 0;

	*config = now->config;
	*ours = -1;
	for (unsigned int i = 0; i < now->config.num_progs_enabled; i++) {
		if (now->program_fd[i] < 0)
			continue;
		if (program_id_of(now->program_fd[i]) == id)
			*ours = count;
		config->chain_call_actions[count] = now->config.chain_call_actions[i];
		config->run_prios[count] = now->config.run_prios[i];
		config->program_flags[count] = now->config.program_flags[i];
		program_fd[count++] = now->program_fd[i];
	}
	config->num_progs_enabled = count;
}

static int load_dispatcher(const struct xdp_dispatcher_config *config, struct dispatcher_bpf **out, struct error *error)
{
	struct dispatcher_bpf *skeleton = dispatcher_bpf__open();
	int err;

	if (!skeleton)
		return -errno;
	memcpy((void *)&skeleton->rodata->conf, config, sizeof(*config));
	if (config->is_xdp_frags)
		bpf_program__set_flags(skeleton->progs.xdp_dispatcher, BPF_F_XDP_HAS_FRAGS);
	err = program_load(skeleton->obj, error);
	if (err)
		dispatcher_bpf__destroy(skeleton);
	else
		*out = skeleton;
	return err;
}

static int load_ours(const struct tables *tables, uint32_t slot, int dispatcher_fd, const char *function,
		     struct slash64_bpf **out, struct error *error)
{
	struct slash64_bpf *skeleton = program_open(tables, slot, S64_CLOCK_KERNEL, error);
	struct bpf_program *program;
	int err;

	if (!skeleton)
		return -EINVAL;
	program = skeleton->progs.slash64;
	bpf_program__set_type(program, BPF_PROG_TYPE_EXT);
	bpf_program__set_expected_attach_type(program, 0);
	err = bpf_program__set_attach_target(program, dispatcher_fd, function);
	if (!err)
		err = program_load(skeleton->obj, error);
	if (err)
		slash64_bpf__destroy(skeleton);
	else
		*out = skeleton;
	return err;
}

/* Into a place of the dispatcher, and pinned there: its program and its link. */
static int stand_in(int dispatcher_fd, const struct btf *btf, unsigned int place, unsigned int count, int program_fd,
		    const char *folder)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts);
	char name[FUNCTION_MAX], path[PATH_MAX];
	int function = btf__find_by_name_kind(btf, function_name(place, count, name), BTF_KIND_FUNC);
	int link, err = 0;

	if (function < 0)
		return function;
	opts.target_btf_id = function;
	link = bpf_link_create(program_fd, dispatcher_fd, 0, &opts);
	if (link < 0)
		return -errno;
	if (snprintf(path, sizeof(path), "%s/prog%u-link", folder, place) >= PATH_MAX || bpf_obj_pin(link, path))
		err = -errno;
	if (!err && (snprintf(path, sizeof(path), "%s/prog%u-prog", folder, place) >= PATH_MAX ||
		     bpf_obj_pin(program_fd, path)))
		err = -errno;
	close(link);
	return err;
}

static int fill(const struct dispatcher_bpf *skeleton, const int program_fd[DISPATCHER_PROGRAMS_MAX],
		const char *folder)
{
	const struct btf *btf = bpf_object__btf(skeleton->obj);
	unsigned int count = skeleton->rodata->conf.num_progs_enabled;
	int err = 0;

	dispatcher_folder_remove(folder); /* of one that had this id before a wrap */
	if (mkdir(folder, 0700))
		return -errno;
	for (unsigned int i = 0; i < count && !err; i++)
		err = stand_in(bpf_program__fd(skeleton->progs.xdp_dispatcher), btf, i, count, program_fd[i], folder);
	return err;
}

/* --- one for the other --- */

/* -EAGAIN where another dispatcher is on the interface meanwhile. */
static int take_the_place(const struct dispatcher *now, int fd)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = now->fd);
	int err = bpf_xdp_attach(now->ifindex, fd,
				 XDP_FLAGS_REPLACE | (now->generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE), &opts);

	return err == -EEXIST ? -EAGAIN : err;
}

/* Under the lock, so that nobody takes the folder for one that was left behind. */
static int switch_over(const struct dispatcher *now, const struct dispatcher_bpf *skeleton,
		       const int program_fd[DISPATCHER_PROGRAMS_MAX])
{
	int fd = bpf_program__fd(skeleton->progs.xdp_dispatcher);
	char folder[PATH_MAX], before[PATH_MAX];
	int err, lock;

	if (dispatcher_folder(now->ifindex, program_id_of(fd), folder) ||
	    dispatcher_folder(now->ifindex, now->id, before))
		return -ENAMETOOLONG;
	dispatcher_make_root();
	lock = dispatcher_lock();
	if (lock < 0)
		return lock;
	err = fill(skeleton, program_fd, folder);
	if (!err)
		err = take_the_place(now, fd);
	dispatcher_folder_remove(err ? folder : before);
	close(lock);
	return err;
}

static int build_and_switch(const struct tables *tables, uint32_t slot, const char *programs,
			    const struct dispatcher *now, uint32_t old, uint32_t *id, struct error *error)
{
	struct xdp_dispatcher_config config;
	int program_fd[DISPATCHER_PROGRAMS_MAX], ours, fd, err;
	struct dispatcher_bpf *dispatcher = NULL;
	struct slash64_bpf *skeleton = NULL;
	char name[FUNCTION_MAX];

	plan(now, old, &config, program_fd, &ours);
	if (ours < 0)
		return -ENOENT;
	err = load_dispatcher(&config, &dispatcher, error);
	if (!err)
		err = load_ours(tables, slot, bpf_program__fd(dispatcher->progs.xdp_dispatcher),
				function_name(ours, config.num_progs_enabled, name), &skeleton, error);
	if (!err) {
		fd = bpf_program__fd(skeleton->progs.slash64);
		*id = program_id_of(fd);
		err = program_pin(programs, fd);
	}
	if (!err) {
		program_fd[ours] = fd;
		err = switch_over(now, dispatcher, program_fd);
		program_unpin(programs, err ? *id : old);
	}
	slash64_bpf__destroy(skeleton);
	dispatcher_bpf__destroy(dispatcher);
	return err;
}

int dispatcher_replace(const struct tables *tables, uint32_t slot, const char *programs, const struct attachment *old,
		       struct attachment *out, struct error *error)
{
	struct dispatcher now;
	uint32_t id = 0;
	int err;

	for (unsigned int try = 0; try < TRIES_MAX; try++) {
		err = dispatcher_open(&now, old->ifindex, old->generic);
		if (!err)
			err = build_and_switch(tables, slot, programs, &now, old->program_id, &id, error);
		dispatcher_close(&now);
		if (err != -EAGAIN)
			break;
	}
	if (!err)
		*out = (struct attachment){old->ifindex, id, old->generic, ATTACH_DISPATCHER};
	return err == -EAGAIN ? -EBUSY : err;
}
