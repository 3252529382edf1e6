/* SPDX-License-Identifier: GPL-2.0-only */
/* When a feed's file may be read: not while somebody writes it, because half a list is no list. It
 * may be read when it was replaced by rename(2), or has been unchanged for a while and nobody has
 * it open for writing.
 */
#ifndef SLASH64_DAEMON_IMPORT_FEED_FILE_H
#define SLASH64_DAEMON_IMPORT_FEED_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct feed_file {
	const char *path; /* belongs to the caller */
	int64_t debounce_ms;
	bool grows;		/* it is written without end, and is read as it is */
	struct stat seen;	/* its state when it was last read; zeroed: never */
	struct stat candidate;	/* its state when last examined */
	int64_t still_since_ms; /* CLOCK_MONOTONIC: since when the candidate is unchanged */
	bool renamed;		/* it was moved to its name as a whole */
};

enum feed_file_look {
	FEED_FILE_SAME, /* unchanged since it was read */
	FEED_FILE_WAIT, /* examine again in *wait_ms */
	FEED_FILE_READY,
};

/* Or -errno if it cannot be examined. */
int feed_file_look(struct feed_file *file, int64_t *wait_ms);

/* Something was renamed to `name`, in one of the watched directories. */
void feed_file_renamed(struct feed_file *file, const char *name);

bool feed_file_is_same(const struct stat *a, const struct stat *b);

#endif
