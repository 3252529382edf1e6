/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 2: who is the source, and may it be one? */
#ifndef SLASH64_BPF_SOURCE_H
#define SLASH64_BPF_SOURCE_H

#include <slash64/prefixes.h>
#include <slash64/site.h>

#include "packet.h"
#include "tables.h"

/* One look at the gate, seldom two, and for ordinary sources that is all. */
static __always_inline bool source_is_ordinary(__u64 hi)
{
	const __u8 *gate = gate_table();
	const struct s64_gate_page *page;
	__u32 second = hi >> 32 & 0xffff;
	__u8 entry;

	if (!gate)
		return false;
	entry = gate[hi >> 48];
	if (S64_LIKELY(entry < S64_GATE_PAGE))
		return entry == S64_GATE_ORDINARY;
	page = gate_page_at(entry - S64_GATE_PAGE);
	return page && !(page->bit[second / 64] >> (second % 64) & 1);
}

/* enum s64_source of an address the gate says is special. */
S64_GLOBAL_FUNCTION __u32 source_special(__u64 hi, __u64 lo)
{
	for (__u32 i = 0; i < S64_SPECIAL_MAX; i++) {
		const struct s64_special *special = special_at(i);

		if (!special || !special->hi_mask) /* behind the last */
			break;
		if ((hi & special->hi_mask) == special->hi && (lo & special->lo_mask) == special->lo)
			return special->source;
	}
	return hi >> 61 == 1 ? S64_SOURCE_OK : S64_SOURCE_BOGON;
}

/* S64_REASON_NONE, or why no packet may come from there, whatever the policy. :: is for who has no address
 * yet, and speaks to its link (RFC 4291 2.5.2): DAD (RFC 4862 5.4.2), router solicitation (RFC 4861 4.1)
 * and MLD (RFC 3590, RFC 3810 5.2.13).
 */
static __always_inline __u8 validate_source(const struct s64_packet *packet)
{
	/* 2000::/3 is neither */
	if (S64_LIKELY(packet->src_hi >> 61 == 1))
		return S64_REASON_NONE;
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

/* Where the interface asks for it: is the source a bogon? What is legitimate on the link only (link-local)
 * is one where the packet is for beyond the link (RFC 4291 2.5.6).
 */
static __always_inline bool source_is_bogon(const struct s64_packet *packet)
{
	__u32 source;

	if (S64_LIKELY(source_is_ordinary(packet->src_hi)))
		return false;
	source = source_special(packet->src_hi, packet->src_lo);
	if (source == S64_SOURCE_ONLINK)
		return !s64_is_link_local(packet->dst_hi) && !s64_is_multicast(packet->dst_hi);
	return source == S64_SOURCE_BOGON;
}

#endif
