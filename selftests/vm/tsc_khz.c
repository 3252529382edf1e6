// SPDX-License-Identifier: GPL-2.0-only
/* Prints how many times a millisecond the time stamp counter of this CPU counts. A guest that is emulated reads the same
 * counter. It measures its rate as it boots, and where the CPU was busy meanwhile it was seen to find a fourth of it: its
 * clock ran four times too fast, and whatever it waited for came too late.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define MEASURED_NS 200000000LL

struct reading {
	int64_t ns;
	uint64_t tsc;
};

/* Of some, the one where the least time passed between the two clocks. */
static struct reading read_both(void)
{
	struct reading best = {};
	uint64_t shortest = UINT64_MAX;

	for (int i = 0; i < 100; i++) {
		uint64_t before = __rdtsc(), after;
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC_RAW, &now);
		after = __rdtsc();
		if (after - before >= shortest)
			continue;
		shortest = after - before;
		best.ns = now.tv_sec * 1000000000LL + now.tv_nsec;
		best.tsc = before + shortest / 2;
	}
	return best;
}

int main(void)
{
	struct timespec pause = {.tv_nsec = MEASURED_NS};
	struct reading first = read_both(), last;

	nanosleep(&pause, NULL);
	last = read_both();
	printf("%.0f\n", (double)(last.tsc - first.tsc) * 1e6 / (double)(last.ns - first.ns));
	return 0;
}
