/* SPDX-License-Identifier: GPL-2.0-only */
/* The dispatcher on an interface, by libxdp's protocol, and the programs that the kernel reports as
 * linked to it: pins may be missing.
 */
#ifndef SLASH64_DAEMON_ATTACH_XDP_DISPATCHER_THERE_H
#define SLASH64_DAEMON_ATTACH_XDP_DISPATCHER_THERE_H

#include <stdbool.h>
#include <stdint.h>
#include <xdp/prog_dispatcher.h>

#include "dirs.h"

struct dispatcher {
	unsigned int ifindex;
	bool generic;
	uint32_t id;
	int fd;
	struct xdp_dispatcher_config config;
	int program_fd[DISPATCHER_PROGRAMS_MAX]; /* by position; -1 for none */
};

/* -ENOENT if there is no program, -EPROTO if it is no dispatcher of this version. To be closed in
 * either case.
 */
int dispatcher_open(struct dispatcher *dispatcher, unsigned int ifindex, bool generic);
void dispatcher_close(struct dispatcher *dispatcher);

#endif
