/* SPDX-License-Identifier: GPL-2.0-only */
/* libxdp's directories of dispatchers on bpffs, and those that it or somebody else has left behind.
 */
#ifndef SLASH64_DAEMON_ATTACH_XDP_DISPATCHER_DIRS_H
#define SLASH64_DAEMON_ATTACH_XDP_DISPATCHER_DIRS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define DISPATCHER_PROGRAMS_MAX 10 /* MAX_DISPATCHER_ACTIONS of libxdp */
#define DISPATCHER_NAME		"xdp_dispatcher"

/* Whoever holds this lock is alone in building dispatchers. Close it to release; -errno. Others
 * hold it for milliseconds; a process that hangs with it is not waited for: -ETIMEDOUT.
 */
int dispatcher_lock(void);

/* The directory in which the programs and links of a dispatcher are pinned. */
int dispatcher_folder(unsigned int ifindex, uint32_t id, char path[PATH_MAX]);

void dispatcher_folder_remove(const char *folder);

/* A program of ours that marks the directory, while there is no other one in it. */
int dispatcher_folder_mark(const char *folder, int program_fd);
void dispatcher_folder_unmark(const char *folder);

/* The programs behind the dispatcher of an interface, by position, 0 for one that is not linked to
 * it. Returns the number of positions, 0 if there is no dispatcher or its directory is missing.
 * libxdp could tell, but leaks descriptors.
 */
unsigned int dispatcher_programs(unsigned int ifindex, uint32_t id[DISPATCHER_PROGRAMS_MAX]);

/* A dispatcher that was taken off its interface leaves its directory, whose pins keep the programs
 * loaded. Removes directories that contain a program of ours. -ETIMEDOUT if somebody else holds the
 * lock all the time.
 */
int dispatcher_dirs_sweep(const char *programs, uint64_t owner);

/* Creates libxdp's directory, if somebody removed it. */
void dispatcher_make_root(void);

#endif
