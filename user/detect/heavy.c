// SPDX-License-Identifier: GPL-2.0-only
#include "heavy.h"

#include <string.h>

#include <slash64/source.h>

/* One search: of a rule, in a window. */
struct search {
	struct heavy *heavy;
	struct measure *measure;
	const struct detect_rule *rule;
	unsigned int selector;
	double seconds;
	bool is_counted; /* sources were counted (count_sources()) */
	heavy_known_t known;
	void *data;
};

bool heavy_is_over(const struct detect_rule *rule, const struct detect_values *values, double share)
{
	for (int i = 0; i < DETECT_MEASURE_COUNT; i++)
		if (rule->over.of[i] > 0 && !(values->of[i] >= rule->over.of[i] * share))
			return false;
	return true;
}

/* --- what is noted at an entry --- */

static struct measure_heavy *notes_of(const struct measure *measure, struct measure_entry *entry)
{
	if (entry->heavy.search != measure->search)
		entry->heavy = (struct measure_heavy){.search = measure->search};
	return &entry->heavy;
}

/* What an entry is within, at a wider level; NULL: nothing. */
static struct measure_entry *around(const struct measure *measure,
				    const struct measure_entry *entry, unsigned int level,
				    unsigned int wider)
{
	uint64_t src_key = level ? entry->hi : entry->key;
	uint64_t key = measure_key(measure, wider, src_key, entry->hi);

	return key ? measure_find(measure, wider, entry->selector, key) : NULL;
}

