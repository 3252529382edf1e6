// SPDX-License-Identifier: GPL-2.0-only
/* What the machine itself takes for a line of memory: what bounds the packet path where its lines are not at hand. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "bench.h"

#define READS  400000
#define ROUNDS 5
#define LINE   64

/* About 1.15 ns each, one after the other. */
static inline uint64_t work(uint64_t value, unsigned int steps)
{
	while (steps--)
		value = value * 0x9e3779b97f4a7c15ULL + 1;
	return value;
}

/* Each address comes of the value read before, and of work between: as packets follow one another. */
static double walk(const char *memory, uint64_t lines, unsigned int steps)
{
	uint64_t state = 88172645463325252ULL;
	double start = now_s();

	for (int i = 0; i < READS; i++) {
		state = work(state, steps) ^ state >> 13;
		if (memory)
			state += *(volatile const uint64_t *)(memory + (state >> 20) % lines * LINE);
	}
	__asm__ volatile("" : : "r"(state));
	return (now_s() - start) / READS * 1e9;
}

double machine_line_ns(uint64_t bytes, double apart_ns)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
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
