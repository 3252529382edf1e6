// SPDX-License-Identifier: GPL-2.0-only
/* The figures of sources, from the samples that are kept. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/names.h"
#include "samples.h"

#define SECOND_MS      1000
#define SECOND_MIN_MS  200 /* a shorter time does not count as a second, right after a start */
#define TWO_DEVIATIONS 2   /* which a sample exceeds in one of twenty cases */

/* --- which samples count --- */

struct span {
	uint64_t now_ms;   /* the last reading */
	uint64_t since_ms; /* read after this */
	/* start of the last second, at a reading, so that everything read since belongs to it */
	uint64_t second_ms;
};

/* The last reading at least a second ago; if there is none, the first one known. */
static uint64_t second_begin(const struct samples *samples, uint64_t now_ms)
{
	uint64_t kept = samples->drains < SAMPLES_DRAINS ? samples->drains : SAMPLES_DRAINS,
		 at_ms = now_ms;

	for (uint64_t i = 0; i < kept; i++) {
		at_ms = samples->drained_ms[(samples->drains - 1 - i) % SAMPLES_DRAINS];
		if (at_ms + SECOND_MS <= now_ms)
			break;
	}
	return at_ms;
}

static struct span span_of(const struct samples *samples, double seconds)
{
	struct span span = {.now_ms = samples->drained_ms[(samples->drains - 1) % SAMPLES_DRAINS]};
	uint64_t back_ms = seconds * 1000;

	span.second_ms = second_begin(samples, span.now_ms);
	/* the machine may have been running for less than that */
	span.since_ms = span.now_ms > back_ms ? span.now_ms - back_ms : 0;
	if (span.since_ms > span.second_ms)
		span.since_ms = span.second_ms;
	return span;
}

/* The newest first. NULL at the end. */
static const struct recent_sample *next_of(const struct samples *samples, const struct span *span,
					   uint64_t *i)
{
	const struct recent_sample *recent;

	if (*i >= SAMPLES_RECENT || *i >= samples->recent_count)
		return NULL;
	recent = &samples->recent[(samples->recent_count - 1 - (*i)++) % SAMPLES_RECENT];
	return recent->at_ms > span->since_ms ? recent : NULL;
}

/* --- groups --- */

/* A prefix in one number: no packet comes from or to both ::/64 and what looks like IPv4 there. */
static uint64_t prefix_key(uint64_t hi, uint64_t lo, unsigned int length)
{
	return hi ? hi & prefix_mask(length) : lo;
}

/* Everything with the same key is one row. */
static uint64_t group_key(const struct s64_sample *sample, enum top_by by)
{
	switch (by) {
	case TOP_BY_DESTINATION:
		return prefix_key(sample->dst_hi, sample->dst_lo, 64);
	case TOP_BY_AGGREGATE:
		return prefix_key(sample->src_hi, sample->src_lo, 48);
	case TOP_BY_CLASS:
		return sample->class;
	case TOP_BY_REASON:
		return sample->reason;
	default:
		return sample->src_key;
	}
}

/* The golden ratio spreads small numbers; groups of different kinds do not meet. */
static uint64_t rate_key(uint64_t key, enum top_by by)
{
	uint64_t mixed = (key + 1) * 0x9e3779b97f4a7c15ULL ^ (uint64_t)by << 32;

	return mixed ? mixed : 1;
}

uint64_t samples_group_rate(const struct s64_sample *sample, enum top_by by)
{
	return rate_key(group_key(sample, by), by);
}

static bool matches(const struct event_filter *filter, const struct recent_sample *recent)
{
	struct s64_sample sample;

	if (!filter)
		return true;
	sample = recent->sample;
	if (recent->would)
		sample.reason |= S64_SAMPLE_MONITORED;
	return event_filter_matches(filter, &sample);
}

/* --- one row from all samples of a source, or of another group --- */

/* By source, then by what was seen of it. */
static int by_source(const void *a, const void *b)
{
	const struct recent_sample *x = a, *y = b;

	if (x->sample.src_key != y->sample.src_key)
		return x->sample.src_key < y->sample.src_key ? -1 : 1;
	if (x->sample.class != y->sample.class)
		return x->sample.class < y->sample.class ? -1 : 1;
	if (x->sample.reason != y->sample.reason)
		return (int)x->sample.reason - y->sample.reason;
	return (int)x->would - y->would;
}

static bool is_same_fate(const struct recent_sample *a, const struct recent_sample *b)
{
	return a->sample.class == b->sample.class && a->sample.reason == b->sample.reason &&
	       a->would == b->would;
}

struct sums {
	double packets, bytes, dropped, would_drop;
	/* of the packets: a sample that stands for w packets is there with a probability of 1/w */
	double variance;
	double group, largest;
	const struct recent_sample *mostly;
};

