/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 5: which packets are sampled (sample.h: what is told of them). */
#ifndef SLASH64_BPF_SAMPLER_H
#define SLASH64_BPF_SAMPLER_H

#include <slash64/sampler.h>

#include "bits.h"
#include "maps.h"

/* Is this packet in the sample? Returns how many packets it stands for, or 0. */
static __always_inline __u32 sampler_take(struct s64_cpu_state *cpu_state)
{
	return sampler_take_at(cpu_state, clock_jiffies());
}

#endif
