// SPDX-License-Identifier: GPL-2.0-only
#include "dirs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/attach/xdp/xdp_attach.h"
#include "daemon/attach/xdp/xdp_discover.h"
#include "daemon/attach/xdp/xdp_pins.h"
#include "base/log.h"

#define BPFFS	   "/sys/fs/bpf"
#define MARK	   "slash64"
#define TRIAL_LINK "prog-test-link-"

#define LOCK_TRIES   40
#define LOCK_STEP_NS (5 * 1000 * 1000)

/* libxdp's protocol.org, "Locking and pinning". */
static void root_path(char path[PATH_MAX])
{
	const char *root = getenv("LIBXDP_BPFFS");

	snprintf(path, PATH_MAX, "%s/xdp", root ? root : BPFFS);
}

static int lock_soon(int fd)
{
	static const struct timespec step = {.tv_nsec = LOCK_STEP_NS};

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		nanosleep(&step, NULL);
	}
	return -ETIMEDOUT;
}

int dispatcher_lock(void)
{
	char root[PATH_MAX];
	int fd, err;

	root_path(root);
	fd = open(root, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = lock_soon(fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int dispatcher_folder(unsigned int ifindex, uint32_t id, char path[PATH_MAX])
{
	char root[PATH_MAX];

	root_path(root);
	return snprintf(path, PATH_MAX, "%s/dispatch-%u-%u", root, ifindex, id) < PATH_MAX ?
		       0 :
		       -ENAMETOOLONG;
}

int dispatcher_folder_mark(const char *folder, int program_fd)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", folder, MARK) >= PATH_MAX)
		return -ENAMETOOLONG;
	return bpf_obj_pin(program_fd, path) ? -errno : 0;
}

void dispatcher_folder_unmark(const char *folder)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", folder, MARK) < PATH_MAX)
		unlink(path);
}

/* --- a dispatcher --- */

/* Of a pinned program, or of a pinned link's program. */
static uint32_t id_behind(const char *path, bool is_link)
{
	struct bpf_link_info info = {};
	__u32 bytes = sizeof(info);
	int fd = bpf_obj_get(path);
	uint32_t id;

	if (fd < 0)
		return 0;
	if (is_link)
		id = bpf_obj_get_info_by_fd(fd, &info, &bytes) ? 0 : info.prog_id;
	else
		id = program_id_of(fd);
	close(fd);
	return id;
}

static uint32_t pinned_id(const char *folder, unsigned int place, const char *what)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/prog%u-%s", folder, place, what) >= PATH_MAX)
		return 0;
	return id_behind(path, !strcmp(what, "link"));
}

unsigned int dispatcher_programs(unsigned int ifindex, uint32_t id[DISPATCHER_PROGRAMS_MAX])
{
	uint32_t native = attach_direct_id(ifindex, false),
		 attached = native ? native : attach_direct_id(ifindex, true);
	char folder[PATH_MAX];
	unsigned int count = 0;

	if (!attached || dispatcher_folder(ifindex, attached, folder))
		return 0;
	for (unsigned int i = 0; i < DISPATCHER_PROGRAMS_MAX; i++) {
		uint32_t program = pinned_id(folder, i, "prog");

		id[i] = program && pinned_id(folder, i, "link") == program ? program : 0;
		if (program)
			count = i + 1;
	}
	return count;
}

/* --- directories without a dispatcher --- */

/* An empty directory was left by a kill, whoever's it is. */
static bool holds_ours_or_nothing(const char *folder, const char *programs, uint64_t owner)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	char path[PATH_MAX];
	bool ours = false, empty = true;

	while (directory && !ours && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= PATH_MAX)
			continue;
		empty = false;
		ours = attach_is_ours(programs, owner,
				      id_behind(path, strstr(entry->d_name, "-link")));
	}
	if (directory)
		closedir(directory);
	return ours || empty;
}

void dispatcher_folder_remove(const char *folder)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	char path[PATH_MAX];

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) < PATH_MAX)
			unlink(path);
	}
	if (directory)
		closedir(directory);
	rmdir(folder);
}

/* In another network namespace an interface may have this number, and a dispatcher of its own; but
 * not one that holds a program of ours.
 */
static void sweep_folder(const char *folder, const char *name, const char *programs, uint64_t owner)
{
	unsigned int ifindex, id;

	/* libxdp tests there whether links can be pinned, and holds the lock meanwhile */
	if (!strncmp(name, TRIAL_LINK, strlen(TRIAL_LINK)))
		unlink(folder);
	if (sscanf(name, "dispatch-%u-%u", &ifindex, &id) != 2)
		return;
	if (attach_direct_id(ifindex, false) == id || attach_direct_id(ifindex, true) == id) {
		dispatcher_folder_unmark(folder);
		return;
	}
	if (holds_ours_or_nothing(folder, programs, owner))
		dispatcher_folder_remove(folder);
}

int dispatcher_dirs_sweep(const char *programs, uint64_t owner)
{
	char root[PATH_MAX], path[PATH_MAX];
	struct dirent *entry;
	DIR *directory;
	int err;

	root_path(root);
	directory = opendir(root);
	if (!directory)
		return 0;
	/* whoever builds a dispatcher holds this lock: its directory exists before it is on the
	 * interface
	 */
	err = lock_soon(dirfd(directory));
	while (!err && (entry = readdir(directory))) {
		if (snprintf(path, sizeof(path), "%s/%s", root, entry->d_name) < PATH_MAX)
			sweep_folder(path, entry->d_name, programs, owner);
	}
	closedir(directory);
	return err;
}

void dispatcher_make_root(void)
{
	char root[PATH_MAX];

	root_path(root);
	if (mkdir(root, 0700) && errno != EEXIST)
		log_warning("cannot make %s, where libxdp keeps its dispatchers: %s", root,
			    strerror(errno));
}
