// SPDX-License-Identifier: GPL-2.0-only
#include "datapath.h"

#include "../../../bpf/blocklist.h"
#include "../../../bpf/source.h"
#undef config

#include "../../lib/memory_maps.h"

struct s64_native *s64_native;

/* An IPv4 packet has no other form. */
static void identify(struct s64_packet *packet, const struct prefix *whole)
{
	packet->src_hi = prefix_hi(whole);
	packet->src_lo = prefix_lo(whole);
	if (!prefix_is_v4(whole)) {
		identify_source(packet);
		return;
	}
	packet->src_hi = packet->src_lo = 0;
	packet->src_key = s64_src_key_of_v4(prefix_lo(whole));
	packet->source_length = 128;
	packet->source_flags = source_index_flags(0) & S64_SOURCE_INDEX_PREFIXES;
	packet->src_lo = 0xffffULL << 32 | (__u32)prefix_lo(whole);
}

struct datapath_verdict datapath_process(const struct maps *maps, const struct in6_addr *address)
{
	struct prefix whole = {.address = *address, .length = 128};
	struct datapath_verdict verdict = {};
	struct s64_native native;
	struct s64_packet packet = {};
	struct s64_cpu_state cpu_state = {};
	const struct s64_rate *rate;
	__u32 listed;
	int info;

	native_over(&native, maps);
	s64_native = &native;
	identify(&packet, &whole);
	info = block_check(&cpu_state, packet.src_key);
	if (info == S64_BLOCK_NONE && !(packet.source_flags & S64_SOURCE_INDEX_PREFIXES))
		return verdict;
	verdict.fate = REF_BLOCKED;
	if (info == 0)
		return verdict;
	listed = verdict_listed(packet.src_hi, packet.src_lo, packet.src_key, info,
				packet.source_length);
	if (listed == S64_REASON_NONE)
		verdict.fate = REF_OPEN;
	if (!(listed & LISTED_THROTTLED))
		return verdict;
	verdict.fate = REF_THROTTLED;
	rate = &maps->limits[S64_LIMIT_THROTTLE + LISTED_INDEX(listed)].source;
	if (rate->increment) {
		verdict.rate = (double)S64_TAT_SECOND / rate->increment;
		verdict.burst = s64_rate_burst(rate);
	}
	return verdict;
}
