// SPDX-License-Identifier: GPL-2.0-only
#include "xdp_dispatcher.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "xdp_pins.h"
#include "base/complaint.h"
#include "daemon/attach/xdp/dispatcher/dirs.h"
#include "daemon/attach/xdp/dispatcher/replace.h"
#include "daemon/loop/aside.h"
#include "maps/program.h"
#include "slash64.skel.h"

/* Finds our program behind a dispatcher. The caller closes the multiprog. */
static struct xdp_program *dispatcher_find(struct xdp_multiprog *multiprog, uint32_t id)
{
	struct xdp_program *program = NULL;

	while ((program = xdp_multiprog__next_prog(program, multiprog)))
		if (program_id_of(xdp_program__fd(program)) == id)
			return program;
	return NULL;
}

bool dispatcher_has(unsigned int ifindex, uint32_t id)
{
	uint32_t behind[DISPATCHER_PROGRAMS_MAX];
	unsigned int count = dispatcher_programs(ifindex, behind);

	for (unsigned int i = 0; i < count; i++)
		if (behind[i] == id)
			return true;
	return false;
}

/* --- descriptors that libxdp leaks --- */

#define FDS_MAX 65536

struct open_fds {
	uint8_t bit[FDS_MAX / 8];
	bool is_held; /* no other thread opens any */
};

static void each_fd(void (*each)(struct open_fds *fds, unsigned int fd), struct open_fds *fds)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		unsigned int fd = strtoul(entry->d_name, NULL, 10);

		if (entry->d_name[0] != '.' && fd < FDS_MAX && (int)fd != dirfd(directory))
			each(fds, fd);
	}
	if (directory)
		closedir(directory);
}

static void note_fd(struct open_fds *fds, unsigned int fd)
{
	fds->bit[fd / 8] |= 1 << fd % 8;
}

static void close_new(struct open_fds *fds, unsigned int fd)
{
	if (!(fds->bit[fd / 8] & 1 << fd % 8))
		close(fd);
}

/* libxdp 1.3 leaves descriptors of the dispatcher, its programs and links open, which keeps them
 * loaded. As no other thread opens one meanwhile, a descriptor that is open only after the call belongs
 * to libxdp. If one does, for long, they stay open until slash64d ends: that only costs memory.
 */
static void fds_note(struct open_fds *fds)
{
	memset(fds, 0, sizeof(*fds));
	fds->is_held = aside_hold();
	each_fd(note_fd, fds);
}

static void fds_close_new(struct open_fds *fds)
{
	if (!fds->is_held)
		return;
	each_fd(close_new, fds);
	aside_release();
}

static int detach(unsigned int ifindex, uint32_t id, bool generic)
{
	struct xdp_multiprog *multiprog = xdp_multiprog__get_from_ifindex(ifindex);
	struct xdp_program *program;
	int err = 0;

	if (libxdp_get_error(multiprog))
		return 0; /* nothing is attached at all */
	program = dispatcher_find(multiprog, id);
	if (program)
		err = xdp_program__detach(program, ifindex,
					  generic ? XDP_MODE_SKB : XDP_MODE_NATIVE, 0);
	xdp_multiprog__close(multiprog);
	return err;
}

/* libxdp waits for its lock without limit, and the event loop would with it. */
static int lock_is_free(void)
{
	int lock = dispatcher_lock();

	if (lock >= 0)
		close(lock);
	return lock == -ETIMEDOUT ? lock : 0;
}

int dispatcher_detach(unsigned int ifindex, uint32_t id, bool generic)
{
	struct open_fds before;
	int err = dispatcher_take_out(ifindex, generic, id);

	if (err == -EPROTO)
		err = lock_is_free() ? -ETIMEDOUT : -EPROTO;
	if (err == -EPROTO) {
		fds_note(&before);
		err = detach(ifindex, id, generic);
		fds_close_new(&before);
	}
	return err == -ENOENT ? 0 : err;
}

/* Behind libxdp's dispatcher. -EOPNOTSUPP if the kernel or the driver does not support that. */
static int add(const struct maps *maps, uint32_t slot, unsigned int ifindex, bool generic,
	       const char *programs, struct attachment *out, struct error *error)
{
	struct slash64_bpf *skeleton = program_open(maps, slot, S64_CLOCK_KERNEL, error);
	DECLARE_LIBXDP_OPTS(xdp_program_opts, opts, );
	enum xdp_attach_mode mode = generic ? XDP_MODE_SKB : XDP_MODE_NATIVE;
	struct xdp_program *program;
	int err;

	if (!skeleton)
		return -EINVAL;
	opts.obj = skeleton->obj;
	opts.prog_name = "slash64";
	program = xdp_program__create(&opts);
	err = libxdp_get_error(program);
	if (err) {
		slash64_bpf__destroy(skeleton);
		return error_set(error, err, "libxdp refuses the program: %s", strerror(-err));
	}
	complaint_forget();
	/* Packets that slash64 drops need not reach the others; those that it passes do. */
	err = xdp_program__attach(program, ifindex, mode, 0);
	if (!err) {
		*out = (struct attachment){
			.ifindex = ifindex,
			.program_id = program_id_of(xdp_program__fd(program)),
			.generic = generic,
		};
		out->method = attach_direct_id(ifindex, generic) == out->program_id ?
				      ATTACH_DIRECT :
				      ATTACH_DISPATCHER;
		err = program_pin(programs, xdp_program__fd(program));
		if (err)
			xdp_program__detach(program, ifindex, mode, 0);
	}
	xdp_program__close(program);
	slash64_bpf__destroy(skeleton);
	return err;
}

int attach_dispatcher(const struct maps *maps, uint32_t slot, unsigned int ifindex, bool generic,
		      const char *programs, const struct attachment *old, struct attachment *out,
		      struct error *error)
{
	struct open_fds before;
	int err;

	dispatcher_make_root();
	err = dispatcher_put(maps, slot, ifindex, generic, programs, out, error);
	/* there is none yet, or libxdp may recognise it */
	if (err == -ENOENT || err == -EPROTO) {
		err = lock_is_free();
		if (err)
			return err;
		fds_note(&before);
		err = add(maps, slot, ifindex, generic, programs, out, error);
		if (!err && old && old->program_id != out->program_id)
			detach(ifindex, old->program_id, old->generic);
		fds_close_new(&before);
	}
	if (!err && old && old->program_id != out->program_id)
		program_unpin(programs, old->program_id);
	return err;
}
