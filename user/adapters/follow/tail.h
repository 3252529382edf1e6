/* SPDX-License-Identifier: GPL-2.0-only */
/* Follows a log that is written, renamed and truncated by others, line by line, from where it stopped. The
 * place is kept on disk, and is moved only when the caller says that the lines before it are done: a
 * line may come twice, but none is lost.
 */
#ifndef SLASH64_ADAPTERS_FOLLOW_TAIL_H
#define SLASH64_ADAPTERS_FOLLOW_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define TAIL_LINE_MAX (1 << 20) /* a longer line is skipped */
#define TAIL_HEAD_MAX 256	/* bytes at the start of a file, by which it is known again */

struct tail;

/* `begins`: another file begins, or the same one anew. `line`: without its end. */
struct tail_callbacks {
	void (*begins)(void *data);
	void (*line)(const char *line, size_t bytes, void *data);
	void *data;
};

/* `cursor`: the file with the place. The first time, what comes from now on is read. */
int tail_open(struct tail **tail, const char *file, const char *cursor,
	      const struct tail_callbacks *callbacks, struct error *error);
void tail_close(struct tail *tail);

/* Passes on what is there, at most so many bytes. 1: there is more; 0: there is not, or no file yet; -errno
 * with *error set.
 */
int tail_read(struct tail *tail, size_t bytes_max, struct error *error);

/* What tail_read() has passed on is done: keeps the place. */
int tail_keep(struct tail *tail, struct error *error);

/* Lines that were too long, and files that were gone before they were read to their ends. */
uint64_t tail_skipped(const struct tail *tail);
uint64_t tail_lost(const struct tail *tail);

#endif
