// SPDX-License-Identifier: GPL-2.0-only
#include "neighbours.h"

#include <errno.h>
#include <string.h>

#include "memory.h"

size_t neighbours_bytes(void)
{
	return NEIGHBOURS_SETS * NEIGHBOURS_SET * sizeof(struct neighbour);
}

int neighbours_init(struct neighbours *neighbours, const struct s64_seed *seed)
{
	neighbours->seed = *seed;
	neighbours->entry = detect_memory_open(neighbours_bytes());
	return neighbours->entry ? 0 : -ENOMEM;
}

void neighbours_free(struct neighbours *neighbours)
{
	detect_memory_close(neighbours->entry, neighbours_bytes());
	neighbours->entry = NULL;
}

const struct neighbour *neighbours_of(const struct neighbours *neighbours, uint64_t prefix)
{
	return &neighbours->entry[s64_hash64(prefix, &neighbours->seed) % NEIGHBOURS_SETS *
				  NEIGHBOURS_SET];
}

/* The less it is, the sooner it is replaced; among equals, who was seen longest ago. */
static unsigned int worth(const struct neighbour *entry, uint32_t window)
{
	/* bit 0 is for all classes, which everybody's packets are of */
	bool behaves = !(entry->kinds >> 1);

	if (!neighbour_is_recent(entry, window))
		return 0;
	return entry->seen < 2 ? 1 + behaves : 3 + behaves;
}

static struct neighbour *least_of(struct neighbour *set, uint32_t window)
{
	struct neighbour *least = set;
	unsigned int least_worth = worth(set, window);

	for (int i = 1; i < NEIGHBOURS_SET && (least_worth || least->window); i++) {
		unsigned int its_worth = worth(&set[i], window);

		if (its_worth > least_worth ||
		    (its_worth == least_worth && set[i].window >= least->window))
			continue;
		least = &set[i];
		least_worth = its_worth;
	}
	return least;
}

void neighbours_see(struct neighbours *neighbours, uint64_t prefix, const struct neighbour *source,
		    uint32_t window)
{
	struct neighbour *set = (struct neighbour *)neighbours_of(neighbours, prefix), *entry;
	uint32_t seen = 1;

	for (entry = set; entry < set + NEIGHBOURS_SET; entry++)
		if (entry->src_key == source->src_key && entry->window)
			break;
	if (entry == set + NEIGHBOURS_SET)
		entry = least_of(set, window);
	else if (neighbour_is_recent(entry, window))
		seen = entry->seen + 1;
	*entry = *source;
	entry->window = window;
	entry->seen = seen;
}
