/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 6: what is done beside the verdict while somebody wants it (enum s64_extra). */
#ifndef SLASH64_BPF_EXTRAS_H
#define SLASH64_BPF_EXTRAS_H

#include "capture.h"
#include "exact.h"
#include "proof.h"

/* Costs a load and a branch while nothing is wanted. */
static __always_inline __u32 extras_wanted(const struct s64_cpu_state *cpu_state)
{
	return S64_READ_ONCE(cpu_state->extras);
}

/* Of a packet that bears its source; others are in no count. */
static __always_inline void extras_count(s64_frame *frame, __u32 extras, __u64 src_key,
					 __u64 src_hi, __u32 what, __u32 length)
{
	__u32 class = EXACT_CLASS(what);

	if (extras & S64_EXTRA_EXACT && class != S64_CLASS_NOT_IPV6 && class != S64_CLASS_MALFORMED)
		exact_count(frame, src_key, src_hi, what, length);
}

/* Of a plain packet (fast_path.h). Both before anything of it is copied: what takes part in nothing
 * pays for nothing.
 */
static __always_inline void extras_plain(s64_frame *frame, __u32 extras,
					 const struct s64_plain *plain, __u8 reason, __u32 length)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	__u32 hop_limit;

	if (data + S64_PLAIN_UPPER > data_end)
		return;
	hop_limit = data[S64_ETHERNET_BYTES + 7];
	if (extras & S64_EXTRA_PROOF && plain->class == S64_CLASS_TCP)
		proof_answer(frame, plain->src_key, S64_PLAIN_UPPER, hop_limit);
	extras_count(frame, extras, plain->src_key, plain->src_key,
		     EXACT_WHAT(plain->class, reason, hop_limit, !!(extras & S64_EXTRA_PROOF)),
		     length);
}

static __always_inline void extras_packet(s64_frame *frame, __u32 extras,
					  const struct s64_packet *packet, __u8 reason)
{
	if (extras & S64_EXTRA_PROOF && packet->class == S64_CLASS_TCP && !packet->features)
		proof_answer(frame, packet->src_key, packet->upper, packet->hop_limit);
	extras_count(frame, extras, packet->src_key, packet->src_hi,
		     EXACT_WHAT(packet->class, reason, packet->hop_limit,
				!!(extras & S64_EXTRA_PROOF)),
		     packet->length);
}

#endif
