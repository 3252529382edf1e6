// SPDX-License-Identifier: GPL-2.0-only
#include "turns.h"

#include <event2/event.h>
#include <stdlib.h>

#include "turn.h"

/* The last piece may begin just before, and other events have their share too. */
#define SHARED_NS (TURN_NS * 2 / 5)

TAILQ_HEAD(turns_shares, turns_share);

struct turns {
	struct event_base *base;
	struct event *next;
	struct turns_shares waiting;
	uint64_t spent_ns; /* in this turn */
};

/* A timer, because an event made active would run before sockets are polled. It runs after the
 * requests of its turn, whose pieces are spent by then.
 */
static void plan(struct turns *turns)
{
	static const struct timeval now = {0, 0};

	if (!event_pending(turns->next, EV_TIMEOUT, NULL))
		event_add(turns->next, &now);
}

static void run_first(struct turns *turns)
{
	struct turns_share *share = TAILQ_FIRST(&turns->waiting);
	struct turn turn = turn_begin();

	turns_forget(share);
	share->run(share->data);
	turns->spent_ns += turn_taken_ns(&turn);
}

/* At least one piece, and each of those that wait now at most once. */
static void on_next(evutil_socket_t fd, short what, void *data)
{
	struct turns *turns = data;
	struct turns_share *last = TAILQ_LAST(&turns->waiting, turns_shares), *share;

	(void)fd;
	(void)what;
	do {
		share = TAILQ_FIRST(&turns->waiting);
		if (share)
			run_first(turns);
	} while (share && share != last && turns->spent_ns < SHARED_NS);
	turns->spent_ns = 0;
	if (!TAILQ_EMPTY(&turns->waiting))
		plan(turns);
}

struct turns *turns_new(struct event_base *base)
{
	struct turns *turns = calloc(1, sizeof(*turns));

	if (!turns)
		return NULL;
	turns->base = base;
	TAILQ_INIT(&turns->waiting);
	turns->next = event_new(base, -1, 0, on_next, turns);
	if (turns->next)
		return turns;
	free(turns);
	return NULL;
}

void turns_free(struct turns *turns)
{
	if (!turns)
		return;
	event_free(turns->next);
	free(turns);
}

struct event_base *turns_base(const struct turns *turns)
{
	return turns->base;
}

void turns_ask(struct turns *turns, struct turns_share *share)
{
	if (share->turns)
		return;
	share->turns = turns;
	TAILQ_INSERT_TAIL(&turns->waiting, share, link);
	plan(turns);
}

void turns_forget(struct turns_share *share)
{
	if (!share->turns)
		return;
	TAILQ_REMOVE(&share->turns->waiting, share, link);
	share->turns = NULL;
}

void turns_spend(struct turns *turns, uint64_t ns)
{
	turns->spent_ns += ns;
	if (turns->spent_ns >= SHARED_NS)
		plan(turns);
}
