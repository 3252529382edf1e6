// SPDX-License-Identifier: GPL-2.0-only
/* Packets dropped by blocks and throttles. */
#include "blocks_internal.h"

static const struct prefix *blocked_around(const struct blocks *blocks, const struct prefix *source)
{
	return prefix_set_around(&blocks->prefixes->blocked, source);
}

/* A sample from before a change of the source rules may have a source that does not exist any more.
 */
static void hit_site(struct blocks *blocks, uint64_t site, const struct prefix *source,
		     uint32_t packets, uint32_t now)
{
	struct prefix prefix =
		site_rules_source(&blocks->rules, &blocks->tables->meta->seed, source).shown;
	struct unit unit = blocks_unit(blocks, &prefix);
	uint64_t before;
	uint32_t last;

	sites_hits(blocks->sites, site, &before, &last);
	sites_hit(blocks->sites, site, packets, now);
	if (sites_has(blocks->sites, site) && unit.is_site && unit.site == site)
		hits_kept_note(&blocks->kept, &prefix, last, now);
}

void blocks_hit(struct blocks *blocks, uint64_t site, uint64_t hi, uint64_t lo, bool by_prefix,
		uint32_t packets, uint32_t now)
{
	struct prefix source = prefix_of_bits(hi, lo, 128);
	struct prefix v4 = prefix_of_v4(s64_site_v4(site), 32);
	const struct prefix *found = NULL;
	uint64_t before;
	uint32_t last;

	if (!by_prefix) {
		hit_site(blocks, site, &source, packets, now);
		return;
	}
	/* as the datapath searches (bpf/blocklist.h) */
	if (s64_site_is_v4(site))
		found = blocked_around(blocks, &v4);
	if (!found)
		found = blocked_around(blocks, &source);
	if (!found)
		return;
	prefixes_hits(blocks->prefixes, found, &before, &last);
	prefixes_hit(blocks->prefixes, found, packets, now);
	hits_kept_note(&blocks->kept, found, last, now);
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
