/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 5: count packets and bytes by class and reason, on each CPU. */
#ifndef SLASH64_BPF_COUNTERS_H
#define SLASH64_BPF_COUNTERS_H

#include "bits.h"
#include "maps.h"

#define S64_USUAL_FRAME_BYTES 1522 /* an MTU of 1500 with two tags */

/* The bytes of all buffers. A frame of usual length has only one, so the helper is not called. */
static __always_inline __u32 frame_bytes(s64_frame *frame)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	__u32 first = data_end - data;

	return S64_UNLIKELY(first > S64_USUAL_FRAME_BYTES) ?
		       frame_wire_length(frame, data, data_end) :
		       first;
}

/* A CPU processes one packet at a time, so plain additions suffice. A reader may see the two words
 * of a counter one packet apart.
 */
static __always_inline void count(struct s64_counters *counters, __u8 class, __u8 reason,
				  enum s64_outcome outcome, __u32 bytes)
{
	struct s64_counter *counter;

	if (reason < S64_REASON_PARSE)
		counter = &counters->of_class[outcome][masked(class, S64_CLASS_MAX - 1)]
					     [masked(reason, S64_CLASS_REASONS - 1)];
	else
		counter = &counters->of_parse[outcome][masked(reason, S64_REASON_PARSE_MAX - 1)];
	counter->packets++;
	counter->bytes += bytes;
}

#endif
