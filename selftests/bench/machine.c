// SPDX-License-Identifier: GPL-2.0-only
/* What a memory line costs on this machine: the bound of the packet path when its lines are not in
 * the cache.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "bench.h"

#define READS  400000
#define ROUNDS 5
#define LINE   64

/* About 1.15 ns each, executed one after the other. */
static inline uint64_t work(uint64_t value, unsigned int steps)
{
	while (steps--)
		value = value * 0x9e3779b97f4a7c15ULL + 1;
	return value;
}

/* Each address depends on the value read before and on the work in between, just as packets follow
 * one another.
 */
static double walk(const char *memory, uint64_t lines, unsigned int steps)
{
	uint64_t state = 88172645463325252ULL;
	double start = now_s();

	for (int i = 0; i < READS; i++) {
		state = work(state, steps) ^ state >> 13;
		if (memory)
			state +=
				*(volatile const uint64_t *)(memory + (state >> 20) % lines * LINE);
	}
	__asm__ volatile("" : : "r"(state));
	return (now_s() - start) / READS * 1e9;
}

double machine_stolen(void)
{
	static unsigned long long before_stolen, before_all;
	unsigned long long field[8] = {}, stolen, all = 0;
	double share;
	FILE *file = fopen("/proc/stat", "r");

	/* user, nice, system, idle, iowait, irq, softirq, steal: proc(5) */
	if (!file ||
	    fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &field[0], &field[1],
		   &field[2], &field[3], &field[4], &field[5], &field[6], &field[7]) != 8)
		fail("/proc/stat is not as it should be");
	fclose(file);
	stolen = field[7];
	for (int i = 0; i < 8; i++)
		all += i == 3 || i == 4 ? 0 : field[i];
	share = all > before_all ? (double)(stolen - before_stolen) / (all - before_all) : 0;
	before_stolen = stolen;
	before_all = all;
	return share;
}

double machine_line_ns(uint64_t bytes, double apart_ns)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	double with[ROUNDS], step;
	unsigned int steps;

	if (memory == MAP_FAILED)
		fail("no %llu bytes of memory", (unsigned long long)bytes);
	step = (walk(NULL, 1, 200) - walk(NULL, 1, 100)) / 100;
	steps = apart_ns / step;
	for (int i = 0; i < ROUNDS; i++)
		with[i] = walk(memory, bytes / LINE, steps) - walk(NULL, 1, steps);
	munmap(memory, bytes);
	return median(with, ROUNDS);
}
