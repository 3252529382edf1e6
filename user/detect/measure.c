// SPDX-License-Identifier: GPL-2.0-only
#include "measure.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <slash64/exact.h>

#include "memory.h"
#include "policy/names.h"

#define BITS_IN_BYTE 8
#define NOTED_MAX \
	2048 /* sources that a window adds to the neighbours: what that costs is bounded */

/* --- memory --- */

static int level_init(struct measure_level *level, uint8_t length)
{
	level->length = length;
	level->entry = detect_memory_open(MEASURE_ENTRIES * sizeof(*level->entry));
	level->used = detect_memory_open(2 * MEASURE_ENTRIES * sizeof(*level->used));
	level->spare = level->used ? level->used + MEASURE_ENTRIES : NULL;
	return level->entry && level->used ? 0 : -ENOMEM;
}

static void level_free(struct measure_level *level)
{
	detect_memory_close(level->entry, MEASURE_ENTRIES * sizeof(*level->entry));
	/* one piece; measure_sort() may have changed which half comes first */
	detect_memory_close(level->used < level->spare ? level->used : level->spare,
			    2 * MEASURE_ENTRIES * sizeof(*level->used));
	memset(level, 0, sizeof(*level));
}

static void add_selector(struct measure *measure, const struct detect_rule *rule)
{
	unsigned int i;

	for (i = 0; i < measure->selectors; i++)
		if (measure->selector[i].classes == rule->classes)
			break;
	if (i == measure->selectors)
		measure->selector[measure->selectors++].classes = rule->classes;
	measure->selector[i].destinations |= rule->over.of[DETECT_DESTINATIONS] > 0;
	measure->selector[i].ports |= rule->over.of[DETECT_PORTS] > 0;
}

int measure_init(struct measure *measure, const struct s64_seed *seed,
		 const struct detect_rules *rules)
{
	int err = 0;

	memset(measure, 0, sizeof(*measure));
	measure->seed = *seed;
	measure->window = 1;
	if (!rules->count)
		return 0;
	measure->selector[measure->selectors++].classes = DETECT_ALL_CLASSES;
	for (size_t i = 0; i < rules->count; i++)
		add_selector(measure, &rules->rule[i]);
	for (unsigned int i = 0; i < rules->level_count && !err; i++)
		err = level_init(&measure->level[measure->levels++], rules->level[i]);
	if (!err)
		err = distinct_init(&measure->destinations, seed);
	if (!err)
		err = distinct_init(&measure->ports, seed);
	if (!err)
		err = neighbours_init(&measure->neighbours, seed);
	if (err)
		measure_free(measure);
	return err;
}

void measure_free(struct measure *measure)
{
	for (unsigned int i = 0; i < measure->levels; i++)
		level_free(&measure->level[i]);
	distinct_free(&measure->destinations);
	distinct_free(&measure->ports);
	neighbours_free(&measure->neighbours);
	measure->levels = measure->selectors = 0;
}

size_t measure_bytes(const struct measure *measure)
{
	size_t level = MEASURE_ENTRIES *
		       (sizeof(struct measure_entry) + 2 * sizeof(*measure->level[0].used));
	size_t distinct = DISTINCT_BUCKETS * DISTINCT_BUCKET * sizeof(uint64_t);

	return measure->levels ? measure->levels * level + 2 * distinct + neighbours_bytes() : 0;
}

unsigned int measure_selector(const struct measure *measure, const struct detect_rule *rule)
{
	for (unsigned int i = 0; i < measure->selectors; i++)
		if (measure->selector[i].classes == rule->classes)
			return i;
	return MEASURE_ALL;
}

/* --- finding --- */

static bool holds_sources(const struct measure *measure, unsigned int level)
{
	return !level && measure->level[0].length == S64_SOURCE_NATIVE_LENGTH;
}

bool measure_is_source(const struct measure *measure, unsigned int level, uint64_t key)
{
	return holds_sources(measure, level) || (!level && !s64_is_part_of_a_prefix(key));
}

uint64_t measure_key(const struct measure *measure, unsigned int level, uint64_t src_key,
		     uint64_t hi)
{
	return s64_level_key(level, holds_sources(measure, 0),
			     s64_mask_hi(measure->level[level].length), src_key, hi);
}

