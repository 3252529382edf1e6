// SPDX-License-Identifier: GPL-2.0-only
#include "shrink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model.h"

#define SHRINK_S 60 /* at most */

bool *shrink_kept;

static char rule[sizeof(((struct world *)NULL)->failed_rule)];

/* Is the promise still broken? */
static bool fails(uint64_t seed, unsigned int steps)
{
	return !history_run(seed, steps) && !strcmp(world->failed_rule, rule);
}

static unsigned int count_kept(unsigned int steps)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < steps; i++)
		count += shrink_kept[i];
	return count;
}

/* Leaves out pieces, ever smaller ones, as long as it fails without them. */
static void shrink(uint64_t seed, unsigned int steps)
{
	time_t end = time(NULL) + SHRINK_S;
	bool *before = malloc(steps);

	for (unsigned int piece = steps / 2; piece && time(NULL) < end; piece /= 2) {
		bool any;

		do {
			any = false;
			for (unsigned int at = 0; at < steps && time(NULL) < end; at += piece) {
				unsigned int n = at + piece < steps ? piece : steps - at;

				memcpy(before, shrink_kept, steps);
				memset(shrink_kept + at, 0, n);
				if (!memcmp(before, shrink_kept, steps))
					continue;
				if (fails(seed, steps))
					any = true;
				else
					memcpy(shrink_kept, before, steps);
			}
		} while (any && piece == 1 && time(NULL) < end);
	}
	free(before);
}

void shrink_tell(uint64_t seed, bool shrinks)
{
	unsigned int steps = world->at;

	strcpy(rule, world->failed_rule);
	printf("# FAILED: %s: %s\n", world->failed_rule, world->failure);
	printf("# the history of seed %llu, at step %u\n", (unsigned long long)seed, world->at);
	printf("#   %s\n", model->words);
	fflush(stdout);
	if (!shrinks || !steps)
		return;
	world->tells = false;
	shrink_kept = malloc(steps);
	memset(shrink_kept, 1, steps);
	if (!fails(seed, steps)) {
		printf("# it does not happen again\n");
		return;
	}
	shrink(seed, steps);
	printf("# the same in %u steps:\n", count_kept(steps));
	fflush(stdout);
	world->tells = true;
	fails(seed, steps);
	printf("# FAILED: %s: %s\n", world->failed_rule, world->failure);
}
