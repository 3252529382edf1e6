/* SPDX-License-Identifier: GPL-2.0-only */
/* Which program on an interface is ours: the kernel and the pins are asked, and not what was written down, as that
 * may be older than a crash.
 */
#ifndef SLASH64_DAEMON_ATTACH_FIND_H
#define SLASH64_DAEMON_ATTACH_FIND_H

#include "attach.h"

/* Ours is what is pinned in the directory `programs`, or what writes to maps of this `owner` (struct s64_meta), should
 * the pins be gone; the latter takes CAP_SYS_ADMIN. false where there is none on the interface.
 */
bool attach_find(const char *programs, uint64_t owner, unsigned int ifindex, struct attachment *found);

/* A file descriptor of a program by its id, from a pin in the directory, or else from the kernel, which takes
 * CAP_SYS_ADMIN. -errno
 */
int attach_program_fd(const char *programs, uint32_t id);

/* Take our programs off interfaces where nobody wants them: what a crash, another layout or another configuration has
 * left. `wanted` says of an interface's program whether it is.
 */
void attach_sweep(const char *programs, uint64_t owner, bool (*wanted)(uint32_t program_id, void *data),
		  void *data);

#endif
