/* SPDX-License-Identifier: GPL-2.0-only */
/* The dispatcher on an interface, by libxdp's protocol, and what the kernel says is linked to it: pins may be gone. */
#ifndef SLASH64_DAEMON_DISPATCHER_THERE_H
#define SLASH64_DAEMON_DISPATCHER_THERE_H

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
	int program_fd[DISPATCHER_PROGRAMS_MAX]; /* by place; -1 for none */
};

/* -ENOENT where no program is there, -EPROTO where it is no dispatcher of this version. Either way it is to be closed. */
int dispatcher_open(struct dispatcher *dispatcher, unsigned int ifindex, bool generic);
void dispatcher_close(struct dispatcher *dispatcher);

#endif
