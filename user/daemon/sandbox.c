// SPDX-License-Identifier: GPL-2.0-only
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/logins.h"
#include "base/log.h"

/* --- files (landlock(7)) --- */

#define READ_FILES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define CHANGE_FILES                                                     \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |  \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK)
/* All rights of the first version, so that everything not listed is refused. */
#define ALL_FILES ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

#define BPFFS "/sys/fs/bpf"

/* Files that libbpf, libxdp and the C library read. */
static const char *const read_only[] = {
	"/usr",
	"/lib",
	"/lib64",
	"/proc",
	"/sys",
	"/etc/passwd",
	"/etc/group",
	"/etc/nsswitch.conf",
	"/etc/ld.so.cache",
	"/etc/localtime",
	"/etc/services",
	"/dev/null",
	"/dev/urandom",
	"/run/systemd/userdb",
	LOGINS_SESSIONS,
	LOGINS_UTMP,
};

/* A missing path needs no rule. */
static int allow_path(int ruleset, const char *path, __u64 access)
{
	struct landlock_path_beneath_attr beneath = {.allowed_access = access};
	struct stat about;
	int err = 0;

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return 0;
	/* rights that apply only to directories */
	if (!fstat(beneath.parent_fd, &about) && !S_ISDIR(about.st_mode))
		beneath.allowed_access &=
			LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0))
		err = -errno;
	close(beneath.parent_fd);
	return err;
}

static int allow_directory_of(int ruleset, const char *file, __u64 access)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", file);
	return allow_path(ruleset, dirname(copy), access);
}

/* Does the directory belong to its owner alone, so that everything below it may be readable for the
 * sake of one file that is created anew? Not a directory that the whole system shares.
 */
static bool is_of_feeds(const char *directory)
{
	static const char *const shared[] = {"/home/", "/media/", "/mnt/", "/usr/", "/var/"};
	unsigned int depth = 0, least = 2;

	for (const char *slash = directory; (slash = strchr(slash, '/')); slash++)
		depth += slash[1] != '\0';
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		if (!strncmp(directory, shared[i], strlen(shared[i])))
			least = 3;
	return depth >= least;
}

/* The directory of a file, in which it is created anew. */
static int allow_feed_directory(int ruleset, const char *file)
{
	int err = allow_directory_of(ruleset, file, READ_FILES);
	char directory[PATH_MAX], around[PATH_MAX];
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", file);
	if (err || !realpath(dirname(copy), directory))
		return err;
	snprintf(around, sizeof(around), "%s", directory);
	dirname(around);
	return is_of_feeds(around) ? allow_path(ruleset, around, READ_FILES) : 0;
}

/* If a feed is a symbolic link, its target is in another directory. */
static int allow_feed(int ruleset, const char *file)
{
	char target[PATH_MAX];
	int err = allow_feed_directory(ruleset, file);

	if (!err && realpath(file, target))
		err = allow_feed_directory(ruleset, target);
	return err;
}

static int allow_all(int ruleset, const struct config *config)
{
	const __u64 change = READ_FILES | CHANGE_FILES;
	/* libbpf opens the root directory to reserve a descriptor number (bpf_map__reuse_fd) */
	int err = allow_path(ruleset, "/", LANDLOCK_ACCESS_FS_READ_DIR);

	if (!err)
		err = allow_path(ruleset, config->state, change);
	for (size_t i = 0; i < sizeof(read_only) / sizeof(read_only[0]) && !err; i++)
		err = allow_path(ruleset, read_only[i], READ_FILES);
	if (!err)
		err = allow_path(ruleset, BPFFS, change);
	if (!err)
		err = allow_directory_of(ruleset, config->socket, change);
	if (!err && strcmp(config->read_socket, "off"))
		err = allow_directory_of(ruleset, config->read_socket, change);
	if (!err)
		err = allow_directory_of(ruleset, config->file, READ_FILES);
	for (size_t i = 0; i < config->feed_count && !err; i++)
		err = allow_feed(ruleset, config->feed[i].file);
	return err;
}

static int confine_files(const struct config *config, struct error *error)
{
	struct landlock_ruleset_attr all = {.handled_access_fs = ALL_FILES};
	int ruleset = syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	int err;

	if (ruleset < 0) {
		log_info("the kernel has no Landlock (%s): files are not confined",
			 strerror(errno));
		return 0;
	}
	err = allow_all(ruleset, config);
	if (!err && syscall(SYS_landlock_restrict_self, ruleset, 0))
		err = -errno;
	close(ruleset);
	return err ? error_set(error, err, "cannot confine files with Landlock: %s",
			       strerror(-err)) :
		     0;
}

/* --- system calls --- */

#define CALL(name) SCMP_SYS(name)

