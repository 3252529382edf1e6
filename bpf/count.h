/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 5a: count, per class and reason, packets and bytes, each processor for itself. */
#ifndef SLASH64_BPF_COUNT_H
#define SLASH64_BPF_COUNT_H

#include "bits.h"
#include "tables.h"

/* A processor runs one packet at a time, so plain additions do; a reader may see the two words of a
 * counter one packet apart.
 */
static __always_inline void count(struct s64_counters *counters, __u8 class, __u8 reason,
				  enum s64_plane plane, __u32 bytes)
{
	struct s64_counter *counter;

	if (reason < S64_REASON_PARSE)
		counter = &counters->of_class[plane][masked(class, S64_CLASS_MAX - 1)]
					     [masked(reason, S64_CLASS_REASONS - 1)];
	else
		counter = &counters->of_parse[plane][masked(reason, S64_REASON_PARSE_MAX - 1)];
	counter->packets++;
	counter->bytes += bytes;
}

#endif
