// SPDX-License-Identifier: GPL-2.0-only
/* Preloaded into slash64d by a test. FAIL_SYNC=N: its Nth call that makes a file durable fails, as
 * with a broken disk. FAIL_ATTACH=N: its Nth attach of a program fails, as if out of memory.
 * FAIL_CONFINE=1: confining it fails, which is the last step of a start. FAIL_DETACH=FILE: as long as
 * that file is there, the kernel detaches no program.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct bpf_xdp_attach_opts;
typedef void *scmp_filter_ctx;

struct counter {
	const char *name;
	long left; /* 0: not initialised; -1: none fails */
};

static bool fails(struct counter *counter)
{
	const char *at = getenv(counter->name);

	if (!counter->left)
		counter->left = at ? strtol(at, NULL, 10) : -1;
	return counter->left > 0 && !--counter->left && (counter->left = -1);
}

static bool sync_fails(void)
{
	static struct counter syncs = {.name = "FAIL_SYNC"};

	if (!fails(&syncs))
		return false;
	errno = EIO;
	return true;
}

int fsync(int fd)
{
	static int (*real)(int);

	if (!real)
		real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	return sync_fails() ? -1 : real(fd);
}

int fdatasync(int fd)
{
	static int (*real)(int);

	if (!real)
		real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	return sync_fails() ? -1 : real(fd);
}

int bpf_xdp_attach(int ifindex, int fd, unsigned int flags, const struct bpf_xdp_attach_opts *opts)
{
	static int (*real)(int, int, unsigned int, const struct bpf_xdp_attach_opts *);
	static struct counter attaches = {.name = "FAIL_ATTACH"};

	if (!real)
		real = (int (*)(int, int, unsigned int,
				const struct bpf_xdp_attach_opts *))dlsym(RTLD_NEXT,
									  "bpf_xdp_attach");
	return fails(&attaches) ? -ENOMEM : real(ifindex, fd, flags, opts);
}

int bpf_xdp_detach(int ifindex, unsigned int flags, const struct bpf_xdp_attach_opts *opts)
{
	static int (*real)(int, unsigned int, const struct bpf_xdp_attach_opts *);
	const char *path = getenv("FAIL_DETACH");

	if (!real)
		real = (int (*)(int, unsigned int,
				const struct bpf_xdp_attach_opts *))dlsym(RTLD_NEXT,
									  "bpf_xdp_detach");
	return path && !access(path, F_OK) ? -ENOMEM : real(ifindex, flags, opts);
}

int seccomp_load(const scmp_filter_ctx filter)
{
	static int (*real)(const scmp_filter_ctx);
	static struct counter loads = {.name = "FAIL_CONFINE"};

	if (!real)
		real = (int (*)(const scmp_filter_ctx))dlsym(RTLD_NEXT, "seccomp_load");
	return fails(&loads) ? -ENOMEM : real(filter);
}
