/* SPDX-License-Identifier: GPL-2.0-only */
/* The time of a turn, shared by all who have long work: however many they are, the turn is no
 * longer. Each does a piece of some PIECE_NS (turn.h), one after the other, and whoever finds no time
 * left is first in the next turn.
 */
#ifndef SLASH64_DAEMON_LOOP_TURNS_H
#define SLASH64_DAEMON_LOOP_TURNS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct event_base;
struct turns;

/* Zeroed, except for `run` and `data`. */
struct turns_share {
	void (*run)(void *data); /* a piece; may ask again, and may free the share */
	void *data;
	struct turns *turns; /* it waits for; NULL: it does not wait */
	TAILQ_ENTRY(turns_share) link;
};

/* NULL if out of memory. */
struct turns *turns_new(struct event_base *base);
/* Nobody waits any more. */
void turns_free(struct turns *turns);
struct event_base *turns_base(const struct turns *turns);

/* Its piece is done after those of all who asked before, not within this call. */
void turns_ask(struct turns *turns, struct turns_share *share);
/* It does not wait any more, if it did. */
void turns_forget(struct turns_share *share);

/* A piece was done without being asked for: there is less time for the others. */
void turns_spend(struct turns *turns, uint64_t ns);

#endif
