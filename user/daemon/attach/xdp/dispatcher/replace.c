// SPDX-License-Identifier: GPL-2.0-only
#include "replace.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xdp/prog_dispatcher.h>

#include "daemon/attach/xdp/xdp_pins.h"
#include "dispatcher.skel.h"
#include "dirs.h"
#include "plan.h"
#include "base/log.h"
#include "maps/program.h"
#include "slash64.skel.h"

#define TRIES_MAX    10 /* others may change the dispatcher meanwhile; libxdp retries as often */
#define FUNCTION_MAX 16

/* --- building the new one --- */

static unsigned int places(const struct dispatcher_plan *plan)
{
	return plan->config.num_progs_enabled;
}

/* The function that the program in a position replaces: a single program replaces the dispatcher
 * itself.
 */
static const char *function_name(unsigned int place, unsigned int count, char name[FUNCTION_MAX])
{
	if (count == 1)
		return DISPATCHER_NAME;
	snprintf(name, FUNCTION_MAX, "prog%u", place);
	return name;
}

static int load_dispatcher(const struct xdp_dispatcher_config *config, struct dispatcher_bpf **out,
			   struct error *error)
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

static int load_ours(const struct maps *maps, uint32_t slot, int dispatcher_fd,
		     const char *function, struct slash64_bpf **out, struct error *error)
{
	struct slash64_bpf *skeleton = program_open(maps, slot, S64_CLOCK_KERNEL, error);
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

/* Links the program into its position of the dispatcher, and pins program and link. */
static int stand_in(int dispatcher_fd, const struct btf *btf, unsigned int place,
		    unsigned int count, int program_fd, const char *folder)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts);
	char name[FUNCTION_MAX], path[PATH_MAX];
	int function =
		btf__find_by_name_kind(btf, function_name(place, count, name), BTF_KIND_FUNC);
	int link, err = 0;

	if (function < 0)
		return function;
	opts.target_btf_id = function;
	link = bpf_link_create(program_fd, dispatcher_fd, 0, &opts);
	if (link < 0)
		return -errno;
	if (snprintf(path, sizeof(path), "%s/prog%u-link", folder, place) >= PATH_MAX ||
	    bpf_obj_pin(link, path))
		err = -errno;
	if (!err && (snprintf(path, sizeof(path), "%s/prog%u-prog", folder, place) >= PATH_MAX ||
		     bpf_obj_pin(program_fd, path)))
		err = -errno;
	close(link);
	return err;
}

/* Ours first: a directory left behind is recognised by our pins in it (dispatcher_dirs_sweep). If
 * it will contain none of ours, `mark` is pinned there meanwhile.
 */
static int fill(const struct dispatcher_bpf *skeleton, const struct dispatcher_plan *plan, int mark,
		const char *folder)
{
	const struct btf *btf = bpf_object__btf(skeleton->obj);
	int fd = bpf_program__fd(skeleton->progs.xdp_dispatcher), err = 0;

	dispatcher_folder_remove(folder); /* of one that had this id before a wrap */
	if (mkdir(folder, 0700))
		return -errno;
	if (plan->ours >= 0)
		err = stand_in(fd, btf, plan->ours, places(plan), plan->program_fd[plan->ours],
			       folder);
	else
		err = dispatcher_folder_mark(folder, mark);
	for (unsigned int i = 0; i < places(plan) && !err; i++)
		if ((int)i != plan->ours)
			err = stand_in(fd, btf, i, places(plan), plan->program_fd[i], folder);
	return err;
}

/* --- replacing --- */

static __u32 mode_flag(const struct dispatcher *now)
{
	return now->generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
}

/* Under the lock, so that nobody takes the directory for one left behind. -EAGAIN if another
 * dispatcher has been put on the interface meanwhile.
 */
static int switch_locked(const struct dispatcher *now, const struct dispatcher_bpf *skeleton,
			 const struct dispatcher_plan *plan, int mark)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = now->fd);
	int fd = bpf_program__fd(skeleton->progs.xdp_dispatcher), err;
	char folder[PATH_MAX], before[PATH_MAX];

	if (dispatcher_folder(now->ifindex, program_id_of(fd), folder) ||
	    dispatcher_folder(now->ifindex, now->id, before))
		return -ENAMETOOLONG;
	err = fill(skeleton, plan, mark, folder);
	if (!err)
		err = bpf_xdp_attach(now->ifindex, fd, XDP_FLAGS_REPLACE | mode_flag(now), &opts);
	dispatcher_folder_remove(err ? folder : before);
	if (!err)
		dispatcher_folder_unmark(folder);
	return err == -EEXIST ? -EAGAIN : err;
}

static int switch_over(const struct dispatcher *now, const struct dispatcher_bpf *skeleton,
		       const struct dispatcher_plan *plan, int mark)
{
	int err, lock;

	dispatcher_make_root();
	lock = dispatcher_lock();
	if (lock < 0)
		return lock;
	err = switch_locked(now, skeleton, plan, mark);
	close(lock);
	return err;
}

