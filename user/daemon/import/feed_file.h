/* SPDX-License-Identifier: GPL-2.0-only */
/* When the file of a feed may be read: not while somebody writes it, as half a list is not one. It may be read when it was
 * replaced by rename(2), or has been still for a while and nobody has it open for writing.
 */
#ifndef SLASH64_DAEMON_FEED_FILE_H
#define SLASH64_DAEMON_FEED_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct feed_file {
	const char *path; /* the owner's */
	int64_t settle_ms;
	bool grows;		/* it is written for ever, and is read as it is */
	struct stat seen;	/* as it was last read; zeroed: never */
	struct stat candidate;	/* as it was last looked at */
	int64_t still_since_ms; /* CLOCK_MONOTONIC: since when the candidate is as it is */
	bool renamed;		/* it came whole, by its name */
};

enum feed_file_look {
	FEED_FILE_SAME, /* as it was read */
	FEED_FILE_WAIT, /* look again in *wait_ms */
	FEED_FILE_READY,
};

/* Or -errno, where it cannot be looked at. */
int feed_file_look(struct feed_file *file, int64_t *wait_ms);

/* Something was renamed to `name`, in one of the directories that are watched. */
void feed_file_renamed(struct feed_file *file, const char *name);

bool feed_file_is_same(const struct stat *a, const struct stat *b);

#endif
