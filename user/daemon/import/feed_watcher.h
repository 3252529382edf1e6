/* SPDX-License-Identifier: GPL-2.0-only */
/* The feed files of the configuration: each is an origin, read when it has changed and is no longer
 * being written (feed_file.h). A file that is missing, empty, cut short or without a valid line
 * changes nothing.
 */
#ifndef SLASH64_DAEMON_IMPORT_FEED_WATCHER_H
#define SLASH64_DAEMON_IMPORT_FEED_WATCHER_H

#include "config/config.h"
#include "session.h"

#define FEED_PROBLEMS_TOLD 3

struct feeds;

struct feed_state {
	const struct config_feed *config;
	time_t applied;		      /* seconds since 1970; 0: not in this run */
	time_t written;		      /* of the file that was applied */
	bool failed;		      /* at the last reading */
	bool waiting;		      /* being written */
	char failure[ERROR_TEXT_MAX]; /* the reason; "" if it has not failed */
	enum error_code code;	      /* of the reason, if it has one */
	/* milliseconds since 1970 of the last failure, even if it succeeded since; 0: never */
	int64_t failed_ms;
	uint64_t entries;
	/* lines that were not imported at the last reading, and the first of them */
	uint64_t problems;
	struct import_problem problem[FEED_PROBLEMS_TOLD];
	size_t problems_told;
	uint64_t refused; /* entries that may be accepted later: they are retried */
};

int feeds_start(struct feeds **feeds, struct turns *turns, struct imports *imports,
		const struct config *config, struct error *error);
void feeds_stop(struct feeds *feeds);

/* Changes the set of files. The blocks of a file that is removed stay, because nobody asked to
 * remove them.
 */
void feeds_configure(struct feeds *feeds, const struct config *config);

/* Why a file cannot be read, for a person; 0 if it can. */
int feeds_check(const struct config_feed *config, struct error *error);

size_t feeds_count(const struct feeds *feeds);
const struct feed_state *feeds_state(const struct feeds *feeds, size_t i);

#endif
