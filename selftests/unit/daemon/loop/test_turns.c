// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/loop/turns.c */
/* Whoever has long work shares the time of a turn with all others who have some (issue 13, line 9:
 * sixteen readers of lists had a millisecond each, and so had every feed, in the same turn).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/loop/turn.h"
#include "daemon/loop/turns.h"

#define WORKERS 32
/* As many pieces as fit, and the one that began before. */
#define PIECES_MAX (TURN_NS / PIECE_NS - 1)

struct worker {
	struct turns_share share;
	unsigned int pieces, left;
};

static struct event_base *base;
static struct turns *turns;
static struct worker worker[WORKERS];
static unsigned int pieces;

static void work(void *data)
{
	struct worker *self = data;
	struct turn turn = turn_begin();

	while (!turn_is_over(&turn))
		;
	self->pieces++;
	pieces++;
	if (--self->left)
		turns_ask(turns, &self->share);
}

static void nothing(void *data)
{
	((struct worker *)data)->pieces++;
}

static int set_up(void **state)
{
	(void)state;
	base = event_base_new();
	turns = turns_new(base);
	pieces = 0;
	for (int i = 0; i < WORKERS; i++)
		worker[i] = (struct worker){.share = {.run = work, .data = &worker[i]}, .left = 3};
	return !turns;
}

static int tear_down(void **state)
{
	(void)state;
	turns_free(turns);
	turns_free(NULL);
	event_base_free(base);
	return 0;
}

static unsigned int next_turn(void)
{
	unsigned int before = pieces;

	event_base_loop(base, EVLOOP_ONCE);
	return pieces - before;
}

static void many_with_long_work_make_no_turn_longer(void **state)
{
	(void)state;
	for (int i = 0; i < WORKERS; i++)
		turns_ask(turns, &worker[i].share);
	assert_int_equal(pieces, 0);
	while (pieces < WORKERS * 3) {
		unsigned int now = next_turn();

		assert_true(now >= 1 && now <= PIECES_MAX);
	}
}

static void nobody_gets_a_second_piece_before_the_others_have_had_one(void **state)
{
	(void)state;
	for (int i = 0; i < WORKERS; i++)
		turns_ask(turns, &worker[i].share);
	while (pieces < WORKERS * 2) {
		unsigned int least = 3, most = 0;

		next_turn();
		for (int i = 0; i < WORKERS; i++) {
			least = worker[i].pieces < least ? worker[i].pieces : least;
			most = worker[i].pieces > most ? worker[i].pieces : most;
		}
		assert_true(most - least <= 1);
	}
}

static void whoever_asks_again_waits_for_the_next_turn(void **state)
{
	(void)state;
	turns_ask(turns, &worker[0].share);
	turns_ask(turns, &worker[0].share); /* once is enough */
	assert_int_equal(next_turn(), 1);
	assert_int_equal(next_turn(), 1);
	assert_int_equal(next_turn(), 1);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(pieces, 3);
}

static void whoever_no_longer_wants_one_gets_none(void **state)
{
	(void)state;
	turns_ask(turns, &worker[0].share);
	turns_ask(turns, &worker[1].share);
	turns_forget(&worker[0].share);
	turns_forget(&worker[0].share);
	next_turn();
	assert_int_equal(worker[0].pieces, 0);
	assert_int_equal(worker[1].pieces, 1);
	turns_forget(&worker[1].share);
}

static void work_that_was_not_asked_for_takes_time_from_the_others(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		worker[i].share.run = nothing;
		turns_ask(turns, &worker[i].share);
	}
	turns_spend(turns, TURN_NS);
	event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(worker[0].pieces + worker[1].pieces, 1); /* at least one, always */
	event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(worker[0].pieces + worker[1].pieces, 2);
	/* a new turn */
	for (int i = 0; i < 2; i++)
		turns_ask(turns, &worker[i].share);
	event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(worker[0].pieces + worker[1].pieces, 4);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(many_with_long_work_make_no_turn_longer),
		TEST(nobody_gets_a_second_piece_before_the_others_have_had_one),
		TEST(whoever_asks_again_waits_for_the_next_turn),
		TEST(whoever_no_longer_wants_one_gets_none),
		TEST(work_that_was_not_asked_for_takes_time_from_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
