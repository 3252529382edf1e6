/* SPDX-License-Identifier: GPL-2.0-only */
/* A turn of the loop: others are served after it, whatever there is to do. Long work is done in
 * pieces that end when the turn is over.
 */
#ifndef SLASH64_DAEMON_LOOP_TURN_H
#define SLASH64_DAEMON_LOOP_TURN_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define TURN_NS	 5000000ULL
#define PIECE_NS 2000000ULL /* of work that can pause: there may be two pieces in a turn */

struct turn {
	uint64_t began_ns; /* CLOCK_MONOTONIC */
};

static inline uint64_t turn_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + now.tv_nsec;
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

/* How much work to start at once if it cannot pause: twice as much if it took less than half a
 * turn, half as much if it took longer than one.
 */
static inline unsigned int turn_fit(unsigned int amount, uint64_t taken_ns, unsigned int least,
				    unsigned int most)
{
	if (taken_ns < TURN_NS / 2 && amount <= most / 2)
		return amount * 2;
	if (taken_ns > TURN_NS && amount / 2 >= least)
		return amount / 2;
	return amount;
}

#endif
