// SPDX-License-Identifier: GPL-2.0-only
#include "plan.h"

#include <errno.h>
#include <linux/bpf.h>

#include "daemon/attach/xdp/xdp_discover.h"
#include "daemon/attach/xdp/xdp_pins.h"

#define PRIORITY 50 /* the default of a program without settings, as in libxdp */

static void begin(struct dispatcher_plan *plan, const struct dispatcher *now)
{
	*plan = (struct dispatcher_plan){.ours = -1};
	plan->config.magic = XDP_DISPATCHER_MAGIC;
	plan->config.dispatcher_version = XDP_DISPATCHER_VERSION;
	plan->config.is_xdp_frags = now->config.is_xdp_frags;
}

/* The next position, with the settings of an existing one. */
static void take_place(struct dispatcher_plan *plan, const struct dispatcher *now,
		       unsigned int place)
{
	unsigned int i = plan->config.num_progs_enabled++;

	plan->config.chain_call_actions[i] = now->config.chain_call_actions[place];
	plan->config.run_prios[i] = now->config.run_prios[place];
	plan->config.program_flags[i] = now->config.program_flags[place];
	plan->program_fd[i] = now->program_fd[place];
}

/* A position for a new program, where libxdp would put it: behind those of a lower priority. */
static int insert(struct dispatcher_plan *plan)
{
	unsigned int i = plan->config.num_progs_enabled;

	if (i == DISPATCHER_PROGRAMS_MAX)
		return -E2BIG;
	for (; i > 0 && plan->config.run_prios[i - 1] > PRIORITY; i--) {
		plan->config.chain_call_actions[i] = plan->config.chain_call_actions[i - 1];
		plan->config.run_prios[i] = plan->config.run_prios[i - 1];
		plan->config.program_flags[i] = plan->config.program_flags[i - 1];
		plan->program_fd[i] = plan->program_fd[i - 1];
	}
	/* packets that slash64 drops need not reach the others; those that it passes do */
	plan->config.chain_call_actions[i] = 1U << XDP_PASS | 1U << XDP_DISPATCHER_RETVAL;
	plan->config.run_prios[i] = PRIORITY;
	plan->config.program_flags[i] = BPF_F_XDP_HAS_FRAGS;
	plan->config.num_progs_enabled++;
	plan->ours = i;
	return 0;
}

int dispatcher_plan_with(struct dispatcher_plan *plan, const struct dispatcher *now,
			 const char *programs, uint64_t owner)
{
	begin(plan, now);
	for (unsigned int i = 0; i < now->config.num_progs_enabled; i++) {
		if (now->program_fd[i] < 0)
			continue;
		if (!attach_is_ours(programs, owner, program_id_of(now->program_fd[i]))) {
			take_place(plan, now, i);
		} else if (plan->ours < 0) {
			plan->ours = plan->config.num_progs_enabled;
			take_place(plan, now, i);
		}
	}
	return plan->ours < 0 ? insert(plan) : 0;
}

int dispatcher_plan_without(struct dispatcher_plan *plan, const struct dispatcher *now, uint32_t id)
{
	bool there = false;

	begin(plan, now);
	for (unsigned int i = 0; i < now->config.num_progs_enabled; i++) {
		bool is_it = now->program_fd[i] >= 0 && program_id_of(now->program_fd[i]) == id;

		there = there || is_it;
		if (now->program_fd[i] >= 0 && !is_it)
			take_place(plan, now, i);
	}
	return there ? 0 : -ENOENT;
}
