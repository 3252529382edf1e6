// SPDX-License-Identifier: GPL-2.0-only
/* Packets dropped by blocks and throttles. */
#include "blocks_internal.h"

static const struct prefix *blocked_around(const struct blocks *blocks, const struct prefix *source)
{
	return prefix_set_around(&blocks->prefixes->blocked, source);
}

/* A sample from before a change of the source rules may have a source that does not exist any more.
 */
static void hit_source(struct blocks *blocks, uint64_t src_key, const struct prefix *source,
		       uint32_t packets, uint32_t now)
{
	struct prefix prefix =
		source_rules_identify(&blocks->rules, &blocks->maps->meta->seed, source).shown;
	struct block_target target = blocks_target(blocks, &prefix);
	uint64_t before;
	uint32_t last;

	sources_hits(blocks->blocklist, src_key, &before, &last);
	sources_hit(blocks->blocklist, src_key, packets, now);
	if (sources_has(blocks->blocklist, src_key) && target.is_source &&
	    target.src_key == src_key)
		hits_kept_note(&blocks->kept, &prefix, last, now);
}

void blocks_hit(struct blocks *blocks, uint64_t src_key, uint64_t hi, uint64_t lo, bool by_prefix,
		uint32_t packets, uint32_t now)
{
	struct prefix source = prefix_of_bits(hi, lo, 128);
	struct prefix v4 = prefix_of_v4(s64_src_key_v4(src_key), 32);
	const struct prefix *found = NULL;
	uint64_t before;
	uint32_t last;

	if (!by_prefix) {
		hit_source(blocks, src_key, &source, packets, now);
		return;
	}
	/* as the datapath searches (bpf/blocklist.h) */
	if (s64_src_key_is_v4(src_key))
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
	struct block_target target = blocks_target(blocks, prefix);

	if (target.is_source)
		sources_hits(blocks->blocklist, target.src_key, hits, last_hit);
	else
		prefixes_hits(blocks->prefixes, prefix, hits, last_hit);
}
