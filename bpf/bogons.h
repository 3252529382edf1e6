/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 3a, where an interface asks for it: is the source a bogon, one that nobody can have where the packet says it comes
 * from? Asked only of special sources (the gate), and the costly questions only of those that would be bogons.
 */
#ifndef SLASH64_BPF_BOGONS_H
#define SLASH64_BPF_BOGONS_H

#include "blocklist.h"
#include "direction.h"
#include "source.h"

/* What the operator has named is expected: translators and other forms of IPv4 by the rules about sites (of the special
 * prefixes, only those of the configuration have one and are bogons else), and whatever is allowed.
 */
static __always_inline bool source_is_configured(const struct s64_packet *packet)
{
	__u32 found;

	if (s64_site_is_v4(packet->site))
		return true;
	found = prefix_search(packet->src_hi, packet->src_lo, 0);
	return found && FOUND_INFO(found) & S64_PREFIX_ALLOW;
}

/* From the link, to beyond it: no router may forward that (RFC 4291 2.5.6, 2.5.2), and Linux does not. It may speak to
 * the router itself, which is the whole of it where nothing is forwarded (a host), or where all of it is one link (a
 * bridge); and to groups, which multicast routing looks at by itself. As the table of own addresses lags, what it does not know is asked of the kernel's routes, so that nobody on
 * the link is cut off from an address that is new; replay has the table alone.
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
	/* its hop limit proves that it comes from the link, where people have the addresses they like */
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
