// SPDX-License-Identifier: GPL-2.0-only
#include "attach.h"

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

#include "attach_find.h"
#include "log.h"
#include "slash64.skel.h"

#define SECTION "xdp.frags"

/* The last thing a library complained of, for the error line; they print a page for each failure. */
static char complaint[256];

static void keep_complaint(const char *format, va_list args)
{
	char line[sizeof(complaint)];
	size_t n;

	vsnprintf(line, sizeof(line), format, args);
	n = strcspn(line, "\n");
	line[n] = '\0';
	if (n)
		memcpy(complaint, line, n + 1);
}

static int libbpf_says(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN)
		keep_complaint(format, args);
	return 0;
}

static int libxdp_says(enum libxdp_print_level level, const char *format, va_list args)
{
	if (level == LIBXDP_WARN)
		keep_complaint(format, args);
	return 0;
}

void attach_init(void)
{
	libbpf_set_print(libbpf_says);
	libxdp_set_print(libxdp_says);
}

/* Ethernet frames only: a tunnel's bare packets would all be taken for malformed. */
static int check_link(const char *name, struct error *error)
{
	struct ifreq request = {};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return error_set(error, -errno, "cannot open a socket: %s", strerror(errno));
	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &request))
		err = error_set(error, -errno, "cannot attach to %s: %s; 'ip link' lists what there is",
				name, errno == ENODEV ? "there is no such interface" : strerror(errno));
	else if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER &&
		 request.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)
		err = error_set(error, -EOPNOTSUPP,
				"cannot attach to %s: its frames are not Ethernet; attach to the NIC below it",
				name);
	close(fd);
	return err;
}

static __u32 mode_flags(bool generic)
{
	return generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
}

static uint32_t attached_id(unsigned int ifindex, bool generic)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);

	if (bpf_xdp_query(ifindex, 0, &opts))
		return 0;
	return generic ? opts.skb_prog_id : opts.drv_prog_id;
}

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info = {};
	__u32 bytes = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &bytes) ? 0 : info.id;
}

/* Find our program behind a dispatcher. The multiprog must be closed by the caller. */
static struct xdp_program *dispatcher_find(struct xdp_multiprog *multiprog, uint32_t id)
{
	struct xdp_program *program = NULL;

	while ((program = xdp_multiprog__next_prog(program, multiprog)))
		if (program_id(xdp_program__fd(program)) == id)
			return program;
	return NULL;
}

static bool dispatcher_has(unsigned int ifindex, uint32_t id)
{
	struct xdp_multiprog *multiprog = xdp_multiprog__get_from_ifindex(ifindex);
	bool found;

	if (libxdp_get_error(multiprog))
		return false;
	found = dispatcher_find(multiprog, id);
	xdp_multiprog__close(multiprog);
	return found;
}

static int dispatcher_detach(unsigned int ifindex, uint32_t id, bool generic)
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

/* Beside the old one first, and then in its place: bpffs takes no dots. */
static void new_pin_path(const char *pin, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s_new", pin);
}

