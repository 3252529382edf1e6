/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeps hits over a restart: the hits since the last write go into the store, at most once a minute
 * and in pieces, and are read back at a start. A kill loses the hits since then, a minute or less;
 * of more than HITS_KEPT_MAX blocks that are hit within a minute, some are written in a later one.
 */
#ifndef SLASH64_DAEMON_BLOCKS_HITS_KEPT_H
#define SLASH64_DAEMON_BLOCKS_HITS_KEPT_H

#include <stdbool.h>

#include "base/error.h"
#include "net/prefix.h"

#define HITS_KEPT_MAX  65536
#define HITS_KEPT_RUN  4096 /* sorted in about a millisecond */
#define HITS_KEPT_RUNS (HITS_KEPT_MAX / HITS_KEPT_RUN)

struct blocks;

/* How far those to be written are sorted, a run at a time, and how many of each run are written. */
struct hits_place {
	unsigned int sorted; /* runs */
	size_t written[HITS_KEPT_RUNS];
};

struct hits_kept {
	struct prefix *noted, *writing;
	size_t noted_count, writing_count, written; /* of `writing` */
	struct hits_place place;
	uint32_t since; /* seconds since 1970: a last hit before then is not noted yet */
};

int hits_kept_init(struct hits_kept *kept, struct error *error);
void hits_kept_free(struct hits_kept *kept);

/* It was hit, last at that time. */
void hits_kept_note(struct hits_kept *kept, const struct prefix *prefix, uint32_t last_hit,
		    uint32_t now);

/* Starts with those noted so far, unless the previous ones are not all written. */
void hits_kept_begin(struct hits_kept *kept, uint32_t now);
/* Sorts some of them: true, or false once all are sorted. */
bool hits_kept_sort(struct hits_kept *kept);
/* Once sorted, writes that many: 1 if there are more, 0 if not. -errno: they are retried. */
int hits_kept_write(struct blocks *blocks, unsigned int count, struct error *error);
/* All of them, at the end. */
int hits_kept_write_all(struct blocks *blocks, uint32_t now, struct error *error);

/* The stored hits of blocks that have none in memory yet. */
int hits_kept_load(struct blocks *blocks, struct error *error);

#endif
