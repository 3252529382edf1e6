/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 5b: report which sites are seen: a random sample, of every packet in calm, of ever fewer the faster
 * they come. Drawn at random, as whatever is regular would see more of one fate than of another: the first
 * packet behind a tick of the clock is the one the limiter lets through.
 */
#ifndef SLASH64_BPF_REPORT_H
#define SLASH64_BPF_REPORT_H

#include "tables.h"

/* A Weyl sequence, stirred: unpredictable enough that no sender can stay out of the sample. */
static __always_inline __u32 draw(struct s64_samples *samples)
{
	__u64 v = samples->random += 0x9e3779b97f4a7c15ULL;

	v = (v ^ v >> 32) * 0xd6e8feb86659fd93ULL;
	return v >> 32;
}

static __always_inline void report(__u32 cpu, const struct s64_packet *packet, __u8 reason)
{
	struct s64_samples *samples = samples_of(cpu);
	struct s64_sample *sample;
	__u64 tick = clock_jiffies();
	__u64 head, passed;

	if (!samples)
		return;
	passed = tick - samples->tick;
	if (S64_UNLIKELY(passed)) {
		if (samples->taken < S64_SAMPLES_PER_TICK / 2)
			samples->mask = passed < 32 ? samples->mask >> passed : 0;
		samples->tick = tick;
		samples->taken = 0;
	}
	if (S64_LIKELY(samples->mask && draw(samples) & samples->mask))
		return;
	head = samples->head;
	sample = &samples->slot[head & (S64_SAMPLE_SLOTS - 1)];
	sample->site = packet->site;
	sample->source_hi = packet->src_hi;
	sample->source_lo = packet->src_lo;
	sample->weight = samples->mask + 1;
	sample->length = packet->length > 0xffff ? 0xffff : packet->length;
	sample->class = packet->class;
	sample->reason = reason;
	if (++samples->taken > S64_SAMPLES_PER_TICK) {
		samples->taken = 0;
		samples->mask = samples->mask << 1 | 1;
	}
	/* The slot before the head that covers it; a reader that is lapped notices by the head. */
	S64_WRITE_ONCE(samples->head, head + 1);
}

#endif