static int pin_beside(int fd, const char *pin)
{
	char path[PATH_MAX];

	new_pin_path(pin, path);
	unlink(path);
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

static int pin_settle(const char *pin)
{
	char path[PATH_MAX];

	new_pin_path(pin, path);
	return rename(path, pin) ? -errno : 0;
}

static void pin_give_up(const char *pin)
{
	char path[PATH_MAX];

	new_pin_path(pin, path);
	unlink(path);
}

static int pin_replace(int fd, const char *pin)
{
	int err = pin_beside(fd, pin);

	return err ? err : pin_settle(pin);
}

int attach_pin(const struct attachment *attachment, const char *programs, const char *pin)
{
	int pinned = bpf_obj_get(pin), fd, err;
	bool same = pinned >= 0 && program_id(pinned) == attachment->program_id;

	if (pinned >= 0)
		close(pinned);
	if (same)
		return 0;
	fd = attach_program_fd(programs, attachment->program_id);
	if (fd < 0)
		return fd;
	err = pin_replace(fd, pin);
	close(fd);
	return err;
}

/* The program does not read the facts about the maps, but says by them whose it is (attach_find.c). Where that cannot
 * be, the pins say it alone.
 */
static void bind_meta(int fd, const struct tables *tables)
{
	if (bpf_prog_bind_map(fd, tables->fd[TABLE_META], NULL))
		log_info("the program cannot be bound to its facts: %s; it is known by its pin alone", strerror(errno));
}

/* Behind libxdp's dispatcher. -EOPNOTSUPP where the kernel or the driver will not have it so. */
static int attach_dispatcher(const struct tables *tables, uint32_t slot, unsigned int ifindex,
			     bool generic, const char *pin, struct attachment *out, struct error *error)
{
	struct slash64_bpf *skeleton = program_open(tables, slot, S64_CLOCK_KERNEL, error);
	DECLARE_LIBXDP_OPTS(xdp_program_opts, opts, );
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
		return error_set(error, err, "libxdp does not take the program: %s", strerror(-err));
	}
	/* What slash64 drops need not trouble the others; what it passes goes on to them. */
	err = xdp_program__attach(program, ifindex, generic ? XDP_MODE_SKB : XDP_MODE_NATIVE, 0);
	if (!err) {
		*out = (struct attachment){
			.ifindex = ifindex,
			.program_id = program_id(xdp_program__fd(program)),
			.generic = generic,
		};
		out->method = attached_id(ifindex, generic) == out->program_id ? ATTACH_DIRECT :
										  ATTACH_DISPATCHER;
		bind_meta(xdp_program__fd(program), tables);
		err = pin_replace(xdp_program__fd(program), pin);
		if (err)
			xdp_program__detach(program, ifindex,
					    generic ? XDP_MODE_SKB : XDP_MODE_NATIVE, 0);
	}
	xdp_program__close(program);
	slash64_bpf__destroy(skeleton);
	return err;
}

/* By itself, in one step where an old one of ours is there. */
static int attach_direct(const struct tables *tables, uint32_t slot, unsigned int ifindex, bool generic,
			 const char *programs, const char *pin, const struct attachment *old,
			 struct attachment *out, struct error *error)
{
	struct slash64_bpf *skeleton = program_open(tables, slot, S64_CLOCK_KERNEL, error);
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);
	__u32 flags = mode_flags(generic) | XDP_FLAGS_UPDATE_IF_NOEXIST;
	int err, fd, old_fd = -1;

	if (!skeleton)
		return -EINVAL;
	err = slash64_bpf__load(skeleton);
	if (err) {
		err = error_set(error, err, "the kernel does not take the program: %s", complaint);
		goto out;
	}
	fd = bpf_program__fd(skeleton->progs.slash64);
	bind_meta(fd, tables);
	err = pin_beside(fd, pin);
	if (err)
		goto out;
	if (old) {
		old_fd = attach_program_fd(programs, old->program_id);
		if (old_fd >= 0) {
			opts.old_prog_fd = old_fd;
			flags = mode_flags(generic) | XDP_FLAGS_REPLACE;
		}
	}
	err = bpf_xdp_attach(ifindex, fd, flags, &opts);
	if (!err) {
		*out = (struct attachment){ifindex, program_id(fd), generic, ATTACH_DIRECT};
		pin_settle(pin);
	} else {
		pin_give_up(pin);
	}
	if (old_fd >= 0)
		close(old_fd);
out:
	slash64_bpf__destroy(skeleton);
	return err;
}

static int attach_in_mode(const struct tables *tables, uint32_t slot, unsigned int ifindex, bool generic,
			  const char *programs, const char *pin, const struct attachment *old,
			  struct attachment *out, struct error *error)
{
	int err;

	/* What was attached by itself is replaced by itself: between the two ways there would be a
	 * moment without a program.
	 */
	if (old && old->method == ATTACH_DIRECT && old->generic == generic)
		return attach_direct(tables, slot, ifindex, generic, programs, pin, old, out, error);
	err = attach_dispatcher(tables, slot, ifindex, generic, pin, out, error);
	if (err && !old)
		err = attach_direct(tables, slot, ifindex, generic, programs, pin, NULL, out, error);
	return err;
}

