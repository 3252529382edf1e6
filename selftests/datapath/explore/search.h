/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPU goes on: all ways to choose, or as many random ones. */
#ifndef SLASH64_EXPLORE_SEARCH_H
#define SLASH64_EXPLORE_SEARCH_H

#include "machine.h"

/* A few CPUs, each with a few packets or changes to make, and what must hold. */
struct scenario {
	const char *protocol, *name;
	int cpus;
	/* the world at the start of each run; machine_keep() and machine_name() */
	void (*setup)(const struct scenario *scenario);
	explore_run_t run;   /* what a CPU does; machine_fail() where that shows a fault */
	void (*check)(void); /* after each run */
	const void *data;    /* for setup */
	unsigned int stale;  /* arm64: loads of a run that see what is not the newest; 0: two */
	/* 0: all interleavings; else so many random ones (times the effort) */
	unsigned int random;
};

struct findings {
	uint64_t runs, states, steps;
	bool complete; /* all interleavings */
	/* else all with so many deviations from one after the other, in order */
	unsigned int switches;
	bool failed;
};

/* Prints a line of what was covered; where it failed, the history that did, and the shortest one found. `effort` 1 is
 * that of make check.
 */
struct findings search(const struct scenario *scenario, enum explore_memory memory,
		       unsigned int effort);

#endif
