/* SPDX-License-Identifier: GPL-2.0-only */
/* A copy of a row of the store: the previous state, for the answer, the log and undo. */
#ifndef SLASH64_DAEMON_STORE_BLOCK_COPY_H
#define SLASH64_DAEMON_STORE_BLOCK_COPY_H

#include <stdbool.h>

#include "base/error.h"
#include "store.h"

struct block_copy {
	bool found;
	struct store_block row; /* its texts belong to the copy */
};

/* -ENOMEM: *copy is unchanged. */
int block_copy_take(struct block_copy *copy, const struct store_block *row);
void block_copy_free(struct block_copy *copy);

/* Copies the origin's row for exactly that, if it has not expired: copy->found. */
int block_copy_find(struct store *store, const struct prefix *prefix, const char *origin,
		    const struct prefix *said, struct block_copy *copy, struct error *error);

/* NULL is as good as "". */
bool block_same_text(const char *a, const char *b);
/* Are they equal, except for when they were first written? */
bool block_says_same(const struct store_block *a, const struct store_block *b);

/* "before: until 2026-11-26T20:00:00Z, reason 'echo flood'": the differences; "" if there are none.
 */
#define BLOCK_BEFORE_MAX 768
const char *block_before(const struct store_block *before, const struct store_block *now,
			 char text[BLOCK_BEFORE_MAX]);

#endif
