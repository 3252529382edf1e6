/* SPDX-License-Identifier: GPL-2.0-only */
/* What libxdp keeps on bpffs of its dispatchers, where it or somebody else has left that behind. */
#ifndef SLASH64_DAEMON_DISPATCHER_DIRS_H
#define SLASH64_DAEMON_DISPATCHER_DIRS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define DISPATCHER_PROGRAMS_MAX 10 /* MAX_DISPATCHER_ACTIONS of libxdp */
#define DISPATCHER_NAME		"xdp_dispatcher"

/* Who holds this lock is alone in building dispatchers. Close it to let go; -errno. Others hold it for milliseconds; one that
 * hangs is not waited for: -ETIMEDOUT.
 */
int dispatcher_lock(void);

/* Where the programs and links of a dispatcher are pinned. */
int dispatcher_folder(unsigned int ifindex, uint32_t id, char path[PATH_MAX]);

void dispatcher_folder_remove(const char *folder);

/* A program of ours that says whose folder it is, while there is no other in it. */
int dispatcher_folder_mark(const char *folder, int program_fd);
void dispatcher_folder_unmark(const char *folder);

/* The programs behind the dispatcher of an interface, by place, 0 for one that is not linked to it; returns how many
 * places there are, 0 where there is no dispatcher or its folder is gone. libxdp could tell, but opens what it never
 * closes.
 */
unsigned int dispatcher_programs(unsigned int ifindex, uint32_t id[DISPATCHER_PROGRAMS_MAX]);

/* A dispatcher that was taken off its interface leaves its folder there, and in it the programs, which stay in memory
 * for it. Remove those that hold a program of ours. -ETIMEDOUT where somebody else holds the lock all the while.
 */
int dispatcher_dirs_sweep(const char *programs, uint64_t owner);

/* Where libxdp keeps them, should somebody have removed it. */
void dispatcher_make_root(void);

#endif
