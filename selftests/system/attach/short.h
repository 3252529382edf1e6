/* SPDX-License-Identifier: GPL-2.0-only */
/* Included before the program, to build a short one for the attach harness in the guests. The
 * harness tests how a program is attached, not what it does, and on an emulated CPU the verifier
 * needs 2 s for the full program, more than the rest of a step. The maps, the counters and the
 * lookup of a blocked source are the real ones. Extension headers, ICMPv6, rules and limits are
 * left out: any other packet passes.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "../../../bpf/fast_path.h"

static __always_inline __u8 process_fast(s64_frame *frame, struct s64_cpu_state *memory,
					 struct s64_packet *packet)
{
	const __u8 *data = frame_data(frame), *data_end = frame_end(frame);
	const __u8 *ipv6 = data + S64_ETHERNET_BYTES;

	packet->class = S64_CLASS_NOT_IPV6;
	if (ipv6 + S64_IPV6_HEADER_BYTES > data_end || !is_plain_ipv6(data, data_end))
		return S64_REASON_NOT_IPV6;
	packet->src_hi = opaque(s64_load_be64(ipv6 + 8));
	packet->src_key = s64_src_key_of_bits(packet->src_hi);
	packet->class = ipv6[6] == S64_PROTO_UDP ? S64_CLASS_UDP : S64_CLASS_OTHER;
	return block_check(memory, packet->src_key) == 0 ? S64_REASON_BLOCKED : S64_REASON_POLICY;
}

#define verdict_plain(frame, policy, memory, plain)   ((void)(plain), S64_REASON_NONE)
#define packet_verdict(frame, policy, memory, packet) process_fast(frame, memory, packet)
