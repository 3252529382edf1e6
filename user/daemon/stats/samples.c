// SPDX-License-Identifier: GPL-2.0-only
#include "samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "policy/names.h"
#include "base/time.h"

/* All of its memory at once: slash64d does not grow as traffic comes. */
static struct recent_sample *open_recent(void)
{
	void *memory =
		mmap(NULL, SAMPLES_RECENT * sizeof(struct recent_sample), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

int samples_init(struct samples *samples, const struct maps *maps, struct error *error)
{
	memset(samples, 0, sizeof(*samples));
	samples->maps = maps;
	samples->tail = calloc(maps->meta->cpus, sizeof(*samples->tail));
	samples->recent = open_recent();
	if (!samples->tail || !samples->recent ||
	    source_rates_init(&samples->rates, &maps->meta->seed) ||
	    source_rates_init(&samples->group_rates, &maps->meta->seed)) {
		samples_free(samples);
		return error_set(error, -ENOMEM, "out of memory");
	}
	/* Ignore older samples. */
	for (uint32_t cpu = 0; cpu < maps->meta->cpus; cpu++)
		samples->tail[cpu] = S64_READ_ONCE(maps->samples[cpu].head);
	samples->drained_ms[samples->drains++ % SAMPLES_DRAINS] = clock_monotonic_ms();
	return 0;
}

void samples_free(struct samples *samples)
{
	free(samples->tail);
	if (samples->recent)
		munmap(samples->recent, SAMPLES_RECENT * sizeof(*samples->recent));
	source_rates_free(&samples->rates);
	source_rates_free(&samples->group_rates);
	memset(samples, 0, sizeof(*samples));
}

static uint64_t last_drain_ms(const struct samples *samples)
{
	return samples->drained_ms[(samples->drains - 1) % SAMPLES_DRAINS];
}

static void note_hit(struct blocks *blocks, const struct s64_sample *sample, uint32_t wall)
{
	switch (sample->reason) {
	case S64_REASON_BLOCKED:
	case S64_REASON_BLOCKED_PREFIX:
	case S64_REASON_THROTTLED:
		/* a throttle does not tell whose it was: the source's, if it has one */
		blocks_hit(blocks, sample->src_key, sample->src_hi, sample->src_lo,
			   sample->reason == S64_REASON_BLOCKED_PREFIX ||
				   (sample->reason == S64_REASON_THROTTLED &&
				    !sources_has(blocks->blocklist, sample->src_key)),
			   sample->weight, wall);
	}
}

static void add_rates(struct samples *samples, const struct s64_sample *sample, uint64_t at_ms)
{
	uint64_t from_ms = last_drain_ms(samples);

	source_rates_add(&samples->rates, sample->src_key, from_ms, at_ms, sample->weight);
	for (int by = TOP_BY_SOURCE + 1; by < TOP_BY_COUNT; by++)
		source_rates_add(&samples->group_rates, samples_group_rate(sample, by), from_ms,
				 at_ms, sample->weight);
}

static void drain_cpu(struct samples *samples, struct blocks *blocks, uint32_t cpu, uint64_t at_ms,
		      uint32_t wall)
{
	const struct s64_samples *ring = &samples->maps->samples[cpu];
	uint64_t head = S64_LOAD_ACQUIRE(ring->head);
	uint64_t tail = samples->tail[cpu];

	if (head - tail > S64_SAMPLE_SLOTS) {
		samples->lost += head - tail - S64_SAMPLE_SLOTS;
		tail = head - S64_SAMPLE_SLOTS;
	}
	for (; tail < head; tail++) {
		struct s64_sample sample;
		struct recent_sample *recent;
		bool would;

		S64_GET(&sample, &ring->slot[tail % S64_SAMPLE_SLOTS], sizeof(sample));
		/* The slot was overwritten while it was copied: the writer is a lap ahead. Checked
		 * after the copy.
		 */
		S64_FENCE_ACQUIRE();
		if (S64_READ_ONCE(ring->head) - tail >=
		    S64_SAMPLE_SLOTS + S64_MISTAKE(SAMPLE_LAP)) {
			samples->lost++;
			continue;
		}
		events_pass(&samples->events, &sample);
		if (samples->feed)
			samples->feed(samples->feed_data, &sample);
		would = sample.reason & S64_SAMPLE_MONITORED;
		sample.reason &= ~S64_SAMPLE_MONITORED;
		note_hit(blocks, &sample, wall);
		if (sample.class == S64_CLASS_NOT_IPV6 || sample.class == S64_CLASS_MALFORMED)
			continue;
		recent = &samples->recent[samples->recent_count++ % SAMPLES_RECENT];
		recent->sample = sample;
		recent->at_ms = at_ms;
		recent->would = would;
		add_rates(samples, &sample, at_ms);
	}
	samples->tail[cpu] = head;
}

void samples_drain(struct samples *samples, struct blocks *blocks)
{
	uint64_t at_ms = clock_monotonic_ms();
	uint32_t wall = time(NULL);

	for (uint32_t cpu = 0; cpu < samples->maps->meta->cpus; cpu++)
		drain_cpu(samples, blocks, cpu, at_ms, wall);
	events_end_batch(&samples->events);
	if (at_ms > last_drain_ms(samples))
		samples->drained_ms[samples->drains++ % SAMPLES_DRAINS] = at_ms;
}