/* The golden ratio: the same prefix has another set for each selector. */
static uint64_t hash_of(const struct measure *measure, unsigned int selector, uint64_t key)
{
	return s64_hash64(key + selector * 0x9e3779b97f4a7c15ULL, &measure->seed);
}

static struct measure_entry *set_of(const struct measure *measure, unsigned int level,
				    uint64_t hash)
{
	return &measure->level[level].entry[hash % MEASURE_SETS * MEASURE_SET];
}

struct measure_entry *measure_find(const struct measure *measure, unsigned int level,
				   unsigned int selector, uint64_t key)
{
	struct measure_entry *set = set_of(measure, level, hash_of(measure, selector, key));

	for (int i = 0; i < MEASURE_SET; i++)
		if (set[i].key == key && set[i].window == measure->window &&
		    set[i].selector == selector)
			return &set[i];
	return NULL;
}

static struct measure_entry *make(struct measure *measure, unsigned int level,
				  unsigned int selector, uint64_t hash, uint64_t key)
{
	struct measure_entry *set = set_of(measure, level, hash), *least = set;
	struct measure_level *l = &measure->level[level];

	for (int i = 0; i < MEASURE_SET; i++) {
		if (set[i].window != measure->window) {
			least = &set[i];
			break;
		}
		if (set[i].sums.packets < least->sums.packets)
			least = &set[i];
	}
	if (least->window == measure->window)
		measure->replaced++;
	else
		l->used[l->count++] = least - l->entry;
	memset(least, 0, offsetof(struct measure_entry, heavy));
	least->heavy.search = 0;
	least->key = key;
	least->window = measure->window;
	least->selector = selector;
	return least;
}

/* --- counting --- */

static bool has_ports(const struct s64_sample *sample)
{
	return sample->link & S64_SAMPLE_UPPER && sample->protocol != IPPROTO_ICMPV6;
}

static bool is_by_hand(uint8_t reason)
{
	return reason == S64_REASON_BLOCKED || reason == S64_REASON_BLOCKED_PREFIX ||
	       reason == S64_REASON_THROTTLED;
}

static void sums_add(struct measure_sums *sums, const struct s64_sample *sample)
{
	uint8_t reason = sample->reason & ~S64_SAMPLE_MONITORED;

	sums->samples++;
	sums->packets += sample->weight;
	sums->bytes += (uint64_t)sample->weight * sample->length;
	if (sample->class == S64_CLASS_TCP_SYN)
		sums->syn += sample->weight;
	if (is_by_hand(reason))
		sums->blocked += sample->weight;
	else if (reason_is_drop(reason))
		sums->dropped += sample->weight;
}

static void add_to(struct measure *measure, unsigned int level, unsigned int selector, uint64_t key,
		   const struct s64_sample *sample)
{
	struct measure_entry *entry = measure_find(measure, level, selector, key);
	uint64_t hash;

	if (!entry)
		entry = make(measure, level, selector, hash_of(measure, selector, key), key);
	entry->hi = sample->src_hi;
	entry->lo = sample->src_lo;
	sums_add(&entry->sums, sample);
	if (!measure->selector[selector].destinations && !measure->selector[selector].ports)
		return;
	hash = hash_of(measure, selector, key) + level;
	if (measure->selector[selector].destinations && sample->link & S64_SAMPLE_NETWORK)
		distinct_add(&measure->destinations, hash,
			     s64_hash128(sample->dst_hi, sample->dst_lo, &measure->seed),
			     &entry->destinations);
	if (measure->selector[selector].ports && has_ports(sample))
		distinct_add(&measure->ports, hash, sample->dst_port, &entry->ports);
}

void measure_add(struct measure *measure, const struct s64_sample *sample)
{
	uint64_t class_bit = 1ULL << sample->class;

	measure->packets += sample->weight;
	if (!sample->src_key || !(sample->src_hi | sample->src_lo))
		return;
	for (unsigned int level = 0; level < measure->levels; level++) {
		uint64_t key = measure_key(measure, level, sample->src_key, sample->src_hi);

		if (!key)
			continue;
		for (unsigned int i = 0; i < measure->selectors; i++)
			if (measure->selector[i].classes & class_bit)
				add_to(measure, level, i, key, sample);
	}
}

/* --- windows --- */

