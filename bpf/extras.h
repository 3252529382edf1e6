/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 6: what is done beside the verdict while somebody wants it (enum s64_extra). */
#ifndef SLASH64_BPF_EXTRAS_H
#define SLASH64_BPF_EXTRAS_H

#include "extras/capture.h"
#include "extras/exact.h"
#include "extras/proof.h"

/* Costs a load and a branch while nothing is wanted. */
static __always_inline __u32 extras_wanted(const struct s64_cpu_state *cpu_state)
{
	return S64_READ_ONCE(cpu_state->extras);
}

static __always_inline bool extras_count(__u32 extras, __u8 class)
{
	return extras & S64_EXTRA_EXACT && class != S64_CLASS_NOT_IPV6 &&
	       class != S64_CLASS_MALFORMED;
}

static __always_inline bool extras_prove(__u32 extras, __u8 class)
{
	return extras & S64_EXTRA_PROOF && class == S64_CLASS_TCP;
}

static __always_inline __u32 extras_what(__u32 extras, __u8 class, __u8 reason, __u8 hop_limit)
{
	return EXACT_WHAT(class, reason, hop_limit, !!(extras & S64_EXTRA_PROOF));
}

/* Of a plain packet (fast_path.h), before anything of it is copied: what takes part in nothing pays
 * for nothing.
 */
static __always_inline void extras_plain(s64_frame *frame, __u32 extras,
					 const struct s64_plain *plain, __u8 reason, __u32 length)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);

	if (extras_prove(extras, plain->class))
		proof_answer(frame, plain->src_key, S64_PLAIN_UPPER);
	if (extras_count(extras, plain->class) && data + S64_PLAIN_UPPER <= data_end)
		exact_count(frame, plain->src_key, plain->src_key,
			    extras_what(extras, plain->class, reason, data[S64_ETHERNET_BYTES + 7]),
			    length);
}

static __always_inline void extras_packet(s64_frame *frame, __u32 extras,
					  const struct s64_packet *packet, __u8 reason)
{
	if (extras_prove(extras, packet->class) && !packet->features)
		proof_answer(frame, packet->src_key, packet->upper);
	if (extras_count(extras, packet->class))
		exact_count(frame, packet->src_key, packet->src_hi,
			    extras_what(extras, packet->class, reason, packet->hop_limit),
			    packet->length);
}

#endif
