/* SPDX-License-Identifier: GPL-2.0-only */
/* What is to stand behind a dispatcher in place of the one that there is: the programs of others as they stood, in their
 * order, with their settings, and ours. Places where nothing stands any more are left out.
 */
#ifndef SLASH64_DAEMON_DISPATCHER_PLAN_H
#define SLASH64_DAEMON_DISPATCHER_PLAN_H

#include "there.h"

/* Descriptors are those of the dispatcher that is there. */
struct dispatcher_plan {
	struct xdp_dispatcher_config config;
	int program_fd[DISPATCHER_PROGRAMS_MAX];
	int ours; /* the place of the new program; -1: there is none */
};

/* A new program of ours in the place of the first that there is, without the others; or in one of its own, -E2BIG where
 * there is no room for it.
 */
int dispatcher_plan_with(struct dispatcher_plan *plan, const struct dispatcher *now,
			 const char *programs, uint64_t owner);

/* -ENOENT: the program is not there. */
int dispatcher_plan_without(struct dispatcher_plan *plan, const struct dispatcher *now,
			    uint32_t id);

#endif
