/* SPDX-License-Identifier: GPL-2.0-only */
/* Steps 1 and 3: the key of the source, and whether an address may be a source at all. */
#ifndef SLASH64_BPF_SOURCE_H
#define SLASH64_BPF_SOURCE_H

#include <slash64/special_prefixes.h>
#include <slash64/source.h>

#include "bits.h"
#include "packet.h"
#include "maps.h"

/* Which rules may name this source: enum s64_source_index_flag. One load, seldom two. */
static __always_inline __u32 source_index_flags(__u64 hi)
{
	const __u8 *source_index = source_index_table();
	const struct s64_source_index_page *page;
	__u8 entry;

	if (!source_index)
		return S64_SOURCE_INDEX_ALL;
	entry = S64_READ_ONCE(source_index[masked(hi >> 48, S64_SOURCE_INDEX_ENTRIES - 1)]);
	if (S64_LIKELY(!entry))
		return 0;
	page = source_index_page_at(S64_FROM(entry - 1, entry));
	return page ? S64_READ_ONCE(page->flags[masked(hi >> 32, S64_SOURCE_INDEX_ENTRIES - 1)]) :
		      S64_SOURCE_INDEX_ALL;
}

/* The key of a source that a rule may name. *length: a longer prefix is a part of the source. */
S64_GLOBAL_FUNCTION __u64 src_key_by_rules(__u64 hi, __u64 lo, __u32 *length)
{
	const struct s64_source_rules *rules = source_rules();
	const struct s64_seed seed = config_seed();
	const struct s64_source_rule *set;
	__u32 in_force;

	if (!rules || !length)
		return s64_src_key_of_bits(hi);
	in_force = S64_READ_ONCE(rules->in_force);
	set = *S64_FOUND(&rules->set[S64_FROM(in_force & 1, in_force)]);
	for (__u32 i = 0; i < S64_SOURCE_RULES_MAX; i++) {
		if (!S64_READ(set[i].used))
			break;
		if (s64_source_rule_matches(&set[i], hi, lo))
			return s64_src_key_by_rule(&set[i], hi, lo, &seed, length);
	}
	return s64_src_key_of_bits(hi);
}

static __always_inline void identify_source(struct s64_packet *packet)
{
	__u32 flags = source_index_flags(packet->src_hi), length = S64_SOURCE_NATIVE_LENGTH;

	packet->src_key = s64_src_key_of_bits(packet->src_hi);
	if (S64_UNLIKELY(flags & S64_SOURCE_INDEX_RULE)) {
		packet->src_key = src_key_by_rules(packet->src_hi, packet->src_lo, &length);
		/* blocked IPv4 prefixes are indexed as mapped addresses, in ::/32 */
		if (s64_src_key_is_v4(packet->src_key))
			flags |= source_index_flags(0) & S64_SOURCE_INDEX_PREFIXES;
	}
	packet->source_flags = flags;
	packet->source_length = length;
}

/* enum s64_source_status of an address that the source index marks as special. */
S64_GLOBAL_FUNCTION __u32 source_special(__u64 hi, __u64 lo)
{
	for (__u32 i = 0; i < S64_SPECIAL_MAX; i++) {
		const struct s64_special *special = special_at(i);

		if (!special || !special->hi_mask) /* behind the last entry */
			break;
		if ((hi & special->hi_mask) == special->hi &&
		    (lo & special->lo_mask) == special->lo)
			return special->source;
	}
	return hi >> 61 == 1 ? S64_SOURCE_OK : S64_SOURCE_BOGON;
}

/* S64_REASON_NONE, or why no packet may have this source, whatever the policy. :: is the source of
 * a node that has no address yet and speaks to its link (RFC 4291 2.5.2): DAD (RFC 4862 5.4.2),
 * router solicitation (RFC 4861 4.1), certification path solicitation (RFC 3971 6.4.1) and MLD (RFC
 * 3590, RFC 3810 5.2.13).
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
		case S64_CLASS_SEND:
			if (packet->icmpv6_type == S64_ICMPV6_CERT_PATH_SOLICITATION)
				return S64_REASON_NONE;
		}
		return S64_REASON_SOURCE_UNSPECIFIED;
	}
	return S64_REASON_NONE;
}

#endif
