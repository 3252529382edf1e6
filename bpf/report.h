/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 5b: report which sites are seen. A sample on every tick of the clock and on every
 * S64_SAMPLE_PACKETS packets, with how many packets it stands for: in calm every packet is one, under a
 * flood it costs a few nanoseconds a packet at most.
 */
#ifndef SLASH64_BPF_REPORT_H
#define SLASH64_BPF_REPORT_H

#include "tables.h"

static __always_inline void report(__u32 cpu, const struct s64_packet *packet, __u8 reason)
{
	struct s64_samples *samples = samples_of(cpu);
	struct s64_sample *sample;
	__u64 tick = clock_jiffies();
	__u64 head;

	if (!samples)
		return;
	samples->since++;
	if (S64_LIKELY(tick == samples->tick && samples->since < S64_SAMPLE_PACKETS))
		return;
	head = samples->head;
	sample = &samples->slot[head & (S64_SAMPLE_SLOTS - 1)];
	sample->site = packet->site;
	sample->source_hi = packet->src_hi;
	sample->source_lo = packet->src_lo;
	sample->weight = samples->since;
	sample->length = packet->length > 0xffff ? 0xffff : packet->length;
	sample->class = packet->class;
	sample->reason = reason;
	samples->tick = tick;
	samples->since = 0;
	/* The slot before the head that covers it; a reader that is lapped notices by the head. */
	S64_WRITE_ONCE(samples->head, head + 1);
}

#endif
