// SPDX-License-Identifier: GPL-2.0-only
#include "xdp_pins.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/attach/planted.h"

#define PROGRAMS_TRIES 5

uint32_t program_id_of(int fd)
{
	struct bpf_prog_info info = {};
	__u32 bytes = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &bytes) ? 0 : info.id;
}

/* --- the directory --- */

/* Calls `each` with every pin and its descriptor, which is closed afterwards, unless that returns
 * true: then it is returned. -ENOENT if none was.
 */
static int each_pin(const char *programs, bool (*each)(const char *path, int fd, void *data),
		    void *data)
{
	DIR *directory = opendir(programs);
	struct dirent *entry;
	char path[PATH_MAX];
	int found = -ENOENT;

	if (!directory)
		return -errno;
	while (found < 0 && (entry = readdir(directory))) {
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", programs, entry->d_name);
		fd = bpf_obj_get(path);
		if (fd < 0)
			continue;
		if (each(path, fd, data))
			found = fd;
		else
			close(fd);
	}
	closedir(directory);
	return found;
}

static bool has_id(const char *path, int fd, void *data)
{
	return program_id_of(fd) == *(const uint32_t *)data;
}

int program_pinned_fd(const char *programs, uint32_t id)
{
	return each_pin(programs, has_id, &id);
}

int program_fd(const char *programs, uint32_t id)
{
	int fd = program_pinned_fd(programs, id);

	if (fd >= 0)
		return fd;
	fd = bpf_prog_get_fd_by_id(id);
	return fd < 0 ? -errno : fd;
}

/* --- changes --- */

int programs_make_directory(const char *programs)
{
	char above[PATH_MAX];

	/* both may be removed again at any time */
	for (int i = 0; i < PROGRAMS_TRIES; i++) {
		if (!mkdir(programs, 0700) || errno == EEXIST)
			return 0;
		if (errno != ENOENT)
			return -errno;
		snprintf(above, sizeof(above), "%s", programs);
		if (mkdir(dirname(above), 0700) && errno != EEXIST)
			return -errno;
	}
	return -ENOENT;
}

static void pin_path(char path[PATH_MAX], const char *programs, uint32_t id)
{
	snprintf(path, PATH_MAX, "%s/program%u", programs, id);
}

int program_pin(const char *programs, int fd)
{
	uint32_t id = program_id_of(fd);
	int pinned = program_pinned_fd(programs, id), err;
	char path[PATH_MAX];

	if (pinned >= 0) {
		close(pinned);
		return 0;
	}
	pin_path(path, programs, id);
	unlink(path); /* of a program that had this id before a wrap, or of no program at all */
	for (int i = 0; i < PROGRAMS_TRIES; i++) {
		if (!bpf_obj_pin(fd, path))
			return 0;
		err = -errno;
		if (err == -ENOENT)
			err = programs_make_directory(programs);
		if (err)
			return err;
	}
	return -ENOENT;
}

static bool unlink_one(const char *path, int fd, void *data)
{
	if (has_id(path, fd, data))
		unlink(path);
	return false;
}

void program_unpin(const char *programs, uint32_t id)
{
	char path[PATH_MAX];

	each_pin(programs, unlink_one, &id);
	/* where somebody has put another program */
	pin_path(path, programs, id);
	unlink(path);
}

struct sweep {
	bool (*wanted)(uint32_t program_id, void *data);
	void *data;
};

static bool sweep_one(const char *path, int fd, void *data)
{
	const struct sweep *sweep = data;

	if (planted("leave-pins"))
		return false;
	if (!sweep->wanted(program_id_of(fd), sweep->data))
		unlink(path);
	return false;
}

void programs_sweep(const char *programs, bool (*wanted)(uint32_t program_id, void *data),
		    void *data)
{
	struct sweep sweep = {wanted, data};

	each_pin(programs, sweep_one, &sweep);
}
