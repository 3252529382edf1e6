/* SPDX-License-Identifier: GPL-2.0-only */
/* Chooses which CPU continues: all sequences of choices, or a number of random ones. */
#ifndef SLASH64_EXPLORE_SEARCH_H
#define SLASH64_EXPLORE_SEARCH_H

#include "machine.h"

/* A few CPUs, each with a few packets or changes, and the invariants. */
struct scenario {
	const char *protocol, *name;
	int cpus;
	/* the state at the start of each run; machine_keep() and machine_name() */
	void (*setup)(const struct scenario *scenario);
	explore_run_t run;   /* the code of a CPU; calls machine_fail() if it detects a fault */
	void (*check)(void); /* after each run */
	const void *data;    /* for setup */
	/* arm64: loads of a run that see a write other than the newest; 0: two */
	unsigned int stale;
	/* 0: all interleavings; otherwise the number of random ones (times the effort) */
	unsigned int random;
};

struct findings {
	uint64_t runs, states, steps;
	bool complete; /* all interleavings */
	/* otherwise all with that many deviations from running one after the other */
	unsigned int switches;
	bool failed;
};

/* Prints what was covered in a line; after a failure, the history that failed, and the shortest one
 * found. `effort` 1 is that of make check.
 */
struct findings search(const struct scenario *scenario, enum explore_memory memory,
		       unsigned int effort);

#endif
