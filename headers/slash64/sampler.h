/* SPDX-License-Identifier: GPL-2.0-only */
/* Which packets are sampled: every packet in calm, fewer the faster they come. Sampling is random
 * because a fixed stride would be biased: the first packet after a clock tick is the one the
 * limiter passes. The datapath and a replay of a capture sample by the same rule.
 */
#ifndef SLASH64_SAMPLER_H
#define SLASH64_SAMPLER_H

#include "maps.h"

/* A Weyl sequence, mixed: unpredictable enough that no sender can avoid the sample. */
static __always_inline __u32 sampler_draw(struct s64_cpu_state *cpu_state)
{
	__u64 v = cpu_state->random += 0x9e3779b97f4a7c15ULL;

	v = (v ^ v >> 32) * 0xd6e8feb86659fd93ULL;
	return v >> 32;
}

/* A tick has passed. If it brought few samples, fewer packets are skipped from now on. The current
 * skip still ends where it was drawn to: if every tick cut it short, the packet after a tick, which
 * is the one the limiter passes, would be sampled too often. It is cut only if a whole tick brought
 * no sample, and the packets skipped so far still count.
 */
static __always_inline void sampler_tick(struct s64_cpu_state *cpu_state, __u64 tick)
{
	__u64 passed = tick - cpu_state->tick;
	__u32 shift = passed < 31 ? passed : 31;

	if (cpu_state->taken < S64_SAMPLES_PER_TICK / 2)
		cpu_state->mask >>= shift;
	if (!cpu_state->taken) {
		__u32 left = cpu_state->left >> shift;

		cpu_state->skip -= cpu_state->left - left;
		cpu_state->left = left;
	}
	cpu_state->tick = tick;
	cpu_state->taken = 0;
}

/* Is this packet in the sample? Returns how many packets it stands for, or 0. */
static __always_inline __u32 sampler_take_at(struct s64_cpu_state *cpu_state, __u64 tick)
{
	__u32 weight;

	if (S64_UNLIKELY(tick != cpu_state->tick))
		sampler_tick(cpu_state, tick);
	if (S64_LIKELY(cpu_state->left)) {
		cpu_state->left--;
		return 0;
	}
	weight = cpu_state->skip + 1;
	if (++cpu_state->taken > S64_SAMPLES_PER_TICK) {
		cpu_state->taken = 0;
		cpu_state->mask = cpu_state->mask << 1 | 1;
	}
	cpu_state->skip = cpu_state->left = sampler_draw(cpu_state) & (cpu_state->mask << 1);
	return weight;
}

#endif
