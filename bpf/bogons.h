/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 3, if the interface asks for it: is the source a bogon, an address that nobody can have
 * where the packet comes from? Only special sources are tested (source index), and the expensive
 * tests run only for those that would be bogons.
 */
#ifndef SLASH64_BPF_BOGONS_H
#define SLASH64_BPF_BOGONS_H

#include "blocklist.h"
#include "direction.h"
#include "source.h"

/* What the operator configured is not a bogon: translators and other forms of IPv4 by the source
 * rules (of the special prefixes only the configured ones have a rule and would be bogons), and
 * everything allowed.
 */
static __always_inline bool source_is_configured(const struct s64_packet *packet)
{
	__u32 found;

	if (s64_src_key_is_v4(packet->src_key))
		return true;
	found = prefix_search(packet->src_hi, packet->src_lo, 0);
	return found && FOUND_INFO(found) & S64_PREFIX_ALLOW;
}

/* A packet from the link to beyond it: no router may forward it (RFC 4291 2.5.6, 2.5.2), and Linux
 * does not. It may be for the router itself, which covers every packet where nothing is forwarded
 * (a host) or everything is one link (a bridge), and for groups, which multicast routing checks
 * itself. The map of local addresses lags, so the kernel's routes are asked about an unknown
 * destination: nobody on the link is cut off from a new address. Replay has only the map.
 */
static __always_inline bool leaves_the_link(s64_frame *frame, const struct s64_iface_policy *policy,
					    const struct s64_packet *packet)
{
	if (policy->flags & S64_IFACE_ONE_LINK || s64_is_multicast(packet->dst_hi))
		return false;
	return direction_asked(packet) == S64_TRANSIT && kernel_forwards(frame, packet);
}

static __always_inline bool source_is_bogon(s64_frame *frame, const struct s64_iface_policy *policy,
					    const struct s64_packet *packet)
{
	/* the hop limit proves that it comes from the link, where any address is possible */
	if (is_of_the_link(packet))
		return false;
	switch (source_special(packet->src_hi, packet->src_lo)) {
	case S64_SOURCE_ONLINK:
		return leaves_the_link(frame, policy, packet);
	case S64_SOURCE_BOGON:
		return !source_is_configured(packet);
	}
	return false;
}

#endif
