// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/loop/task.c user/daemon/loop/turns.c */
/* Work in pieces: others are served in between, and it ends when it is told to. */
#include <event2/event.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/loop/task.h"
#include "daemon/loop/turn.h"
#include "daemon/loop/turns.h"

#define PIECES 5

struct work {
	struct task *task;
	unsigned int pauses, served_between, served;
	bool done, frees, given_up;
	char deep[32768]; /* variables on the loop's stack and on this one keep their values */
};

static void be_busy(void)
{
	struct turn turn = turn_begin();

	while (!turn_is_over(&turn))
		;
}

static void run(void *data)
{
	volatile unsigned char here[16384]; /* on its own stack */
	struct work *work = data;

	for (size_t i = 0; i < sizeof(here); i++)
		here[i] = i;
	for (int i = 0; i < PIECES; i++) {
		unsigned int served = work->served;

		be_busy();
		for (int asked = 0; asked < 100 && !task_is_due(work->task); asked++)
			;
		task_pause(work->task);
		work->pauses++;
		work->served_between += work->served > served;
		if (task_is_given_up(work->task)) {
			work->given_up = true;
			return;
		}
	}
	for (size_t i = 0; i < sizeof(here); i++)
		assert_int_equal(here[i], (unsigned char)i);
}

static void done(void *data)
{
	struct work *work = data;

	work->done = true;
	if (work->frees)
		task_free(work->task);
}

static void on_other(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	((struct work *)data)->served++;
}

static void others_are_served_between_the_pieces(void **state)
{
	struct event_base *base = event_base_new();
	struct turns *turns = turns_new(base);
	struct work work = {.frees = true};
	struct event *other;
	int ends[2];

	(void)state;
	/* asks all the time: a timer may be late by one kernel tick */
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	other = event_new(base, ends[0], EV_READ | EV_PERSIST, on_other, &work);
	event_add(other, NULL);
	work.task = task_new(turns);
	task_run(work.task, run, done, &work);
	assert_false(work.done);
	assert_true(task_is_busy(work.task));
	while (!work.done)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(work.pauses, PIECES);
	/* except for the last one, which may have ended before another turn */
	assert_true(work.served_between >= PIECES - 1);
	event_free(other);
	close(ends[0]);
	close(ends[1]);
	turns_free(turns);
	event_base_free(base);
}

static void it_can_be_brought_to_its_end_at_once_and_run_again(void **state)
{
	struct event_base *base = event_base_new();
	struct turns *turns = turns_new(base);
	struct work work = {};

	(void)state;
	work.task = task_new(turns);
	for (int i = 1; i <= 3; i++) {
		work.done = false;
		task_run(work.task, run, done, &work);
		assert_false(work.done);
		task_finish(work.task);
		assert_true(work.done);
		assert_false(task_is_busy(work.task));
		assert_int_equal(work.pauses, PIECES * i);
	}
	task_free(work.task);
	turns_free(turns);
	event_base_free(base);
}

static void what_nobody_waits_for_ends_when_it_looks(void **state)
{
	struct event_base *base = event_base_new();
	struct turns *turns = turns_new(base);
	struct work work = {};

	(void)state;
	work.task = task_new(turns);
	task_run(work.task, run, done, &work);
	task_give_up(work.task);
	assert_true(work.done && work.given_up);
	assert_int_equal(work.pauses, 1);
	task_free(work.task);
	turns_free(turns);
	event_base_free(base);
}

static void run_short(void *data)
{
	((struct work *)data)->pauses++;
}

static void what_is_short_is_done_when_it_returns(void **state)
{
	struct event_base *base = event_base_new();
	struct turns *turns = turns_new(base);
	struct work work = {};

	(void)state;
	work.task = task_new(turns);
	task_run(work.task, run_short, done, &work);
	assert_true(work.done);
	assert_int_equal(work.pauses, 1);
	task_free(work.task);
	turns_free(turns);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_are_served_between_the_pieces),
		cmocka_unit_test(it_can_be_brought_to_its_end_at_once_and_run_again),
		cmocka_unit_test(what_nobody_waits_for_ends_when_it_looks),
		cmocka_unit_test(what_is_short_is_done_when_it_returns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
