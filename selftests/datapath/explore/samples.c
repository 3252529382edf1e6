// SPDX-License-Identifier: GPL-2.0-only
/* The ring of samples, whose writer does not wait for readers: no sample that is read is a mixture
 * of two.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/stats/samples.h"
#include "world.h"

#define WRITTEN	     6 /* of a ring of S64_SAMPLE_SLOTS */
#define WRITTEN_LONG 200

_Static_assert(S64_SAMPLE_SLOTS == 4, "the writer laps the reader");

static struct samples samples;
static uint64_t got, last;
static __u32 written;

/* What samples_drain() does with a sample that it accepts. */
void blocks_hit(struct blocks *blocks, uint64_t src_key, uint64_t hi, uint64_t lo, bool by_prefix,
		uint32_t packets, uint32_t now)
{
	(void)blocks;
	(void)by_prefix;
	(void)now;
	if (src_key != hi || src_key != lo || src_key != packets || !src_key)
		machine_fail("a sample was read that is made of those of %llu, %llu, %llu and %u",
			     (unsigned long long)src_key, (unsigned long long)hi,
			     (unsigned long long)lo, packets);
	else if (src_key <= last)
		machine_fail("sample %llu was read after %llu", (unsigned long long)src_key,
			     (unsigned long long)last);
	last = src_key;
	got++;
}

static void setup(const struct scenario *scenario)
{
	struct error error;

	world_make(1);
	if (samples.maps)
		samples_free(&samples);
	samples_init(&samples, &world->maps, &error);
	got = last = 0;
	written = scenario->random ? WRITTEN_LONG : WRITTEN;
	machine_keep(&samples, sizeof(samples));
	machine_keep(samples.tail, sizeof(*samples.tail));
	machine_keep(&got, sizeof(got));
	machine_keep(&last, sizeof(last));
}

static void run(int cpu)
{
	if (cpu) {
		for (__u32 i = 0; i < written / 3; i++)
			samples_drain(&samples, NULL);
		return;
	}
	for (__u32 i = 1; i <= written; i++) {
		struct s64_sample sample = {.src_key = i,
					    .src_hi = i,
					    .src_lo = i,
					    .weight = i,
					    .class = S64_CLASS_TCP,
					    .reason = S64_REASON_BLOCKED};

		machine_packet();
		sample_put(0, &sample);
	}
}

/* Each is read or known to be lost. */
static void check(void)
{
	samples_drain(&samples, NULL);
	if (got + samples.lost != written)
		machine_fail("%llu were read and %llu lost, of %d", (unsigned long long)got,
			     (unsigned long long)samples.lost, (int)written);
}

const struct scenario samples_scenarios[] = {
	{"samples", "a reader that is lapped", 2, setup, run, check, .stale = 3},
	{"samples", "a reader that is lapped, long runs", 2, setup, run, check, .random = 300},
	{},
};
