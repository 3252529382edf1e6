/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 2: who is the source, and may it be one? */
#ifndef SLASH64_BPF_SOURCE_H
#define SLASH64_BPF_SOURCE_H

#include <slash64/site.h>

#include "packet.h"

/* S64_REASON_NONE, or why no packet may come from there. :: is for who has no address yet, and speaks to
 * its link (RFC 4291 2.5.2): DAD (RFC 4862 5.4.2), router solicitation (RFC 4861 4.1) and MLD (RFC 3590,
 * RFC 3810 5.2.13).
 */
static __always_inline __u8 validate_source(const struct s64_packet *packet)
{
	if (S64_UNLIKELY(s64_is_multicast(packet->src_hi)))
		return S64_REASON_SOURCE_MULTICAST;
	if (S64_UNLIKELY((packet->src_hi | packet->src_lo) == 0)) {
		switch (packet->class) {
		case S64_CLASS_NEIGHBOR_SOLICITATION:
		case S64_CLASS_ROUTER_SOLICITATION:
		case S64_CLASS_MLD:
		case S64_CLASS_MLDV2_REPORT:
			return S64_REASON_NONE;
		}
		return S64_REASON_SOURCE_UNSPECIFIED;
	}
	return S64_REASON_NONE;
}

#endif
