/* SPDX-License-Identifier: GPL-2.0-only */
/* The site: the 64 bits by which the limiter and the blocklist know a source.
 *
 * Natively it is the upper half of the address, its /64. On the link (fe80::/10, RFC 4291 2.5.6) one /64
 * holds every neighbour, so there it is the interface identifier: fe80 in the upper 16 bits, and the
 * identifier folded into the other 48.
 */
#ifndef SLASH64_SITE_H
#define SLASH64_SITE_H

#include <slash64/types.h>

/* All arguments and the result are in host order: hi is the upper half of the address. */
static __always_inline bool s64_is_link_local(__u64 hi)
{
	return (hi >> 54) == (0xfe80 >> 6);
}

static __always_inline bool s64_is_multicast(__u64 hi)
{
	return (hi >> 56) == 0xff;
}

static __always_inline __u64 s64_site_link_local(__u64 interface_id)
{
	return (0xfe80ULL << 48) | ((interface_id ^ (interface_id >> 48)) & 0xffffffffffffULL);
}

static __always_inline __u64 s64_site(__u64 hi, __u64 lo)
{
	if (S64_UNLIKELY(s64_is_link_local(hi)))
		return s64_site_link_local(lo);
	return hi;
}

/* What shares a site's wider limit: its /48, or, on the link, all neighbours together. */
static __always_inline __u64 s64_site_wider(__u64 site)
{
	if (S64_UNLIKELY((site >> 48) == 0xfe80))
		return 0xfe80ULL << 48;
	return site & ~0xffffULL;
}

#endif
