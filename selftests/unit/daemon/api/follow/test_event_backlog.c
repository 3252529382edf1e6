// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/api/follow/event_backlog.c */
/* A backlog has a bound, and tells what it had no room for, where that is missing. */
#include <event2/buffer.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/api/follow/event_backlog.h"

#define ROOM (2 * EVENT_LINE_MAX + 20)

static struct event_backlog backlog;

static int set_up(void **state)
{
	(void)state;
	return event_backlog_init(&backlog);
}

static int tear_down(void **state)
{
	(void)state;
	event_backlog_free(&backlog);
	return 0;
}

static bool add(const char *line)
{
	if (!event_backlog_has_room(&backlog, ROOM))
		return false;
	event_backlog_add(&backlog, line, strlen(line));
	return true;
}

static void expect(const char *text)
{
	size_t bytes = evbuffer_get_length(backlog.pending);
	char *pending = calloc(1, bytes + 1);

	evbuffer_copyout(backlog.pending, pending, bytes);
	assert_string_equal(pending, text);
	free(pending);
}

/* What the caller does, with a reader that has not taken it yet. */
static void send_all(void)
{
	event_backlog_send(&backlog);
	evbuffer_drain(backlog.pending, backlog.in_flight);
}

static void what_has_room_waits(void **state)
{
	(void)state;
	assert_true(add("one\n"));
	assert_true(add("two\n"));
	expect("one\ntwo\n");
}

static void what_has_none_is_lost_and_told_in_its_place(void **state)
{
	(void)state;
	assert_true(add("0123456789abcdefghij\n"));
	assert_false(add("lost\n"));
	send_all();
	assert_int_equal(backlog.in_flight, 21);
	assert_false(add("lost, as the first is not taken yet\n"));
	event_backlog_sent(&backlog);
	expect("{\"lost\":2}\n");
	assert_true(add("x\n"));
	expect("{\"lost\":2}\nx\n");
}

static void loss_is_told_before_the_next_event(void **state)
{
	(void)state;
	backlog.lost = 3;
	assert_true(add("x\n"));
	expect("{\"lost\":3}\nx\n");
	assert_int_equal(backlog.lost, 0);
}

static void the_bound_holds_whatever_comes(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		add("0123456789\n");
		if (i % 100 == 50)
			send_all();
		assert_true(evbuffer_get_length(backlog.pending) + backlog.in_flight <= ROOM);
	}
	assert_true(backlog.lost > 0);
}

static void an_idle_stream_has_a_sign(void **state)
{
	(void)state;
	event_backlog_add_sign(&backlog);
	expect("{\"lost\":0}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_has_room_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_has_none_is_lost_and_told_in_its_place, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(loss_is_told_before_the_next_event, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_bound_holds_whatever_comes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_idle_stream_has_a_sign, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
