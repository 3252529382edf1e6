/* SPDX-License-Identifier: GPL-2.0-only */
/* The contents of a new dispatcher that replaces the present one: the programs of others in their
 * order, with their settings, and ours. Empty positions are left out.
 */
#ifndef SLASH64_DAEMON_ATTACH_XDP_DISPATCHER_PLAN_H
#define SLASH64_DAEMON_ATTACH_XDP_DISPATCHER_PLAN_H

#include "there.h"

/* The descriptors belong to the present dispatcher. */
struct dispatcher_plan {
	struct xdp_dispatcher_config config;
	int program_fd[DISPATCHER_PROGRAMS_MAX];
	int ours; /* the position of the new program; -1: none */
};

/* Puts a new program of ours in the position of the first one of ours, and removes the others; or
 * in a new position, -E2BIG if there is no room.
 */
int dispatcher_plan_with(struct dispatcher_plan *plan, const struct dispatcher *now,
			 const char *programs, uint64_t owner);

/* -ENOENT: the program is not there. */
int dispatcher_plan_without(struct dispatcher_plan *plan, const struct dispatcher *now,
			    uint32_t id);

#endif
