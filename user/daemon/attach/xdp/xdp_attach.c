// SPDX-License-Identifier: GPL-2.0-only
#include "xdp_attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <limits.h>
#include <linux/if_link.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "xdp_dispatcher.h"
#include "xdp_pins.h"
#include "base/complaint.h"
#include "daemon/attach/xdp/dispatcher/dirs.h"
#include "daemon/attach/xdp/dispatcher/replace.h"
#include "base/log.h"
#include "base/permission.h"
#include "maps/program.h"
#include "slash64.skel.h"

#define SECTION "xdp.frags"

static int libxdp_says(enum libxdp_print_level level, const char *format, va_list args)
{
	if (level == LIBXDP_WARN)
		complaint_keep(format, args);
	return 0;
}

void attach_init(void)
{
	complaint_listen();
	libxdp_set_print(libxdp_says);
}

/* Ethernet frames only: the bare packets of a tunnel would all be malformed. */
static int check_link(const char *name, struct error *error)
{
	struct ifreq request = {};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return error_set(error, -errno, "cannot open a socket: %s", strerror(errno));
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFHWADDR, &request))
		err = error_set(error, -errno,
				"cannot attach to %s: %s; 'ip link' lists interfaces", name,
				errno == ENODEV ? "no such interface" : strerror(errno));
	else if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER &&
		 request.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)
		err = error_set(
			error, -EOPNOTSUPP,
			"cannot attach to %s: its frames are not Ethernet; attach to the NIC below it",
			name);
	close(fd);
	return err;
}

static __u32 mode_flags(bool generic)
{
	return generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
}

uint32_t attach_direct_id(unsigned int ifindex, bool generic)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);

	if (bpf_xdp_query(ifindex, 0, &opts))
		return 0;
	return generic ? opts.skb_prog_id : opts.drv_prog_id;
}

/* Directly, replacing an old one of ours in one step. */
static int attach_direct(const struct maps *maps, uint32_t slot, unsigned int ifindex, bool generic,
			 const char *programs, const struct attachment *old, struct attachment *out,
			 struct error *error)
{
	struct slash64_bpf *skeleton = program_open(maps, slot, S64_CLOCK_KERNEL, error);
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);
	__u32 flags = mode_flags(generic) | XDP_FLAGS_UPDATE_IF_NOEXIST;
	int err, fd, old_fd = -1;

	if (!skeleton)
		return -EINVAL;
	err = program_load(skeleton->obj, error);
	if (err)
		goto out;
	fd = bpf_program__fd(skeleton->progs.slash64);
	/* before it is attached: after a crash it is recognised by its pin */
	err = program_pin(programs, fd);
	if (err)
		goto out;
	if (old) {
		old_fd = program_fd(programs, old->program_id);
		if (old_fd >= 0) {
			opts.old_prog_fd = old_fd;
			flags = mode_flags(generic) | XDP_FLAGS_REPLACE;
		}
	}
	err = bpf_xdp_attach(ifindex, fd, flags, &opts);
	if (!err) {
		*out = (struct attachment){ifindex, program_id_of(fd), generic, ATTACH_DIRECT};
		if (old)
			program_unpin(programs, old->program_id);
	} else {
		program_unpin(programs, program_id_of(fd));
	}
	if (old_fd >= 0)
		close(old_fd);
out:
	slash64_bpf__destroy(skeleton);
	return err;
}

static int attach_in_mode(const struct maps *maps, uint32_t slot, unsigned int ifindex,
			  bool generic, const char *programs, const struct attachment *old,
			  struct attachment *out, struct error *error)
{
	int err;

	/* A directly attached program is replaced directly: changing to the dispatcher would leave
	 * a moment without a program.
	 */
	if (old && old->method == ATTACH_DIRECT && old->generic == generic)
		return attach_direct(maps, slot, ifindex, generic, programs, old, out, error);
	err = attach_dispatcher(maps, slot, ifindex, generic, programs, old, out, error);
	if (err == -ETIMEDOUT && attach_direct_id(ifindex, generic))
		return err; /* the present program may be a dispatcher */
	if (err && err != -E2BIG && !old)
		err = attach_direct(maps, slot, ifindex, generic, programs, NULL, out, error);
	return err;
}

static int explain(int err, const char *name, enum config_mode mode, unsigned int ifindex,
		   struct error *error)
{
	char hint[PERMISSION_HINT_MAX];
	struct error why;

	if (*complaint_verifier()) {
		program_refused(err, &why);
		return error_set(error, err, "cannot attach to %s: %s", name, why.text);
	}
	switch (err) {
	case -EOPNOTSUPP:
	case -EINVAL:
		if (mode == MODE_NATIVE)
			return error_set(
				error, err,
				"cannot attach to %s in native mode: its driver refuses the program (%s); use 'mode: generic' or 'mode: auto'",
				name, *complaint_last() ? complaint_last() : strerror(-err));
		break;
	case -EBUSY:
	case -EEXIST:
		return error_set(error, -EBUSY,
				 "cannot attach to %s: it has another XDP program (id "
				 "%u), not behind a dispatcher; 'ip link set %s xdp "
				 "off' removes it",
				 name,
				 attach_direct_id(ifindex, false) | attach_direct_id(ifindex, true),
				 name);
	case -ETIMEDOUT:
		return error_set(error, err,
				 "cannot attach to %s: timeout waiting for libxdp's "
				 "lock; 'fuser -v /sys/fs/bpf/xdp' shows its holder",
				 name);
	case -E2BIG:
		return error_set(
			error, err,
			"cannot attach to %s: its dispatcher has %d programs, the maximum; 'xdp-loader status %s' lists them",
			name, DISPATCHER_PROGRAMS_MAX, name);
	case -ENOENT: /* its program cannot be pinned */
		return error_set(
			error, err,
			"cannot attach to %s: %s; if bpffs was unmounted, restart slash64d", name,
			strerror(-err));
	case -EPERM:
	case -EACCES:
		/* this is no guard rail, and cannot be confirmed */
		return error_set(error, -EACCES, "cannot attach to %s: %s%s", name, strerror(-err),
				 permission_hint(PERMISSION_BPF, err, hint));
	}
	return error_set(error, err, "cannot attach to %s: %s%s%s", name, strerror(-err),
			 *complaint_last() ? ": " : "", complaint_last());
}

