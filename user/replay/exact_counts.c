// SPDX-License-Identifier: GPL-2.0-only
#include "exact_counts.h"

#include <string.h>

#include "policy/names.h"

void exact_counts_init(struct exact_counts *counts, const struct s64_seed *seed,
		       const struct detect_rules *rules)
{
	memset(counts, 0, sizeof(*counts));
	counts->seed = *seed;
	counts->levels = rules->level_count;
	for (unsigned int i = 0; i < rules->level_count; i++)
		counts->mask[i] = s64_mask_hi(rules->level[i]);
	counts->first_is_source = rules->level_count && rules->level[0] == S64_SOURCE_NATIVE_LENGTH;
}

bool exact_counts_begin(struct exact_counts *counts, const struct detect_track *track,
			uint64_t classes, uint64_t now_us, uint32_t *slot)
{
	uint64_t id = s64_exact_id(track->level, track->key, &counts->seed);
	struct s64_exact_set *set = &counts->set[s64_exact_set_of(id)];
	unsigned int i = 0;

	while (i < S64_EXACT_SET && set->id[i])
		i++;
	if (i == S64_EXACT_SET)
		return false;
	*slot = s64_exact_set_of(id) * S64_EXACT_SET + i;
	set->id[i] = id;
	set->classes[i] = classes;
	counts->slot[*slot] = (struct detect_exact){.us = now_us};
	counts->used++;
	return true;
}

static bool is_listed(uint8_t reason)
{
	return reason == S64_REASON_BLOCKED || reason == S64_REASON_BLOCKED_PREFIX ||
	       reason == S64_REASON_THROTTLED;
}

static void add(struct detect_exact *exact, const struct s64_sample *packet, uint64_t classes)
{
	uint8_t reason = packet->reason & ~S64_SAMPLE_MONITORED;

	exact->all_packets++;
	if (!(classes >> packet->class & 1))
		return;
	exact->packets++;
	exact->bytes += packet->length;
	exact->syn += packet->class == S64_CLASS_TCP_SYN;
	if (is_listed(reason))
		exact->blocked++;
	else
		exact->dropped += reason_is_drop(reason);
}

static void count_at(struct exact_counts *counts, uint64_t id, const struct s64_sample *packet)
{
	uint32_t first = s64_exact_set_of(id) * S64_EXACT_SET;
	const struct s64_exact_set *set = &counts->set[s64_exact_set_of(id)];

	for (unsigned int i = 0; i < S64_EXACT_SET; i++)
		if (set->id[i] == id)
			add(&counts->slot[first + i], packet, set->classes[i]);
}

void exact_counts_packet(struct exact_counts *counts, const struct s64_sample *packet)
{
	if (!counts->used || !packet->src_key)
		return;
	for (uint32_t level = 0; level < counts->levels; level++) {
		uint64_t key = s64_level_key(level, counts->first_is_source, counts->mask[level],
					     packet->src_key, packet->src_hi);

		if (key)
			count_at(counts, s64_exact_id(level, key, &counts->seed), packet);
	}
}

void exact_counts_read(const struct exact_counts *counts, uint32_t slot, uint64_t now_us,
		       struct detect_exact *exact)
{
	*exact = counts->slot[slot];
	exact->us = now_us > exact->us ? now_us - exact->us : 1;
}

void exact_counts_end(struct exact_counts *counts, uint32_t slot)
{
	counts->set[slot / S64_EXACT_SET].id[slot % S64_EXACT_SET] = 0;
	counts->used--;
}
