/* SPDX-License-Identifier: GPL-2.0-only */
/* The feed files of the configuration: each is an origin, read when it has changed and is written no more
 * (feed_file.h). A file that is gone, empty, cut short or without a line that makes sense changes nothing.
 */
#ifndef SLASH64_DAEMON_FEEDS_H
#define SLASH64_DAEMON_FEEDS_H

#include "config/config.h"
#include "session.h"

struct feeds;

struct feed_state {
	const struct config_feed *config;
	time_t applied;		      /* seconds since 1970; 0: never by this run */
	bool failed;		      /* the last time it was read */
	bool waiting;		      /* it is being written */
	char failure[ERROR_TEXT_MAX]; /* why; "" where it has not failed */
	/* milliseconds since 1970, when it failed last, also where it was taken since; 0: never */
	int64_t failed_ms;
	uint64_t entries, problems;
	uint64_t refused; /* entries, of which some may be taken later: they are tried again */
};

int feeds_start(struct feeds **feeds, struct event_base *base, struct imports *imports,
		const struct config *config, struct error *error);
void feeds_stop(struct feeds *feeds);

/* Other files. The blocks of one that is not among them any more stay, as nobody said they should go. */
void feeds_configure(struct feeds *feeds, const struct config *config);

/* Why a file cannot be read, for a person; 0 where it can. */
int feeds_check(const struct config_feed *config, struct error *error);

size_t feeds_count(const struct feeds *feeds);
const struct feed_state *feeds_state(const struct feeds *feeds, size_t i);

#endif
