/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs of ours behind a dispatcher of libxdp that is there: put, put back, taken out, each in one step.
 *
 * libxdp can only add one and then remove another: between the two every packet is judged and counted twice, and where
 * ten programs are behind the dispatcher there is no room to add. So a second dispatcher is built here, by libxdp's
 * protocol: the programs that the kernel says are linked to the first, in the same order with the same settings, and the
 * new one where the old one stood. The kernel takes the one dispatcher for the other between two packets.
 *
 * All return -errno, and nothing has changed then: -ENOENT where there is no dispatcher, or not the program on it, -EPROTO
 * where it is no dispatcher of the version known here, -E2BIG where it is full.
 */
#ifndef SLASH64_DAEMON_DISPATCHER_REPLACE_H
#define SLASH64_DAEMON_DISPATCHER_REPLACE_H

#include "daemon/attach/xdp_attach.h"

/* A new one, in the place of those of ours that are there. */
int dispatcher_put(const struct tables *tables, uint32_t slot, unsigned int ifindex, bool generic,
		   const char *programs, struct attachment *out, struct error *error);

/* A program that was replaced, by its descriptor, in the place of `now`. */
int dispatcher_put_back(const struct attachment *now, int fd, const char *programs, uint64_t owner,
			struct error *error);

/* Others stay; where there are none, the dispatcher goes. */
int dispatcher_take_out(unsigned int ifindex, bool generic, uint32_t id);

#endif