static void sums_add(struct sums *sums, const struct recent_sample *recent, bool is_new_group)
{
	double weight = recent->sample.weight;

	if (is_new_group)
		sums->group = 0;
	sums->group += weight;
	sums->packets += weight;
	sums->bytes += weight * recent->sample.length;
	sums->variance += weight * (weight - 1);
	if (recent->would)
		sums->would_drop += weight;
	else if (reason_is_drop(recent->sample.reason))
		sums->dropped += weight;
	if (sums->group > sums->largest) {
		sums->largest = sums->group;
		sums->mostly = recent;
	}
}

/* `latest`: of the last second with packets, for shares if the last second has none. */
static void row_of_sums(const struct sums *second, const struct sums *latest, double seconds,
			struct top_row *row)
{
	const struct sums *shares = second->packets ? second : latest;

	row->class = shares->mostly->sample.class;
	row->reason = shares->mostly->sample.reason;
	row->would = shares->mostly->would;
	row->dropped = shares->dropped / shares->packets;
	row->would_drop = shares->would_drop / shares->packets;
	row->packets_per_second = second->packets / seconds;
	row->bytes_per_second = second->bytes / seconds;
	row->dropped_per_second = second->dropped / seconds;
	row->would_drop_per_second = second->would_drop / seconds;
	if (second->packets)
		row->uncertainty = TWO_DEVIATIONS * sqrt(second->variance) / second->packets;
}

struct group {
	enum top_by by;
	bool is_filtered;
	uint64_t oldest_ms, newest_ms; /* of its samples */
};

/* Figures from before the samples that are kept. */
static void row_add_history(const struct samples *samples, const struct span *span,
			    const struct group *group, struct top_row *row)
{
	const struct source_rate *rate =
		group->is_filtered ?
			NULL :
		group->by == TOP_BY_SOURCE ?
			source_rates_find(&samples->rates, row->src_key) :
			source_rates_find(&samples->group_rates, rate_key(row->src_key, group->by));
	uint64_t since_ms = rate	       ? rate->since_ms :
			    group->is_filtered ? group->oldest_ms :
						 group->newest_ms;
	time_t wall = time(NULL);

	row->peak =
		rate && rate->peak > row->packets_per_second ? rate->peak : row->packets_per_second;
	row->since = wall - (time_t)((span->now_ms - since_ms) / 1000);
	row->last = wall - (time_t)((span->now_ms - group->newest_ms) / 1000);
}

/* Adds up the samples after a time. */
static void sum_after(const struct recent_sample *recent, size_t count, uint64_t after_ms,
		      struct sums *sums)
{
	const struct recent_sample *last = NULL;

	for (size_t i = 0; i < count; i++) {
		if (recent[i].at_ms <= after_ms)
			continue;
		sums_add(sums, &recent[i], last && !is_same_fate(&recent[i], last));
		last = &recent[i];
	}
}

/* The samples of a group are adjacent. Returns their number. */
static size_t sum_group(const struct samples *samples, const struct span *span, double seconds,
			struct group group, const struct recent_sample *recent, size_t count,
			struct top_row *row)
{
	struct sums latest = {}, second = {};
	uint64_t newest_ms;
	size_t n;

	memset(row, 0, sizeof(*row));
	group.oldest_ms = group.newest_ms = recent[0].at_ms;
	for (n = 0; n < count && recent[n].sample.src_key == recent[0].sample.src_key; n++) {
		if (recent[n].at_ms > group.newest_ms)
			group.newest_ms = recent[n].at_ms;
		if (recent[n].at_ms < group.oldest_ms)
			group.oldest_ms = recent[n].at_ms;
	}
	newest_ms = group.newest_ms;
	sum_after(recent, n, span->second_ms, &second);
	if (!second.packets)
		sum_after(recent, n, newest_ms > SECOND_MS ? newest_ms - SECOND_MS : 0, &latest);
	row->src_key = recent[0].sample.src_key;
	row->src_hi = recent[0].sample.src_hi;
	row->src_lo = recent[0].sample.src_lo;
	row->dst_hi = recent[0].sample.dst_hi;
	row->dst_lo = recent[0].sample.dst_lo;
	row_of_sums(&second, &latest, seconds, row);
	row_add_history(samples, span, &group, row);
	return n;
}

/* --- the loudest sources --- */

static int by_rate(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;

	if (x->packets_per_second != y->packets_per_second)
		return x->packets_per_second > y->packets_per_second ? -1 : 1;
	if (x->peak != y->peak)
		return x->peak > y->peak ? -1 : 1;
	return x->src_key < y->src_key ? -1 : x->src_key > y->src_key;
}