static const int calls[] = {
	/* files */
	CALL(read),
	CALL(write),
	CALL(readv),
	CALL(writev),
	CALL(pread64),
	CALL(pwrite64),
	CALL(open),
	CALL(openat),
	CALL(openat2),
	CALL(close),
	CALL(stat),
	CALL(fstat),
	CALL(lstat),
	CALL(newfstatat),
	CALL(statx),
	CALL(statfs),
	CALL(fstatfs),
	CALL(lseek),
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(fcntl),
	CALL(flock),
	CALL(fsync),
	CALL(fdatasync),
	CALL(sync_file_range),
	CALL(ftruncate),
	CALL(fallocate),
	CALL(getdents64),
	CALL(getcwd),
	CALL(rename),
	CALL(renameat),
	CALL(renameat2),
	CALL(mkdir),
	CALL(mkdirat),
	CALL(rmdir),
	CALL(unlink),
	CALL(unlinkat),
	CALL(readlink),
	CALL(readlinkat),
	CALL(chmod),
	CALL(fchmod),
	CALL(fchmodat),
	CALL(chown),
	CALL(fchown),
	CALL(fchownat),
	CALL(umask),
	CALL(ioctl),
	CALL(dup),
	CALL(dup2),
	CALL(dup3),
	CALL(pipe),
	CALL(pipe2),
	/* memory */
	CALL(mmap),
	CALL(munmap),
	CALL(mremap),
	CALL(mprotect),
	CALL(madvise),
	CALL(brk),
	CALL(msync),
	CALL(mlock),
	CALL(munlock),
	CALL(memfd_create),
	/* events and time */
	CALL(epoll_create),
	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(epoll_pwait2),
	CALL(poll),
	CALL(ppoll),
	CALL(select),
	CALL(pselect6),
	CALL(eventfd2),
	CALL(timerfd_create),
	CALL(timerfd_settime),
	CALL(timerfd_gettime),
	CALL(nanosleep),
	CALL(clock_nanosleep),
	CALL(clock_gettime),
	CALL(clock_getres),
	CALL(gettimeofday),
	CALL(time),
	CALL(inotify_init1),
	CALL(inotify_add_watch),
	CALL(inotify_rm_watch),
	/* sockets */
	CALL(socket),
	CALL(socketpair),
	CALL(connect),
	CALL(accept),
	CALL(accept4),
	CALL(bind),
	CALL(listen),
	CALL(sendto),
	CALL(recvfrom),
	CALL(sendmsg),
	CALL(recvmsg),
	CALL(sendmmsg),
	CALL(recvmmsg),
	CALL(shutdown),
	CALL(getsockname),
	CALL(getpeername),
	CALL(setsockopt),
	CALL(getsockopt),
	CALL(sendfile),
	/* the process */
	CALL(getpid),
	CALL(gettid),
	CALL(getppid),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
	CALL(getrandom),
	CALL(uname),
	CALL(sysinfo),
	CALL(prlimit64),
	CALL(getrlimit),
	CALL(setrlimit),
	CALL(getrusage),
	CALL(sched_getaffinity),
	CALL(sched_yield),
	CALL(sched_setscheduler),
	CALL(prctl),
	CALL(capget),
	CALL(capset),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(rt_sigtimedwait),
	CALL(sigaltstack),
	CALL(tgkill),
	CALL(kill),
	CALL(restart_syscall),
	CALL(exit),
	CALL(exit_group),
	CALL(futex),
	CALL(set_robust_list),
	CALL(rseq),
	CALL(arch_prctl),
	CALL(membarrier),
	/* its purpose */
	CALL(bpf),
};

/* A thread (loop/aside.h), and no process. What clone3() is to do is in memory, which a filter cannot
 * read: as on a kernel without it, the C library takes clone() instead.
 */
#define THREAD_FLAGS (CLONE_VM | CLONE_THREAD)

static int allow_threads(scmp_filter_ctx filter)
{
	int err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				   SCMP_A0(SCMP_CMP_MASKED_EQ, THREAD_FLAGS, THREAD_FLAGS));

	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return err;
}

/* Other system calls fail with EPERM, and the kernel logs them: an error message is better than a
 * killed process.
 */
static int confine_calls(struct error *error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && !err; i++) {
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
		if (err == -EDOM || err == -EFAULT)
			err = 0; /* a system call that this architecture does not have */
	}
	if (!err)
		err = allow_threads(filter);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	if (err == -ECANCELED || err == -EINVAL) {
		log_info("the kernel has no seccomp filters: system calls are not confined");
		return 0;
	}
	return err ? error_set(error, err, "cannot confine system calls: %s", strerror(-err)) : 0;
}

int confine(const struct config *config, struct error *error)
{
	int err;

#ifdef SLASH64_UNCONFINED /* instrumented builds, which write results: make coverage, make check-asan */
	log_info("built without confinement");
	return 0;
#endif
	err = confine_files(config, error);

	return err ? err : confine_calls(error);
}