/* The last program is gone: the dispatcher goes too. */
static int take_off(const struct dispatcher *now)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = now->fd);
	char folder[PATH_MAX];
	int err = bpf_xdp_detach(now->ifindex, mode_flag(now), &opts);

	if (!err && !dispatcher_folder(now->ifindex, now->id, folder))
		dispatcher_folder_remove(folder);
	return err == -EEXIST ? -EAGAIN : err;
}

/* --- interface --- */

static void say_what_is_lost(const struct dispatcher *now)
{
	char name[IF_NAMESIZE] = "?";
	unsigned int lost = 0;

	for (unsigned int i = 0; i < now->config.num_progs_enabled; i++)
		lost += now->program_fd[i] < 0;
	if (lost && if_indextoname(now->ifindex, name))
		log_warning(
			"%s: somebody has removed what libxdp had pinned of its dispatcher, and with that %u of the %u programs behind it; they are left out",
			name, lost, now->config.num_progs_enabled);
}

static int put_new(const struct dispatcher *now, const struct maps *maps, uint32_t slot,
		   const char *programs, uint32_t *id, struct error *error)
{
	struct dispatcher_bpf *dispatcher = NULL;
	struct slash64_bpf *skeleton = NULL;
	char name[FUNCTION_MAX];
	struct dispatcher_plan plan;
	int fd, err;

	err = dispatcher_plan_with(&plan, now, programs, maps->meta->owner);
	if (!err)
		say_what_is_lost(now);
	if (!err)
		err = load_dispatcher(&plan.config, &dispatcher, error);
	if (!err)
		err = load_ours(maps, slot, bpf_program__fd(dispatcher->progs.xdp_dispatcher),
				function_name(plan.ours, places(&plan), name), &skeleton, error);
	if (!err) {
		fd = bpf_program__fd(skeleton->progs.slash64);
		*id = program_id_of(fd);
		err = program_pin(programs, fd);
	}
	if (!err) {
		plan.program_fd[plan.ours] = fd;
		err = switch_over(now, dispatcher, &plan, -1);
		if (err)
			program_unpin(programs, *id);
	}
	slash64_bpf__destroy(skeleton);
	dispatcher_bpf__destroy(dispatcher);
	return err;
}

int dispatcher_put(const struct maps *maps, uint32_t slot, unsigned int ifindex, bool generic,
		   const char *programs, struct attachment *out, struct error *error)
{
	struct dispatcher now;
	uint32_t id = 0;
	int err = -EAGAIN;

	for (unsigned int try = 0; try < TRIES_MAX && err == -EAGAIN; try++) {
		err = dispatcher_open(&now, ifindex, generic);
		if (!err)
			err = put_new(&now, maps, slot, programs, &id, error);
		dispatcher_close(&now);
	}
	if (!err)
		*out = (struct attachment){ifindex, id, generic, ATTACH_DISPATCHER};
	return err == -EAGAIN ? -EBUSY : err;
}

static int put_old(const struct dispatcher *now, const char *programs, uint64_t owner, int fd,
		   struct error *error)
{
	struct dispatcher_bpf *dispatcher = NULL;
	struct dispatcher_plan plan;
	int err = dispatcher_plan_with(&plan, now, programs, owner);

	if (!err)
		err = load_dispatcher(&plan.config, &dispatcher, error);
	if (!err) {
		plan.program_fd[plan.ours] = fd;
		err = switch_over(now, dispatcher, &plan, -1);
	}
	dispatcher_bpf__destroy(dispatcher);
	return err;
}

int dispatcher_put_back(const struct attachment *now, int fd, const char *programs, uint64_t owner,
			struct error *error)
{
	struct dispatcher there;
	int err = -EAGAIN;

	for (unsigned int try = 0; try < TRIES_MAX && err == -EAGAIN; try++) {
		err = dispatcher_open(&there, now->ifindex, now->generic);
		if (!err)
			err = put_old(&there, programs, owner, fd, error);
		dispatcher_close(&there);
	}
	return err;
}

static int take_out(const struct dispatcher *now, uint32_t id, struct error *error)
{
	struct dispatcher_bpf *dispatcher = NULL;
	struct dispatcher_plan plan;
	int err = dispatcher_plan_without(&plan, now, id), mark;

	if (err)
		return err;
	if (!places(&plan))
		return take_off(now);
	err = load_dispatcher(&plan.config, &dispatcher, error);
	if (!err) {
		mark = bpf_prog_get_fd_by_id(id);
		err = mark < 0 ? -errno : switch_over(now, dispatcher, &plan, mark);
		if (mark >= 0)
			close(mark);
	}
	dispatcher_bpf__destroy(dispatcher);
	return err;
}

int dispatcher_take_out(unsigned int ifindex, bool generic, uint32_t id)
{
	struct dispatcher now;
	struct error error;
	int err = -EAGAIN;

	for (unsigned int try = 0; try < TRIES_MAX && err == -EAGAIN; try++) {
		err = dispatcher_open(&now, ifindex, generic);
		if (!err)
			err = take_out(&now, id, &error);
		dispatcher_close(&now);
	}
	return err == -EAGAIN ? -EBUSY : err;
}
