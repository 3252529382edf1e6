/* SPDX-License-Identifier: GPL-2.0-only */
/* A row of the store that is kept for a while: what was, for the answer, for the log, and for undo. */
#ifndef SLASH64_DAEMON_BLOCK_COPY_H
#define SLASH64_DAEMON_BLOCK_COPY_H

#include <stdbool.h>

#include "base/error.h"
#include "store.h"

struct block_copy {
	bool found;
	struct store_block row; /* its texts are the copy's own */
};

/* -ENOMEM, and *copy is as it was. */
int block_copy_take(struct block_copy *copy, const struct store_block *row);
void block_copy_free(struct block_copy *copy);

/* What the origin said of just that, if it has not ended: copy->found. */
int block_copy_find(struct store *store, const struct prefix *prefix, const char *origin,
		    const struct prefix *said, struct block_copy *copy, struct error *error);

/* NULL is as good as "". */
bool block_same_text(const char *a, const char *b);
/* Do they say the same, whenever it was said first? */
bool block_says_same(const struct store_block *a, const struct store_block *b);

/* "before: until 2026-11-26T20:00:00Z, reason 'echo flood'": in what they differ; "" where they do not. */
#define BLOCK_BEFORE_MAX 768
const char *block_before(const struct store_block *before, const struct store_block *now,
			 char text[BLOCK_BEFORE_MAX]);

#endif
