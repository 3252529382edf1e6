/* SPDX-License-Identifier: GPL-2.0-only */
/* What is kept of a feed between two runs, in NAME.state: when it may be asked again, and by what the
 * server knows the version that we have.
 */
#ifndef SLASH64_ADAPTERS_FETCH_KEPT_H
#define SLASH64_ADAPTERS_FETCH_KEPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define KEPT_TEXT_MAX 512
#define KEPT_RETRY_S  3600 /* after a failure; publishers ask for an hour at least */

struct kept {
	int64_t next_s;	   /* since 1970: not before */
	int64_t success_s; /* when a list, or "not modified", came last; 0: never */
	int64_t failures;  /* since then */
	int64_t entries;   /* of the list */
	char etag[KEPT_TEXT_MAX], modified[KEPT_TEXT_MAX]; /* as the server wrote them */
};

/* One that is not there, or damaged, is all zero. */
void kept_read(struct kept *kept, const char *directory, const char *name);
int kept_write(const struct kept *kept, const char *directory, const char *name,
	       struct error *error);

/* Writes a file whole, or not at all: replaced by rename. */
int kept_replace(const char *path, const char *text, size_t bytes, struct error *error);

/* After an attempt. `retry_s`: what the server has asked for; 0: nothing. */
void kept_succeed(struct kept *kept, int64_t now_s, int64_t every_s);
void kept_fail(struct kept *kept, int64_t now_s, int64_t every_s, int64_t retry_s);

#endif
