// SPDX-License-Identifier: GPL-2.0-only
/* Prints the rate of this CPU's time stamp counter in kHz. An emulated guest reads the same counter and calibrates it
 * as it boots. On a busy machine the result was seen to be a fourth of the rate: the guest's clock ran four times too
 * fast, and its timeouts expired too early.
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

/* Of several, the reading with the least time between the two clocks. */
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
