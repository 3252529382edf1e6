/* SPDX-License-Identifier: GPL-2.0-only */
/* `announce` of the configuration: blocks of some origins are routes of a private table of the
 * kernel, which a routing daemon learns and announces. slash64d writes them, as it alone has the right to; it
 * speaks to nobody but the kernel.
 *
 * Blocks and routes are compared anew after each change, at most every 100 ms, and every 30 s, in
 * pieces. The routes outlive slash64d, as the blocks do.
 */
#ifndef SLASH64_DAEMON_BLACKHOLES_BLACKHOLES_H
#define SLASH64_DAEMON_BLACKHOLES_BLACKHOLES_H

#include "base/error.h"
#include "plan.h"

struct blackholes;
struct daemon;

/* Why a block is not announced. */
enum blackholes_left {
	BLACKHOLES_LENGTH,  /* longer or shorter than `prefixes` says */
	BLACKHOLES_GUARDED, /* a guard rail, or an allowed prefix */
	BLACKHOLES_DAMPENED,
	BLACKHOLES_ROOM,
	BLACKHOLES_LEFT_COUNT
};

extern const char *const blackholes_left_names[BLACKHOLES_LEFT_COUNT];

struct blackholes_counts {
	bool is_on;
	size_t announced; /* or would be, with dry_run */
	size_t left[BLACKHOLES_LEFT_COUNT];
	uint64_t added, removed, failed;
};

/* The daemon must be there until it is stopped. */
int blackholes_start(struct blackholes **blackholes, struct daemon *daemon, struct error *error);
/* Withdraws everything if the datapath is detached as well (on_exit). NULL is fine. */
void blackholes_stop(struct blackholes *blackholes);

/* The configuration of the daemon has changed. */
void blackholes_configure(struct blackholes *blackholes);

void blackholes_count(const struct blackholes *blackholes, struct blackholes_counts *counts);

#endif
