/* SPDX-License-Identifier: GPL-2.0-only */
/* Which program on an interface is ours: decided by the kernel and the pins, not by notes that may
 * be older than a crash.
 */
#ifndef SLASH64_DAEMON_ATTACH_XDP_XDP_DISCOVER_H
#define SLASH64_DAEMON_ATTACH_XDP_XDP_DISCOVER_H

#include "xdp_attach.h"

/* programs of ours on one interface; one is wanted, and a dispatcher has at most ten */
#define ATTACH_FOUND_MAX 16

/* Ours is a program that is pinned in the directory `programs`, or has maps of this `owner` (struct
 * s64_meta), if the pins are missing; the latter takes CAP_SYS_ADMIN.
 */
bool attach_is_ours(const char *programs, uint64_t owner, uint32_t id);

/* All programs of ours on the interface, the one with the id `first` before the others; returns how
 * many.
 */
size_t attach_find(const char *programs, uint64_t owner, unsigned int ifindex, uint32_t first,
		   struct attachment found[ATTACH_FOUND_MAX]);

/* The map of facts of a program of ours that is attached somewhere, although its pin is gone: a
 * descriptor, or -ENOENT. It takes CAP_SYS_ADMIN.
 */
int attach_meta_fd(const char *programs, uint64_t owner);

/* Takes every other program of ours off the interface: each of them would count and process every
 * packet once more. Returns how many could not be detached.
 */
size_t attach_leave_others(const char *programs, uint64_t owner, unsigned int ifindex,
			   uint32_t stays);

/* Detaches our programs from interfaces where they are not wanted, and removes their pins:
 * leftovers of a crash, another layout or another configuration. `wanted` decides for an
 * interface's program. Returns how many could not be detached; then no pin was removed.
 */
size_t attach_sweep(const char *programs, uint64_t owner,
		    bool (*wanted)(uint32_t program_id, void *data), void *data);

#endif
