// SPDX-License-Identifier: GPL-2.0-only
#include "exact.h"

#include <string.h>
#include <time.h>

#include "base/time.h"
#include "maps/extras.h"

#define US_PER_SECOND 1000000ULL
#define NS_PER_US     1000ULL
#define NS_PER_MS     1000000ULL

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * US_PER_SECOND * NS_PER_US + now.tv_nsec;
}

static void renew(const struct exact *exact)
{
	const struct s64_meta *meta = exact->maps->meta;
	uint64_t until_ns = now_ns() + EXACT_RENEW_MS * NS_PER_MS;

	S64_WRITE_ONCE(exact->maps->exact_asked->until,
		       (until_ns + meta->jiffies_ahead_ns) / meta->tick_ns + 1);
}

static void turn(struct exact *exact, bool on)
{
	if (on)
		renew(exact);
	else
		S64_WRITE_ONCE(exact->maps->exact_asked->until, 0);
	extra_set_everywhere(exact->maps, S64_EXTRA_EXACT, on);
	exact->is_on = on;
}

void exact_init(struct exact *exact, struct maps *maps)
{
	exact->maps = maps;
	exact->used = 0;
	exact->is_on = exact->has_begun = false;
}

/* Not before the start is certain: a refused one leaves the maps as they were. */
static void forget_last_run(struct exact *exact)
{
	if (exact->has_begun)
		return;
	exact->has_begun = true;
	turn(exact, false);
	memset(exact->maps->exact_asked, 0, sizeof(*exact->maps->exact_asked));
}

void exact_stop(struct exact *exact)
{
	if (exact->maps && exact->is_on)
		turn(exact, false);
}

void exact_levels(struct exact *exact, const struct detect_rules *rules)
{
	struct s64_exact_asked *wanted;

	if (!exact->maps)
		return;
	forget_last_run(exact);
	wanted = exact->maps->exact_asked;
	for (unsigned int i = 0; i < S64_EXACT_LEVELS; i++)
		S64_WRITE_ONCE(wanted->mask[i],
			       i < rules->level_count ? s64_mask_hi(rules->level[i]) : 0);
	S64_WRITE_ONCE(wanted->first_is_source,
		       rules->level_count && rules->level[0] == S64_SOURCE_NATIVE_LENGTH);
	S64_WRITE_ONCE(wanted->levels, rules->level_count);
}

static void sum(const struct exact *exact, uint32_t slot, struct s64_exact *sums)
{
	memset(sums, 0, sizeof(*sums));
	for (uint32_t cpu = 0; cpu < exact->maps->meta->cpus; cpu++) {
		const struct s64_exact *counts = &exact->maps->exact[cpu].slot[slot];

		sums->packets += S64_READ_ONCE(counts->packets);
		sums->bytes += S64_READ_ONCE(counts->bytes);
		sums->syn += S64_READ_ONCE(counts->syn);
		sums->dropped += S64_READ_ONCE(counts->dropped);
		sums->blocked += S64_READ_ONCE(counts->blocked);
		sums->proven += S64_READ_ONCE(counts->proven);
		sums->all_packets += S64_READ_ONCE(counts->all_packets);
	}
}

/* The bits of those that are left. A packet that reads a word of before is counted or not. */
static void write_filter(const struct exact *exact)
{
	struct s64_exact_asked *wanted = exact->maps->exact_asked;
	uint64_t filter[S64_EXACT_FILTER_WORDS] = {};

	for (uint32_t slot = 0; slot < S64_EXACT_SLOTS; slot++) {
		uint64_t id = wanted->set[slot / S64_EXACT_SET].id[slot % S64_EXACT_SET];

		if (id)
			filter[s64_exact_filter_word(id)] |= s64_exact_filter_bit(id);
	}
	for (int i = 0; i < S64_EXACT_FILTER_WORDS; i++)
		if (wanted->filter[i] != filter[i])
			S64_WRITE_ONCE(wanted->filter[i], filter[i]);
}

bool exact_begin(struct exact *exact, unsigned int level, uint64_t key, uint64_t classes,
		 uint32_t *slot)
{
	uint64_t id = s64_exact_id(level, key, &exact->maps->meta->seed);
	uint32_t word = s64_exact_filter_word(id);
	struct s64_exact_asked *wanted = exact->maps->exact_asked;
	struct s64_exact_set *set = &wanted->set[s64_exact_set_of(id)];
	unsigned int i = 0;

	forget_last_run(exact);
	while (i < S64_EXACT_SET && set->id[i])
		i++;
	if (i == S64_EXACT_SET)
		return false;
	*slot = s64_exact_set_of(id) * S64_EXACT_SET + i;
	S64_WRITE_ONCE(set->classes[i], classes);
	S64_STORE_RELEASE(set->id[i], id);
	S64_STORE_RELEASE(wanted->filter[word], wanted->filter[word] | s64_exact_filter_bit(id));
	exact->used++;
	if (!exact->is_on)
		turn(exact, true);
	sum(exact, *slot, &exact->before[*slot]);
	exact->begun_us[*slot] = now_ns() / NS_PER_US;
	return true;
}

static uint64_t at_most(uint64_t count, uint64_t most)
{
	return count < most ? count : most;
}

/* The words are read one after the other while packets go on: a part may be read as more than the whole. */
static void keep_to_packets(struct detect_exact *counts)
{
	counts->syn = at_most(counts->syn, counts->packets);
	counts->proven = at_most(counts->proven, counts->packets);
	counts->blocked = at_most(counts->blocked, counts->packets);
	counts->dropped = at_most(counts->dropped, counts->packets - counts->blocked);
	if (counts->all_packets < counts->packets)
		counts->all_packets = counts->packets;
}

void exact_read(const struct exact *exact, uint32_t slot, struct detect_exact *counts)
{
	const struct s64_exact *before = &exact->before[slot];
	struct s64_exact now;

	sum(exact, slot, &now);
	*counts = (struct detect_exact){.packets = now.packets - before->packets,
					.bytes = now.bytes - before->bytes,
					.syn = now.syn - before->syn,
					.dropped = now.dropped - before->dropped,
					.blocked = now.blocked - before->blocked,
					.proven = now.proven - before->proven,
					.all_packets = now.all_packets - before->all_packets,
					.us = now_ns() / NS_PER_US - exact->begun_us[slot]};
	if (!counts->us)
		counts->us = 1;
	keep_to_packets(counts);
}

void exact_end(struct exact *exact, uint32_t slot)
{
	struct s64_exact_asked *wanted = exact->maps->exact_asked;

	S64_WRITE_ONCE(wanted->set[slot / S64_EXACT_SET].id[slot % S64_EXACT_SET], 0);
	write_filter(exact);
	exact->used--;
}

void exact_tick(struct exact *exact)
{
	if (!exact->maps || (!exact->used && !exact->is_on))
		return;
	turn(exact, exact->used);
}