static double or_zero(double value)
{
	return value > 0 ? value : 0;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static struct measure_sums sums_without(const struct measure_sums *a, const struct measure_sums *b)
{
	return (struct measure_sums){.samples = less(a->samples, b->samples),
				     .packets = less(a->packets, b->packets),
				     .bytes = less(a->bytes, b->bytes),
				     .syn = less(a->syn, b->syn),
				     .dropped = less(a->dropped, b->dropped),
				     .blocked = less(a->blocked, b->blocked)};
}

static void sums_plus(struct measure_sums *a, const struct measure_sums *b)
{
	a->samples += b->samples;
	a->packets += b->packets;
	a->bytes += b->bytes;
	a->syn += b->syn;
	a->dropped += b->dropped;
	a->blocked += b->blocked;
}

/* What nothing heavy within it explains. A union has at most as many as its parts have together, so
 * what remains of the distinct ones is at least this.
 */
static void rest_of(const struct search *search, struct measure_entry *entry,
		    struct measure_sums *rest, struct detect_values *values)
{
	const struct measure *measure = search->measure;
	const struct measure_heavy *notes = notes_of(measure, entry);

	*rest = sums_without(&entry->sums, &notes->explained);
	measure_values(measure, rest,
		       or_zero(measure_destinations(measure, entry) - notes->destinations),
		       or_zero(measure_ports(measure, entry) - notes->ports), search->seconds,
		       values);
}

static uint64_t all_packets(const struct measure *measure, unsigned int level, uint64_t key)
{
	const struct measure_entry *all = measure_find(measure, level, MEASURE_ALL, key);

	return all ? all->sums.packets : 0;
}

/* --- sources of wider prefixes --- */

static bool is_offending(const struct search *search, const struct measure_entry *all)
{
	struct measure_entry *entry =
		search->selector == MEASURE_ALL ?
			(struct measure_entry *)all :
			measure_find(search->measure, 0, search->selector, all->key);

	return entry && (notes_of(search->measure, entry)->explains ||
			 entry->sums.packets * 2 >= all->sums.packets);
}

/* Once for a rule, and only if a wider prefix may be a candidate. */
static void count_sources(struct search *search)
{
	struct measure *measure = search->measure;
	const struct measure_level *first = &measure->level[0];

	if (search->is_counted)
		return;
	search->is_counted = true;
	for (uint32_t i = first->begin[MEASURE_ALL]; i < first->begin[MEASURE_ALL + 1]; i++) {
		const struct measure_entry *all = &first->entry[first->used[i]];
		bool offends = is_offending(search, all);

		for (unsigned int wider = 1; wider < measure->levels; wider++) {
			uint64_t key = measure_key(measure, wider, all->key, all->hi);
			struct measure_entry *entry =
				key ? measure_find(measure, wider, search->selector, key) : NULL;

			if (!entry)
				continue;
			notes_of(measure, entry)->sources++;
			entry->heavy.inclined += offends;
		}
	}
}

/* A source that sends nothing in this window, was seen in the last ones, and is of another kind than
 * the rule is about.
 */
static bool is_quiet(const struct search *search, unsigned int level, uint64_t key,
		     const struct neighbour *source)
{
	const struct measure *measure = search->measure;

	return neighbour_is_recent(source, measure->window) &&
	       !(source->kinds >> search->selector & 1) &&
	       measure_key(measure, level, source->src_key, source->hi) == key &&
	       !measure_find(measure, 0, MEASURE_ALL, source->src_key);
}

static uint32_t count_quiet(const struct search *search, unsigned int level, uint64_t key)
{
	const struct neighbour *set = measure_neighbours(search->measure, level, key);
	uint32_t quiet = 0;

	for (int i = 0; i < NEIGHBOURS_SET; i++)
		quiet += is_quiet(search, level, key, &set[i]);
	return quiet;
}

/* --- candidates --- */

/* From now on it explains `sums` of all that it is within. */
static void explain(const struct search *search, unsigned int level, struct measure_entry *entry,
		    const struct measure_sums *sums, const struct detect_values *values,
		    uint64_t all, uint32_t offending)
{
	const struct measure *measure = search->measure;
	uint32_t below = notes_of(measure, entry)->below;

	entry->heavy.explains = true;
	for (unsigned int wider = level + 1; wider < measure->levels; wider++) {
		struct measure_entry *outer = around(measure, entry, level, wider);
		struct measure_heavy *notes;

		if (!outer)
			continue;
		notes = notes_of(measure, outer);
		sums_plus(&notes->explained, sums);
		notes->destinations += values->of[DETECT_DESTINATIONS] * search->seconds;
		notes->ports += values->of[DETECT_PORTS] * search->seconds;
		notes->explained_all += all;
		notes->offending += offending;
		notes->below += 1 - below; /* it stands for those */
	}
}

/* Sources, which nothing is within. */
static void find_sources(const struct search *search)
{
	struct measure *measure = search->measure;
	const struct measure_level *level = &measure->level[0];

	for (uint32_t i = level->begin[search->selector]; i < level->begin[search->selector + 1];
	     i++) {
		struct measure_entry *entry = &level->entry[level->used[i]];
		struct measure_sums rest;
		struct detect_values values;

		/* most are far from it, and cost no more than this */
		if (entry->sums.packets < search->rule->over.of[DETECT_PACKETS] * search->seconds)
			continue;
		rest_of(search, entry, &rest, &values);
		if (heavy_is_over(search->rule, &values, 1))
			explain(search, 0, entry, &rest, &values,
				all_packets(measure, 0, entry->key), 1);
	}
}

/* A scan sends most packets to another destination or port. Customers who each run traceroute to one
 * destination after an outage have, together, as many destinations, but try each again and again.
 */
static bool tries_others(const struct detect_rule *rule, const struct detect_values *values)
{
	for (int i = DETECT_DESTINATIONS; i <= DETECT_PORTS; i++)
		if (rule->over.of[i] > 0 && values->of[i] * 2 < values->of[DETECT_PACKETS])
			return false;
	return true;
}

/* An attack spread over several sources: more than half of what is not explained yet is of the kind
 * that the rule is about. One source for which there was no room is no spread.
 */
static bool is_spread(struct search *search, unsigned int level, struct measure_entry *entry,
		      const struct measure_sums *rest, const struct detect_values *values)
{
	uint64_t all;

	if (!heavy_is_over(search->rule, values, 1) || !tries_others(search->rule, values))
		return false;
	count_sources(search);
	all = less(all_packets(search->measure, level, entry->key), entry->heavy.explained_all);
	return rest->packets * 2 >= all && entry->heavy.inclined >= HEAVY_SIBLINGS;
}

static bool is_mostly_heavy(struct search *search, unsigned int level, struct measure_entry *entry)
{
	struct measure_heavy *notes = &entry->heavy;
	bool is_known = notes->below && search->known(level, entry->key, search->data);
	uint32_t offending;

	if (!is_known && notes->below < HEAVY_SIBLINGS)
		return false;
	count_sources(search);
	offending = notes->offending * (is_known ? 4 : 2);
	if (offending <= notes->sources)
		return false;
	notes->quiet = count_quiet(search, level, entry->key);
	return offending > notes->sources + notes->quiet;
}

static void find_wider(struct search *search, unsigned int number)
{
	const struct measure_level *level = &search->measure->level[number];
	static const struct measure_sums nothing;
	static const struct detect_values no_values;

	for (uint32_t i = level->begin[search->selector]; i < level->begin[search->selector + 1];
	     i++) {
		struct measure_entry *entry = &level->entry[level->used[i]];
		struct measure_sums rest;
		struct detect_values values;
		uint64_t all;

		rest_of(search, entry, &rest, &values);
		if (is_spread(search, number, entry, &rest, &values)) {
			all = all_packets(search->measure, number, entry->key);
			explain(search, number, entry, &rest, &values,
				less(all, entry->heavy.explained_all),
				less(entry->heavy.inclined, entry->heavy.offending));
		} else if (is_mostly_heavy(search, number, entry)) {
			explain(search, number, entry, &nothing, &no_values, 0, 0);
		}
	}
}

/* --- the result --- */

static bool is_covered(const struct measure *measure, const struct measure_entry *entry,
		       unsigned int level)
{
	for (unsigned int wider = level + 1; wider < measure->levels; wider++) {
		struct measure_entry *outer = around(measure, entry, level, wider);

		if (outer && notes_of(measure, outer)->explains)
			return true;
	}
	return false;
}

/* What belongs to the attack: of a source or a spread, all that the rule is about; of several heavy
 * ones, theirs.
 */
static void keep(struct search *search, unsigned int level, struct measure_entry *entry)
{
	struct heavy *heavy = search->heavy;
	const struct measure *measure = search->measure;
	struct heavy_candidate *candidate = &heavy->candidate[heavy->count];
	struct measure_sums sums = entry->sums, rest;
	struct detect_values values;

	rest_of(search, entry, &rest, &values);
	if (level && !is_spread(search, level, entry, &rest, &values))
		sums = entry->heavy.explained;
	*candidate = (struct heavy_candidate){
		.level = level,
		.key = entry->key,
		.hi = entry->hi,
		.lo = entry->lo,
		.packets = sums.packets,
		.samples = sums.samples,
		.rule_packets = entry->sums.packets,
		.all_packets = all_packets(measure, level, entry->key),
		.is_blocked = sums.blocked * 2 >= sums.packets,
		.sources = level ? entry->heavy.sources : 1,
	};
	measure_values(measure, &sums, measure_destinations(measure, entry),
		       measure_ports(measure, entry), search->seconds, &candidate->values);
	entry->heavy.candidate = ++heavy->count;
}

static void keep_all(struct search *search)
{
	struct measure *measure = search->measure;

	search->heavy->count = 0;
	for (unsigned int number = measure->levels; number-- > 0;) {
		const struct measure_level *level = &measure->level[number];

		for (uint32_t i = level->begin[search->selector];
		     i < level->begin[search->selector + 1]; i++) {
			struct measure_entry *entry = &level->entry[level->used[i]];

			if (!notes_of(measure, entry)->explains ||
			    is_covered(measure, entry, number))
				continue;
			if (search->heavy->count == HEAVY_MAX)
				search->heavy->no_room++;
			else
				keep(search, number, entry);
		}
	}
}

static void spare(struct heavy_candidate *candidate, uint64_t src_key, uint64_t hi, uint64_t lo)
{
	if (candidate->spared < HEAVY_SPARED_MAX)
		candidate->example[candidate->spared] = (struct heavy_spared){src_key, hi, lo};
	candidate->spared++;
}

static void spare_quiet(const struct search *search, struct heavy_candidate *candidate)
{
	const struct neighbour *set =
		measure_neighbours(search->measure, candidate->level, candidate->key);

	for (int i = 0; i < NEIGHBOURS_SET; i++) {
		if (!is_quiet(search, candidate->level, candidate->key, &set[i]))
			continue;
		spare(candidate, set[i].src_key, set[i].hi, set[i].lo);
		candidate->sources++;
	}
}

/* Those that a block of a wider candidate would hit beside the attack. */
static void name_spared(struct search *search)
{
	struct measure *measure = search->measure;
	const struct measure_level *first = &measure->level[0];

	for (uint32_t i = first->begin[MEASURE_ALL]; i < first->begin[MEASURE_ALL + 1]; i++) {
		const struct measure_entry *all = &first->entry[first->used[i]];

		for (unsigned int wider = 1; wider < measure->levels; wider++) {
			uint64_t key = measure_key(measure, wider, all->key, all->hi);
			struct measure_entry *entry =
				key ? measure_find(measure, wider, search->selector, key) : NULL;

			if (entry && notes_of(measure, entry)->candidate &&
			    !is_offending(search, all))
				spare(&search->heavy->candidate[entry->heavy.candidate - 1],
				      all->key, all->hi, all->lo);
		}
	}
	for (uint32_t i = 0; i < search->heavy->count; i++)
		if (search->heavy->candidate[i].level)
			spare_quiet(search, &search->heavy->candidate[i]);
}

void heavy_find(struct heavy *heavy, struct measure *measure, const struct detect_rule *rule,
		double seconds, heavy_known_t known, void *data)
{
	struct search search = {.heavy = heavy,
				.measure = measure,
				.rule = rule,
				.selector = measure_selector(measure, rule),
				.seconds = seconds,
				.known = known,
				.data = data};

	measure->search++;
	find_sources(&search);
	for (unsigned int level = 1; level < measure->levels; level++)
		find_wider(&search, level);
	keep_all(&search);
	if (search.is_counted)
		name_spared(&search);
}

bool heavy_values(struct measure *measure, const struct detect_rule *rule, unsigned int level,
		  uint64_t key, uint64_t hi, double seconds, struct detect_values *values)
{
	struct search search = {.measure = measure,
				.rule = rule,
				.selector = measure_selector(measure, rule),
				.seconds = seconds};
	struct measure_entry *entry = measure_find(measure, level, search.selector, key);
	const struct measure_entry address = {.key = key, .hi = hi, .selector = search.selector};
	struct measure_sums rest;

	memset(values, 0, sizeof(*values));
	if (is_covered(measure, entry ? entry : &address, level))
		return false;
	if (entry)
		rest_of(&search, entry, &rest, values);
	return true;
}
