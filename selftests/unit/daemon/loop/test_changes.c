// SPDX-License-Identifier: GPL-2.0-only
/* Changes run one at a time; a long one pauses, and later ones wait until it has ended. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/loop/changes.h"
#include "daemon/loop/turn.h"
#include "daemon/loop/turns.h"
#include "maps/packets_wait.h"

static struct event_base *base;
static struct turns *turns;
static struct changes *changes;
static char order[64];
static int pauses, paused;
static _Atomic int waited; /* for packets, to the end */

void packets_wait(void)
{
	usleep(20000);
	waited++;
}

static int set_up(void **state)
{
	struct error error;

	order[0] = '\0';
	pauses = paused = 0;
	base = event_base_new();
	turns = turns_new(base);
	return changes_start(&changes, turns, &error);
}

static int tear_down(void **state)
{
	changes_stop(changes);
	changes_stop(NULL);
	turns_free(turns);
	event_base_free(base);
	return 0;
}

static void until_none_runs(void)
{
	while (changes_are_busy(changes))
		event_base_loop(base, EVLOOP_ONCE);
}

static void note(void *data)
{
	strcat(order, data);
}

/* Notes "(" at its start and ")" at its end, with a pause between. */
static void pausing(void *data)
{
	strcat(order, data);
	strcat(order, "(");
	changes_pause(changes);
	strcat(order, ")");
}

static void on_pause(void *data, bool is_paused)
{
	pauses += is_paused;
	paused = is_paused;
}

static void a_change_runs_at_once_where_none_runs(void **state)
{
	changes_run(changes, note, "a");
	assert_string_equal(order, "a");
	assert_false(changes_are_busy(changes));
}

static void later_ones_wait_in_order_for_one_that_pauses(void **state)
{
	changes_on_pause(changes, on_pause, NULL);
	changes_run(changes, pausing, "a");
	assert_true(changes_are_busy(changes));
	assert_int_equal(paused, 1);
	changes_run(changes, note, "b");
	changes_run(changes, note, "c");
	assert_string_equal(order, "a(");
	until_none_runs();
	assert_string_equal(order, "a()bc");
	assert_int_equal(pauses, 1);
	assert_int_equal(paused, 0);
	assert_false(changes_are_busy(changes));
}

static void waiting(void *data)
{
	strcat(order, data);
	strcat(order, "[");
	changes_wait_for_packets(changes);
	strcat(order, "]");
}

static void on_other(evutil_socket_t fd, short what, void *data)
{
	strcat(order, data);
}

/* Issue 13, line 9: the loop waited with it, for up to 50 ms. */
static void others_are_served_while_a_change_waits_for_packets(void **state)
{
	static const struct timeval soon = {0, 1000};
	int before = waited;

	changes_on_pause(changes, on_pause, NULL);
	changes_run(changes, waiting, "a");
	assert_string_equal(order, "a[");
	event_base_once(base, -1, EV_TIMEOUT, on_other, "o", &soon);
	changes_run(changes, note, "b");
	until_none_runs();
	assert_string_equal(order, "a[o]b");
	assert_int_equal(pauses, 1);
	assert_int_equal(waited, before + 1);
	/* in a hurry it is waited for, and so it is elsewhere than in a change */
	order[0] = '\0';
	before = waited;
	changes_run(changes, waiting, "a");
	changes_finish(changes);
	assert_string_equal(order, "a[]");
	assert_true(waited > before);
	before = waited;
	changes_wait_for_packets(changes);
	changes_wait_for_packets(NULL);
	assert_true(waited >= before + 2);
}

static void nested(void *data)
{
	strcat(order, "<");
	assert_false(changes_are_busy(changes));
	changes_run(changes, note, data);
	strcat(order, ">");
}

static void a_change_within_a_change_is_a_part_of_it(void **state)
{
	changes_run(changes, nested, "a");
	assert_string_equal(order, "<a>");
}

static void waiting_ones_can_be_forgotten_by_their_data(void **state)
{
	static char b[] = "b", c[] = "c";

	changes_run(changes, pausing, "a");
	changes_run(changes, note, b);
	changes_run(changes, note, c);
	changes_forget(changes, b);
	until_none_runs();
	assert_string_equal(order, "a()c");
	/* changes queued after a forgotten last one still run */
	order[0] = '\0';
	changes_run(changes, pausing, "a");
	changes_run(changes, note, c);
	changes_forget(changes, c);
	changes_run(changes, note, b);
	until_none_runs();
	assert_string_equal(order, "a()b");
}

static void all_can_be_finished_now(void **state)
{
	changes_run(changes, pausing, "a");
	changes_run(changes, pausing, "b");
	changes_run(changes, note, "c");
	changes_finish(changes);
	assert_string_equal(order, "a()b()c");
	assert_false(changes_are_busy(changes));
}

static void elsewhere_nothing_pauses(void **state)
{
	changes_pause(changes);
	changes_pause(NULL);
	changes_breathe(changes);
	changes_breathe(NULL);
	assert_false(changes_are_due(changes));
	assert_false(changes_are_due(NULL));
	assert_false(changes_are_busy(NULL));
	changes_run(NULL, note, "a");
	assert_string_equal(order, "a");
	changes_finish(NULL);
	changes_forget(NULL, NULL);
}

static void breathing(void *data)
{
	while (!pauses)
		changes_breathe(changes);
	strcat(order, "!");
}

static void one_that_breathes_pauses_when_its_turn_is_over(void **state)
{
	changes_on_pause(changes, on_pause, NULL);
	changes_run(changes, breathing, NULL);
	assert_string_equal(order, "");
	until_none_runs();
	assert_string_equal(order, "!");
	assert_int_equal(pauses, 1);
}

/* issue 13, line 9: the clock was read at each 16th check, whatever was done between two of them. */
static void working_long(void *data)
{
	struct turn turn = turn_begin();

	while (!turn_is_over(&turn))
		;
	changes_breathe_long(changes);
	strcat(order, data);
}

static void one_that_works_long_pauses_at_the_first_check(void **state)
{
	changes_run(changes, working_long, "a");
	assert_string_equal(order, "");
	assert_true(changes_are_busy(changes));
	changes_finish(changes);
	assert_string_equal(order, "a");
	changes_breathe_long(changes);
	changes_breathe_long(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_change_runs_at_once_where_none_runs, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(later_ones_wait_in_order_for_one_that_pauses,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(others_are_served_while_a_change_waits_for_packets,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_change_within_a_change_is_a_part_of_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(waiting_ones_can_be_forgotten_by_their_data, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(all_can_be_finished_now, set_up, tear_down),
		cmocka_unit_test_setup_teardown(elsewhere_nothing_pauses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_breathes_pauses_when_its_turn_is_over,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_works_long_pauses_at_the_first_check,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
