/* SPDX-License-Identifier: GPL-2.0-only */
/* A turn of the loop: others are served after it, whatever there is to do. Long work is done in
 * pieces that end when their share of it is over.
 */
#ifndef SLASH64_DAEMON_LOOP_TURN_H
#define SLASH64_DAEMON_LOOP_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define TURN_NS	 5000000ULL
#define PIECE_NS 1000000ULL    /* of work that can pause: there may be several pieces in a turn */
#define WHOLE_NS (TURN_NS / 2) /* of work that cannot */

struct turn {
	uint64_t began_ns; /* CLOCK_MONOTONIC */
};

static inline uint64_t turn_now_ns(void)
{
	return clock_monotonic_ns();
}

static inline struct turn turn_begin(void)
{
	return (struct turn){turn_now_ns()};
}

static inline uint64_t turn_taken_ns(const struct turn *turn)
{
	return turn_now_ns() - turn->began_ns;
}

static inline bool turn_is_over(const struct turn *turn)
{
	return turn_taken_ns(turn) >= PIECE_NS;
}

/* How much work to start at once if it cannot pause: half as much if it took too long, twice as
 * much if even that would take less.
 */
static inline unsigned int turn_fit(unsigned int amount, uint64_t taken_ns, unsigned int least,
				    unsigned int most)
{
	if (taken_ns < WHOLE_NS / 3 && amount <= most / 2)
		return amount * 2;
	if (taken_ns > WHOLE_NS && amount / 2 >= least)
		return amount / 2;
	return amount;
}

#endif