static int explain(int err, const char *name, enum config_mode mode, unsigned int ifindex,
		   struct error *error)
{
	switch (err) {
	case -EOPNOTSUPP:
	case -EINVAL:
		if (mode == MODE_NATIVE)
			return error_set(error, err,
					 "cannot attach to %s in native mode: its driver does not take the program (%s); use 'mode: generic' or 'mode: auto'",
					 name, complaint[0] ? complaint : strerror(-err));
		break;
	case -EBUSY:
	case -EEXIST:
		return error_set(error, -EBUSY,
				 "cannot attach to %s: another XDP program (id %u) is there and not behind a dispatcher; 'ip link set %s xdp off' removes it",
				 name, attached_id(ifindex, false) | attached_id(ifindex, true), name);
	case -EPERM:
	case -EACCES:
		return error_set(error, err, "cannot attach to %s: %s; run as root", name,
				 strerror(-err));
	}
	return error_set(error, err, "cannot attach to %s: %s%s%s", name, strerror(-err),
			 complaint[0] ? ": " : "", complaint);
}

/* The kernel takes no program in one mode beside one in the other: to change it, the old one has to go
 * first, and comes back if the new one cannot.
 */
static int change_mode(const struct tables *tables, uint32_t slot, const char *name, const char *programs,
		       const char *pin, const struct attachment *old, struct attachment *out,
		       struct error *error)
{
	struct error ignored;
	int err;

	log_info("%s: from %s to %s mode; for a moment nothing is filtered", name,
		 old->generic ? "generic" : "native", old->generic ? "native" : "generic");
	attach_detach(old, name, programs, pin, &ignored);
	err = attach_in_mode(tables, slot, old->ifindex, !old->generic, programs, pin, NULL, out, error);
	if (err && attach_in_mode(tables, slot, old->ifindex, old->generic, programs, pin, NULL, out, &ignored)) {
		out->program_id = 0;
		log_error("%s: the old mode does not come back either; nothing is filtered", name);
	}
	return err;
}

int attach_program(const struct tables *tables, uint32_t slot, const char *name, enum config_mode mode,
		   const char *programs, const char *pin, const struct attachment *old,
		   struct attachment *out, struct error *error)
{
	unsigned int ifindex = if_nametoindex(name);
	int err = check_link(name, error);

	if (err)
		return err;
	complaint[0] = '\0';
	error->text[0] = '\0';
	if (old && old->ifindex != ifindex)
		old = NULL;
	if (old && mode != MODE_AUTO && (mode == MODE_GENERIC) != old->generic)
		return change_mode(tables, slot, name, programs, pin, old, out, error) ?
			       explain(-EOPNOTSUPP, name, mode, ifindex, error) :
			       0;
	err = attach_in_mode(tables, slot, ifindex,
			     old ? old->generic : mode == MODE_GENERIC, programs, pin, old, out, error);
	if ((err == -EOPNOTSUPP || err == -EINVAL) && mode == MODE_AUTO) {
		log_info("%s: no native mode (%s), trying generic", name,
			 complaint[0] ? complaint : strerror(-err));
		err = attach_in_mode(tables, slot, ifindex, true, programs, pin, old, out, error);
	}
	if (err)
		return explain(err, name, mode, ifindex, error);
	/* A new program stands behind the dispatcher before the old one goes. */
	if (old && old->method == ATTACH_DISPATCHER && old->program_id != out->program_id)
		dispatcher_detach(ifindex, old->program_id, old->generic);
	return 0;
}

bool attach_is_current(const struct attachment *attachment)
{
	if (attachment->method == ATTACH_DISPATCHER)
		return dispatcher_has(attachment->ifindex, attachment->program_id);
	return attached_id(attachment->ifindex, attachment->generic) == attachment->program_id;
}

int attach_detach(const struct attachment *attachment, const char *name, const char *programs,
		  const char *pin, struct error *error)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);
	int err = 0, fd;

	if (attachment->method == ATTACH_DISPATCHER) {
		err = dispatcher_detach(attachment->ifindex, attachment->program_id,
					attachment->generic);
	} else if (attached_id(attachment->ifindex, attachment->generic) == attachment->program_id) {
		fd = attach_program_fd(programs, attachment->program_id);
		if (fd >= 0)
			opts.old_prog_fd = fd;
		err = bpf_xdp_detach(attachment->ifindex, mode_flags(attachment->generic), &opts);
		if (fd >= 0)
			close(fd);
	}
	if (err && err != -ENODEV && err != -ENOENT)
		return error_set(error, err, "cannot detach from %s: %s; 'ip link set %s xdp off' does",
				 name, strerror(-err), name);
	if (pin)
		unlink(pin);
	return 0;
}
