/* SPDX-License-Identifier: GPL-2.0-only */
/* Puts, restores and removes programs of ours behind a present libxdp dispatcher, each in one step.
 *
 * libxdp can only add one and then remove another: between the two every packet is processed and
 * counted twice, and with ten programs there is no room to add. So a second dispatcher is built
 * here, following libxdp's protocol: the programs that the kernel reports as linked to the first,
 * in the same order with the same settings, and the new one in the old one's position. The kernel
 * swaps the dispatchers between two packets.
 *
 * All return -errno with nothing changed: -ENOENT if there is no dispatcher, or the program is not
 * behind it, -EPROTO if it is no dispatcher of the known version, -E2BIG if it is full.
 */
#ifndef SLASH64_DAEMON_ATTACH_XDP_DISPATCHER_REPLACE_H
#define SLASH64_DAEMON_ATTACH_XDP_DISPATCHER_REPLACE_H

#include "daemon/attach/xdp/xdp_attach.h"

/* Puts a new one in the position of those of ours. */
int dispatcher_put(const struct maps *maps, uint32_t slot, unsigned int ifindex, bool generic,
		   const char *programs, struct attachment *out, struct error *error);

/* Restores a replaced program, by its descriptor, in the position of `now`. */
int dispatcher_put_back(const struct attachment *now, int fd, const char *programs, uint64_t owner,
			struct error *error);

/* Others stay; if there are none, the dispatcher goes. */
int dispatcher_take_out(unsigned int ifindex, bool generic, uint32_t id);

#endif
