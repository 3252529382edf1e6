/* SPDX-License-Identifier: GPL-2.0-only */
/* The fuse of what slash64d does by itself: so many actions an hour, and so much of the traffic.
 * Once it has blown, nothing is done for an hour.
 */
#ifndef SLASH64_DAEMON_DETECT_FUSE_H
#define SLASH64_DAEMON_DETECT_FUSE_H

#include <stdbool.h>
#include <stdint.h>

#define FUSE_ACTIONS_MAX 1000 /* the maximum of the configuration */
#define FUSE_SPAN_MS	 3600000

struct fuse {
	uint64_t at_ms[FUSE_ACTIONS_MAX]; /* the latest actions, in a ring */
	uint64_t actions;		  /* ever */
	uint64_t blown_ms;		  /* when it blew; 0: it has not */
	uint64_t blown;			  /* how often, ever */
};

enum fuse_answer {
	FUSE_HOLDS,
	FUSE_BLOWS_BY_ACTIONS, /* just now: told once */
	FUSE_BLOWS_BY_SHARE,
	FUSE_HAS_BLOWN,
};

/* May one more be done? `share`: of all traffic that it and the earlier ones in force hit. */
enum fuse_answer fuse_ask(struct fuse *fuse, uint64_t now_ms, uint32_t actions_per_hour,
			  double share, double share_max);
/* What was done, or that it blew, so long before `now_ms`, before slash64d was started. In order. */
void fuse_recall(struct fuse *fuse, uint64_t now_ms, int64_t age_ms, bool has_blown);
/* It was done. */
void fuse_count(struct fuse *fuse, uint64_t now_ms);
bool fuse_has_blown(const struct fuse *fuse, uint64_t now_ms);

#endif
