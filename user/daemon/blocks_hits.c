// SPDX-License-Identifier: GPL-2.0-only
/* What blocks and throttles have dropped. */
#include "blocks_internal.h"

static const struct prefix *blocked_around(const struct blocks *blocks, const struct prefix *source)
{
	return prefix_set_around(&blocks->prefixes->blocked, source);
}

void blocks_hit(struct blocks *blocks, uint64_t site, uint64_t hi, uint64_t lo, bool by_prefix,
		uint32_t packets, uint32_t now)
{
	struct prefix source = prefix_of_bits(hi, lo, 128);
	struct prefix v4 = prefix_of_v4(s64_site_v4(site), 32);
	const struct prefix *found = NULL;

	if (!by_prefix) {
		sites_hit(blocks->sites, site, packets, now);
		return;
	}
	/* as the fast path searches (bpf/blocks.h) */
	if (s64_site_is_v4(site))
		found = blocked_around(blocks, &v4);
	if (!found)
		found = blocked_around(blocks, &source);
	if (found)
		prefixes_hit(blocks->prefixes, found, packets, now);
}

void blocks_hits(const struct blocks *blocks, const struct prefix *prefix, uint64_t *hits,
		 uint32_t *last_hit)
{
	struct unit unit = blocks_unit(blocks, prefix);

	if (unit.is_site)
		sites_hits(blocks->sites, unit.site, hits, last_hit);
	else
		prefixes_hits(blocks->prefixes, prefix, hits, last_hit);
}
