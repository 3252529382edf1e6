// SPDX-License-Identifier: GPL-2.0-only
#include "dispatcher_dirs.h"

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
#include <unistd.h>

#include "attach.h"
#include "attach_find.h"
#include "attach_pins.h"
#include "log.h"

#define BPFFS		"/sys/fs/bpf"

/* libxdp's protocol.org, "Locking and pinning". */
static void root_path(char path[PATH_MAX])
{
	const char *root = getenv("LIBXDP_BPFFS");

	snprintf(path, PATH_MAX, "%s/xdp", root ? root : BPFFS);
}

int dispatcher_lock(void)
{
	char root[PATH_MAX];
	int fd, err;

	root_path(root);
	fd = open(root, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int dispatcher_folder(unsigned int ifindex, uint32_t id, char path[PATH_MAX])
{
	char root[PATH_MAX];

	root_path(root);
	return snprintf(path, PATH_MAX, "%s/dispatch-%u-%u", root, ifindex, id) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* --- a dispatcher --- */

static uint32_t pinned_id(const char *folder, unsigned int place, const char *what)
{
	char path[PATH_MAX];
	uint32_t id = 0;
	int fd = -1;

	if (snprintf(path, sizeof(path), "%s/prog%u-%s", folder, place, what) < PATH_MAX)
		fd = bpf_obj_get(path);
	if (fd < 0)
		return 0;
	if (!strcmp(what, "prog")) {
		id = program_id_of(fd);
	} else {
		struct bpf_link_info info = {};
		__u32 bytes = sizeof(info);

		id = bpf_obj_get_info_by_fd(fd, &info, &bytes) ? 0 : info.prog_id;
	}
	close(fd);
	return id;
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

/* --- folders without a dispatcher --- */

static bool holds_ours(const char *folder, const char *programs, uint64_t owner)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	char path[PATH_MAX];
	bool ours = false;

	while (directory && !ours && (entry = readdir(directory))) {
		unsigned int number;
		char what[8];
		int fd;

		if (sscanf(entry->d_name, "prog%u-%7s", &number, what) != 2 || strcmp(what, "prog") ||
		    snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= PATH_MAX)
			continue;
		fd = bpf_obj_get(path);
		ours = fd >= 0 && attach_is_ours(programs, owner, program_id_of(fd));
		if (fd >= 0)
			close(fd);
	}
	if (directory)
		closedir(directory);
	return ours;
}

void dispatcher_folder_remove(const char *folder)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	char path[PATH_MAX];

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] != '.' && snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) < PATH_MAX)
			unlink(path);
	}
	if (directory)
		closedir(directory);
	rmdir(folder);
}

/* In another network namespace an interface may have this number, and a dispatcher of its own; but not one that holds
 * what is ours.
 */
static void sweep_folder(const char *folder, const char *name, const char *programs, uint64_t owner)
{
	unsigned int ifindex, id;

	if (sscanf(name, "dispatch-%u-%u", &ifindex, &id) != 2)
		return;
	if (attach_direct_id(ifindex, false) == id || attach_direct_id(ifindex, true) == id)
		return;
	if (holds_ours(folder, programs, owner))
		dispatcher_folder_remove(folder);
}

void dispatcher_dirs_sweep(const char *programs, uint64_t owner)
{
	char root[PATH_MAX], path[PATH_MAX];
	struct dirent *entry;
	DIR *directory;

	root_path(root);
	directory = opendir(root);
	if (!directory)
		return;
	/* whoever builds a dispatcher holds this lock: its folder is there before it is on the interface */
	if (flock(dirfd(directory), LOCK_EX))
		log_warning("cannot lock %s: %s", root, strerror(errno));
	while ((entry = readdir(directory))) {
		if (snprintf(path, sizeof(path), "%s/%s", root, entry->d_name) < PATH_MAX)
			sweep_folder(path, entry->d_name, programs, owner);
	}
	closedir(directory);
}

/* --- a dispatcher without its folder --- */

/* Somebody may hold a link open without its pin: then something is behind it still. */
static bool has_links(uint32_t id)
{
	__u32 link = 0;

	while (!bpf_link_get_next_id(link, &link)) {
		struct bpf_link_info info = {};
		__u32 bytes = sizeof(info);
		int fd = bpf_link_get_fd_by_id(link);
		bool behind;

		if (fd < 0)
			continue;
		behind = !bpf_obj_get_info_by_fd(fd, &info, &bytes) && info.type == BPF_LINK_TYPE_TRACING &&
			 info.tracing.target_obj_id == id;
		close(fd);
		if (behind)
			return true;
	}
	return false;
}

static bool is_dispatcher(int fd)
{
	struct bpf_prog_info info = {};
	__u32 bytes = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &bytes) && !strcmp(info.name, DISPATCHER_NAME);
}

void dispatcher_make_root(void)
{
	char root[PATH_MAX];

	root_path(root);
	if (mkdir(root, 0700) && errno != EEXIST)
		log_warning("cannot make %s, where libxdp keeps its dispatchers: %s", root, strerror(errno));
}

bool dispatcher_clear_dead(unsigned int ifindex)
{
	bool generic = attach_direct_id(ifindex, true);
	uint32_t id = attach_direct_id(ifindex, generic);
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);
	char name[IF_NAMESIZE] = "?";
	bool cleared = false;
	uint32_t behind[DISPATCHER_PROGRAMS_MAX];
	int fd;

	if (!id || dispatcher_programs(ifindex, behind))
		return false;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return false;
	if (is_dispatcher(fd) && !has_links(id)) {
		opts.old_prog_fd = fd;
		cleared = !bpf_xdp_detach(ifindex, generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE, &opts);
	}
	close(fd);
	if (cleared && if_indextoname(ifindex, name))
		log_warning(
			"%s: somebody has removed what libxdp had pinned of its dispatcher, and with that every program behind it; the dispatcher, which did nothing any more, is taken off",
			name);
	return cleared;
}