void measure_sort(struct measure *measure)
{
	for (unsigned int i = 0; i < measure->levels; i++) {
		struct measure_level *level = &measure->level[i];
		uint32_t next[MEASURE_SELECTORS_MAX + 1] = {}, *sorted = level->spare;

		for (uint32_t j = 0; j < level->count; j++)
			next[level->entry[level->used[j]].selector + 1]++;
		for (unsigned int j = 1; j <= MEASURE_SELECTORS_MAX; j++)
			next[j] += next[j - 1];
		memcpy(level->begin, next, sizeof(next));
		for (uint32_t j = 0; j < level->count; j++)
			sorted[next[level->entry[level->used[j]].selector]++] = level->used[j];
		level->spare = level->used;
		level->used = sorted;
	}
}

/* --- neighbours --- */

const struct neighbour *measure_neighbours(const struct measure *measure, unsigned int level,
					   uint64_t key)
{
	return neighbours_of(&measure->neighbours, hash_of(measure, level, key));
}

static void note_kinds(struct measure *measure)
{
	struct measure_level *first = &measure->level[0];

	for (uint32_t i = 0; i < first->count; i++) {
		const struct measure_entry *entry = &first->entry[first->used[i]];
		struct measure_entry *all = measure_find(measure, 0, MEASURE_ALL, entry->key);

		if (all && entry->sums.packets * 2 >= all->sums.packets)
			all->kinds |= 1ULL << entry->selector;
	}
}

static void note_source(struct measure *measure, const struct measure_entry *entry)
{
	const struct neighbour source = {.src_key = entry->key,
					 .hi = entry->hi,
					 .lo = entry->lo,
					 .kinds = entry->kinds};

	for (unsigned int wider = 1; wider < measure->levels; wider++) {
		uint64_t key = measure_key(measure, wider, entry->key, entry->hi);

		if (key)
			neighbours_see(&measure->neighbours, hash_of(measure, wider, key), &source,
				       measure->window);
	}
}

/* The sources of this window are known in the next ones: of very many, some, and others each time. */
static void note_neighbours(struct measure *measure)
{
	const struct measure_level *first = &measure->level[0];
	uint32_t most = first->count < NOTED_MAX ? first->count : NOTED_MAX;

	if (measure->levels < 2)
		return;
	note_kinds(measure);
	for (uint32_t i = 0, noted = 0; i < first->count && noted < most; i++) {
		uint32_t at = (i + measure->window * NOTED_MAX) % first->count;
		const struct measure_entry *entry = &first->entry[first->used[at]];

		if (entry->selector != MEASURE_ALL)
			continue;
		note_source(measure, entry);
		noted++;
	}
}

void measure_next_window(struct measure *measure)
{
	note_neighbours(measure);
	for (unsigned int i = 0; i < measure->levels; i++)
		measure->level[i].count = 0;
	measure->window++;
	measure->packets = 0;
	distinct_next_window(&measure->destinations);
	distinct_next_window(&measure->ports);
}

/* --- figures --- */

static double weight_of(const struct measure_entry *entry)
{
	return (double)entry->sums.packets / entry->sums.samples;
}

double measure_destinations(const struct measure *measure, const struct measure_entry *entry)
{
	return distinct_estimate(&measure->destinations, &entry->destinations, weight_of(entry));
}

double measure_ports(const struct measure *measure, const struct measure_entry *entry)
{
	return distinct_estimate(&measure->ports, &entry->ports, weight_of(entry));
}

void measure_values(const struct measure *measure, const struct measure_sums *sums,
		    double destinations, double ports, double seconds, struct detect_values *values)
{
	uint64_t judged = sums->packets - sums->blocked; /* by the policy */

	values->of[DETECT_PACKETS] = sums->packets / seconds;
	values->of[DETECT_BITS] = (double)sums->bytes * BITS_IN_BYTE / seconds;
	values->of[DETECT_DESTINATIONS] = destinations / seconds;
	values->of[DETECT_PORTS] = ports / seconds;
	values->of[DETECT_SYN_SHARE] = sums->packets ? (double)sums->syn / sums->packets : 0;
	/* if a block takes all of it, nothing says that the policy would not drop it */
	values->of[DETECT_DROP_SHARE] = judged	      ? (double)sums->dropped / judged :
					sums->packets ? 1 :
							0;
}