/* The kernel does not accept programs in two modes: to change the mode, the old program must go
 * first, and returns if the new one fails.
 */
static int change_mode(const struct maps *maps, uint32_t slot, const char *name,
		       enum config_mode mode, const char *programs, const struct attachment *old,
		       struct attachment *out, struct error *error)
{
	struct error ignored;
	int err;

	log_info("%s: from %s to %s mode; for a moment nothing is filtered", name,
		 config_mode_name(old->generic), config_mode_name(!old->generic));
	err = attach_detach(old, name, programs, error);
	if (err)
		return err;
	err = attach_in_mode(maps, slot, old->ifindex, !old->generic, programs, NULL, out, error);
	if (err &&
	    attach_in_mode(maps, slot, old->ifindex, old->generic, programs, NULL, out, &ignored)) {
		out->program_id = 0;
		log_error("%s: cannot return to the old mode either; nothing is filtered", name);
	}
	return err ? explain(-EOPNOTSUPP, name, mode, old->ifindex, error) : 0;
}

int attach_program(const struct maps *maps, uint32_t slot, unsigned int ifindex,
		   enum config_mode mode, const char *programs, const struct attachment *old,
		   struct attachment *out, struct error *error)
{
	char name[IF_NAMESIZE] = "?";
	int err;

	if_indextoname(ifindex, name);
	err = check_link(name, error);
	if (err)
		return err;
	complaint_forget();
	error->text[0] = '\0';
	if (old && mode != MODE_AUTO && (mode == MODE_GENERIC) != old->generic)
		return change_mode(maps, slot, name, mode, programs, old, out, error);
	err = attach_in_mode(maps, slot, ifindex, old ? old->generic : mode == MODE_GENERIC,
			     programs, old, out, error);
	/* the verifier refuses a program in any mode */
	if ((err == -EOPNOTSUPP || err == -EINVAL) && mode == MODE_AUTO && !old &&
	    !*complaint_verifier()) {
		log_info("%s: no native mode (%s), trying generic", name,
			 *complaint_last() ? complaint_last() : strerror(-err));
		err = attach_in_mode(maps, slot, ifindex, true, programs, old, out, error);
	}
	return err ? explain(err, name, mode, ifindex, error) : 0;
}

static int put_back_direct(const struct attachment *now, int fd, const char *programs)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);
	int err;

	opts.old_prog_fd = program_fd(programs, now->program_id);
	if (opts.old_prog_fd < 0)
		return opts.old_prog_fd;
	err = bpf_xdp_attach(now->ifindex, fd, mode_flags(now->generic) | XDP_FLAGS_REPLACE, &opts);
	close(opts.old_prog_fd);
	return err;
}

int attach_put_back(const struct attachment *now, const struct attachment *before, int fd,
		    const char *programs, uint64_t owner, struct error *error)
{
	char name[IF_NAMESIZE] = "?";
	int err = program_pin(programs, fd);

	if (!err && (now->method != before->method || now->generic != before->generic))
		err = -EOPNOTSUPP; /* it would have to go first */
	if (!err)
		err = now->method == ATTACH_DISPATCHER ?
			      dispatcher_put_back(now, fd, programs, owner, error) :
			      put_back_direct(now, fd, programs);
	if (err) {
		program_unpin(programs, before->program_id);
		if_indextoname(now->ifindex, name);
		return error_set(error, err, "%s: program %u cannot be put back: %s", name,
				 before->program_id, strerror(-err));
	}
	program_unpin(programs, now->program_id);
	return 0;
}

bool attach_is_current(const struct attachment *attachment)
{
	if (attachment->method == ATTACH_DISPATCHER)
		return dispatcher_has(attachment->ifindex, attachment->program_id);
	return attach_direct_id(attachment->ifindex, attachment->generic) == attachment->program_id;
}

static int detach_direct(const struct attachment *attachment, const char *programs)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);
	int fd, err;

	if (attach_direct_id(attachment->ifindex, attachment->generic) != attachment->program_id)
		return 0;
	fd = program_fd(programs, attachment->program_id);
	if (fd >= 0)
		opts.old_prog_fd = fd;
	err = bpf_xdp_detach(attachment->ifindex, mode_flags(attachment->generic), &opts);
	if (fd >= 0)
		close(fd);
	return err;
}

int attach_detach(const struct attachment *attachment, const char *name, const char *programs,
		  struct error *error)
{
	int err = attachment->method == ATTACH_DISPATCHER ?
			  dispatcher_detach(attachment->ifindex, attachment->program_id,
					    attachment->generic) :
			  detach_direct(attachment, programs);

	if (err == -ETIMEDOUT)
		return error_set(error, err,
				 "cannot detach from %s: timeout waiting for libxdp's "
				 "lock; 'fuser -v /sys/fs/bpf/xdp' shows its holder",
				 name);
	if (err && err != -ENODEV && err != -ENOENT)
		return error_set(error, err,
				 "cannot detach from %s: %s; 'ip link set %s xdp off' does", name,
				 strerror(-err), name);
	program_unpin(programs, attachment->program_id);
	return 0;
}
