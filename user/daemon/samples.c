// SPDX-License-Identifier: GPL-2.0-only
#include "samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "names.h"

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int samples_init(struct samples *samples, const struct tables *tables, struct error *error)
{
	memset(samples, 0, sizeof(*samples));
	samples->tables = tables;
	samples->tail = calloc(tables->meta->cpus, sizeof(*samples->tail));
	samples->recent = calloc(SAMPLES_RECENT, sizeof(*samples->recent));
	if (!samples->tail || !samples->recent) {
		samples_free(samples);
		return error_set(error, -ENOMEM, "out of memory");
	}
	/* What came before is no news. */
	for (uint32_t cpu = 0; cpu < tables->meta->cpus; cpu++)
		samples->tail[cpu] = S64_READ_ONCE(tables->samples[cpu].head);
	return 0;
}

void samples_free(struct samples *samples)
{
	free(samples->tail);
	free(samples->recent);
	memset(samples, 0, sizeof(*samples));
}

static void note_hit(struct blocks *blocks, const struct s64_sample *sample, uint32_t wall)
{
	switch (sample->reason) {
	case S64_REASON_BLOCKED:
	case S64_REASON_BLOCKED_PREFIX:
	case S64_REASON_THROTTLED:
		/* a throttle does not say whose it was: the site's, where it has one */
		blocks_hit(blocks, sample->site, sample->source_hi, sample->source_lo,
			   sample->reason == S64_REASON_BLOCKED_PREFIX ||
				   (sample->reason == S64_REASON_THROTTLED &&
				    !sites_has(blocks->sites, sample->site)),
			   sample->weight, wall);
	}
}

static void drain_cpu(struct samples *samples, struct blocks *blocks, uint32_t cpu, uint64_t at_ms,
		      uint32_t wall)
{
	const struct s64_samples *ring = &samples->tables->samples[cpu];
	uint64_t head = S64_LOAD_ACQUIRE(ring->head);
	uint64_t tail = samples->tail[cpu];

	if (head - tail > S64_SAMPLE_SLOTS) {
		samples->lost += head - tail - S64_SAMPLE_SLOTS;
		tail = head - S64_SAMPLE_SLOTS;
	}
	for (; tail < head; tail++) {
		struct s64_sample sample;
		struct recent_sample *recent;

		S64_GET(&sample, &ring->slot[tail % S64_SAMPLE_SLOTS], sizeof(sample));
		/* Overwritten while it was copied: the writer is a lap ahead. Asked behind the copy. */
		S64_FENCE_ACQUIRE();
		if (S64_READ_ONCE(ring->head) - tail >= S64_SAMPLE_SLOTS + S64_MISTAKE(SAMPLE_LAP)) {
			samples->lost++;
			continue;
		}
		note_hit(blocks, &sample, wall);
		if (sample.class == S64_CLASS_NOT_IPV6 || sample.class == S64_CLASS_MALFORMED)
			continue;
		recent = &samples->recent[samples->recent_count++ % SAMPLES_RECENT];
		recent->sample = sample;
		recent->at_ms = at_ms;
	}
	samples->tail[cpu] = head;
}

void samples_drain(struct samples *samples, struct blocks *blocks)
{
	uint64_t at_ms = now_ms();
	uint32_t wall = time(NULL);

	for (uint32_t cpu = 0; cpu < samples->tables->meta->cpus; cpu++)
		drain_cpu(samples, blocks, cpu, at_ms, wall);
}

/* --- the loudest --- */

/* By site, and within one by what was seen of it. */
static int by_site(const void *a, const void *b)
{
	const struct s64_sample *x = a, *y = b;

	if (x->site != y->site)
		return x->site < y->site ? -1 : 1;
	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return (int)x->reason - y->reason;
}

static int by_rate(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;

	if (x->packets_per_second != y->packets_per_second)
		return x->packets_per_second > y->packets_per_second ? -1 : 1;
	return x->site < y->site ? -1 : x->site > y->site;
}

/* One row of all samples of a site, which lie together. Returns how many they were. */
static size_t sum_site(const struct s64_sample *sample, size_t count, double seconds,
		       struct top_row *row)
{
	double packets = 0, bytes = 0, dropped = 0, group = 0, largest = -1;
	size_t i;

	for (i = 0; i < count && sample[i].site == sample[0].site; i++) {
		if (i && (sample[i].class != sample[i - 1].class ||
			  sample[i].reason != sample[i - 1].reason))
			group = 0;
		group += sample[i].weight;
		packets += sample[i].weight;
		bytes += (double)sample[i].weight * sample[i].length;
		if (reason_is_drop(sample[i].reason))
			dropped += sample[i].weight;
		if (group > largest) {
			largest = group;
			row->class = sample[i].class;
			row->reason = sample[i].reason;
		}
	}
	row->site = sample[0].site;
	row->source_hi = sample[0].source_hi;
	row->source_lo = sample[0].source_lo;
	row->packets_per_second = packets / seconds;
	row->bytes_per_second = bytes / seconds;
	row->dropped = packets > 0 ? dropped / packets : 0;
	return i;
}

int samples_top(const struct samples *samples, double seconds, unsigned int limit,
		struct top_row **out)
{
	uint64_t kept = samples->recent_count < SAMPLES_RECENT ? samples->recent_count : SAMPLES_RECENT;
	uint64_t now = now_ms(), since = now - (uint64_t)(seconds * 1000);
	struct s64_sample *sample = malloc((kept + 1) * sizeof(*sample));
	struct top_row *rows = malloc((kept + 1) * sizeof(*rows));
	uint64_t oldest = now;
	size_t count = 0, n = 0;

	if (!sample || !rows) {
		free(sample);
		free(rows);
		return -ENOMEM;
	}
	for (uint64_t i = 0; i < kept; i++) {
		const struct recent_sample *recent =
			&samples->recent[(samples->recent_count - 1 - i) % SAMPLES_RECENT];

		if (recent->at_ms < since)
			break;
		oldest = recent->at_ms;
		sample[count++] = recent->sample;
	}
	/* Under the heaviest load what is kept reaches back less far than was asked. */
	if (count == SAMPLES_RECENT && now > oldest)
		seconds = (now - oldest) / 1000.0;
	qsort(sample, count, sizeof(*sample), by_site);
	for (size_t i = 0; i < count;)
		i += sum_site(sample + i, count - i, seconds, &rows[n++]);
	qsort(rows, n, sizeof(*rows), by_rate);
	free(sample);
	*out = rows;
	return n < limit ? n : limit;
}

int samples_seen(const struct samples *samples, const struct site_rules *rules,
		 const struct prefix *prefix, double seconds, struct seen *seen)
{
	int n = samples_top(samples, seconds, SAMPLES_RECENT, &seen->row);

	seen->rows = 0;
	seen->packets_per_second = 0;
	for (int i = 0; i < n; i++) {
		struct prefix address = prefix_of_bits(seen->row[i].source_hi, seen->row[i].source_lo, 128);
		struct source source = site_rules_source(rules, &samples->tables->meta->seed, &address);

		if (!prefix_contains(prefix, &source.shown) && !prefix_contains(&source.shown, prefix) &&
		    !prefix_contains(prefix, &address))
			continue;
		seen->packets_per_second += seen->row[i].packets_per_second;
		seen->row[seen->rows++] = seen->row[i];
	}
	return n < 0 ? n : 0;
}