/* Under the heaviest load, the kept samples cover less than a second. */
static double second_length(const struct span *span, bool is_all_kept, uint64_t oldest_ms)
{
	uint64_t from_ms = is_all_kept && oldest_ms > span->second_ms ? oldest_ms : span->second_ms;
	uint64_t ms = span->now_ms - from_ms;

	return (ms > SECOND_MIN_MS ? ms : SECOND_MIN_MS) / 1000.0;
}

int samples_top(const struct samples *samples, double seconds, unsigned int limit,
		struct top_row **rows)
{
	return samples_top_by(samples, TOP_BY_SOURCE, NULL, seconds, limit, rows);
}

int samples_top_by(const struct samples *samples, enum top_by by, const struct event_filter *filter,
		   double seconds, unsigned int limit, struct top_row **out)
{
	const struct group group = {.by = by, .is_filtered = filter != NULL};
	size_t kept =
		samples->recent_count < SAMPLES_RECENT ? samples->recent_count : SAMPLES_RECENT;
	struct recent_sample *recent = malloc((kept + 1) * sizeof(*recent));
	struct top_row *rows = malloc((kept + 1) * sizeof(*rows));
	struct span span = span_of(samples, seconds);
	uint64_t oldest_ms = span.now_ms, next = 0;
	const struct recent_sample *found;
	size_t count = 0, n = 0;
	double second;

	if (!recent || !rows) {
		free(recent);
		free(rows);
		return -ENOMEM;
	}
	while ((found = next_of(samples, &span, &next))) {
		oldest_ms = found->at_ms;
		if (!matches(filter, found))
			continue;
		recent[count] = *found;
		recent[count++].sample.src_key = group_key(&found->sample, by);
	}
	second = second_length(&span, next == SAMPLES_RECENT, oldest_ms);
	qsort(recent, count, sizeof(*recent), by_source);
	for (size_t i = 0; i < count;)
		i += sum_group(samples, &span, second, group, recent + i, count - i, &rows[n++]);
	qsort(rows, n, sizeof(*rows), by_rate);
	free(recent);
	*out = rows;
	return n < limit ? n : limit;
}

int samples_seen(const struct samples *samples, const struct source_rules *rules,
		 const struct prefix *prefix, double seconds, struct seen *seen)
{
	int n;

	*seen = (struct seen){};
	n = samples_top(samples, seconds, SAMPLES_RECENT, &seen->row);
	for (int i = 0; i < n; i++) {
		const struct top_row *row = &seen->row[i];
		struct prefix address = prefix_of_bits(row->src_hi, row->src_lo, 128);
		struct source source =
			source_rules_identify(rules, &samples->maps->meta->seed, &address);

		if (!prefix_contains(prefix, &source.shown) &&
		    !prefix_contains(&source.shown, prefix) && !prefix_contains(prefix, &address))
			continue;
		seen->packets_per_second += row->packets_per_second;
		seen->dropped_per_second += row->dropped_per_second;
		seen->would_drop_per_second += row->would_drop_per_second;
		if (!seen->since || row->since < seen->since)
			seen->since = row->since;
		seen->row[seen->rows++] = *row;
	}
	return n < 0 ? n : 0;
}

/* --- verdicts on one source --- */

static void fate_add(struct fate *fates, size_t *count, const struct recent_sample *recent)
{
	size_t i;

	for (i = 0; i < *count; i++)
		if (fates[i].class == recent->sample.class &&
		    fates[i].reason == recent->sample.reason && fates[i].would == recent->would)
			break;
	if (i == SAMPLES_FATES)
		return;
	if (i == *count)
		fates[(*count)++] = (struct fate){recent->sample.class, recent->sample.reason,
						  recent->would, 0, 0};
	fates[i].packets += recent->sample.weight;
}

static int by_packets(const void *a, const void *b)
{
	const struct fate *x = a, *y = b;

	return x->packets > y->packets ? -1 : x->packets < y->packets;
}

static void share_out(struct fate *fates, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double all = 0;

		for (size_t j = 0; j < count; j++)
			all += fates[j].class == fates[i].class ? fates[j].packets : 0;
		fates[i].share = fates[i].packets / all;
	}
	qsort(fates, count, sizeof(*fates), by_packets);
}

size_t samples_fates(const struct samples *samples, uint64_t src_key, double seconds,
		     struct fate fates[SAMPLES_FATES])
{
	struct span span = span_of(samples, seconds);
	const struct recent_sample *recent;
	bool in_second = false;
	size_t count = 0;
	uint64_t next = 0;

	while ((recent = next_of(samples, &span, &next))) {
		if (in_second && recent->at_ms <= span.second_ms)
			break;
		if (recent->sample.src_key != src_key)
			continue;
		in_second |= recent->at_ms > span.second_ms;
		fate_add(fates, &count, recent);
	}
	share_out(fates, count);
	return count;
}
