/* SPDX-License-Identifier: GPL-2.0-only */
/* Hits over a restart: what was hit since it was last written down goes into the store, at most once a minute and in
 * pieces, and comes back from there at a start. Killed, slash64d loses what was counted since then, a minute or less; of more
 * than HITS_KEPT_MAX blocks that are hit within a minute, some are written in a later one.
 */
#ifndef SLASH64_DAEMON_HITS_KEPT_H
#define SLASH64_DAEMON_HITS_KEPT_H

#include <stdbool.h>

#include "base/error.h"
#include "net/prefix.h"

#define HITS_KEPT_MAX  65536
#define HITS_KEPT_RUN  4096 /* sorted in about a millisecond */
#define HITS_KEPT_RUNS (HITS_KEPT_MAX / HITS_KEPT_RUN)

struct blocks;

/* How far those that are written are sorted, a run of them at a time, and of each run, how many are written. */
struct hits_place {
	unsigned int sorted; /* runs */
	size_t written[HITS_KEPT_RUNS];
};

struct hits_kept {
	struct prefix *noted, *writing;
	size_t noted_count, writing_count, written; /* of `writing` */
	struct hits_place place;
	uint32_t since; /* seconds since 1970: what was hit last before then is not noted yet */
};

int hits_kept_init(struct hits_kept *kept, struct error *error);
void hits_kept_free(struct hits_kept *kept);

/* It is hit, and was last hit then. */
void hits_kept_note(struct hits_kept *kept, const struct prefix *prefix, uint32_t last_hit,
		    uint32_t now);

/* Begin with what is noted by now, unless the last is not all written. */
void hits_kept_begin(struct hits_kept *kept, uint32_t now);
/* Sort some of it: true, and false where all of it is. */
bool hits_kept_sort(struct hits_kept *kept);
/* Write so many of it, when it is sorted: 1 where there is more, 0 where there is none. -errno: they are tried again. */
int hits_kept_write(struct blocks *blocks, unsigned int count, struct error *error);
/* All of it, at the end. */
int hits_kept_write_all(struct blocks *blocks, uint32_t now, struct error *error);

/* What the store has of blocks that nobody has counted yet. */
int hits_kept_load(struct blocks *blocks, struct error *error);

#endif
