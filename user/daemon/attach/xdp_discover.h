/* SPDX-License-Identifier: GPL-2.0-only */
/* Which program on an interface is ours: the kernel and the pins are asked, and not what was written down, as that
 * may be older than a crash.
 */
#ifndef SLASH64_DAEMON_ATTACH_FIND_H
#define SLASH64_DAEMON_ATTACH_FIND_H

#include "xdp_attach.h"

/* programs of ours on one interface; one is wanted, and a dispatcher has ten at most */
#define ATTACH_FOUND_MAX 16

/* Ours is what is pinned in the directory `programs`, or what has maps of this `owner` (struct s64_meta), should the pins
 * be gone, or not be there yet; the latter takes CAP_SYS_ADMIN.
 */
bool attach_is_ours(const char *programs, uint64_t owner, uint32_t id);

/* Every program of ours on the interface, that with the id `first` before the others; returns how many. */
size_t attach_find(const char *programs, uint64_t owner, unsigned int ifindex, uint32_t first,
		   struct attachment found[ATTACH_FOUND_MAX]);

/* Take every other program of ours off the interface: each of them would count and judge every packet once more. */
void attach_leave_others(const char *programs, uint64_t owner, unsigned int ifindex,
			 uint32_t stays);

/* Take our programs off interfaces where nobody wants them, and their pins away: what a crash, another layout or
 * another configuration has left. `wanted` says of an interface's program whether it is.
 */
void attach_sweep(const char *programs, uint64_t owner,
		  bool (*wanted)(uint32_t program_id, void *data), void *data);

#endif
