// SPDX-License-Identifier: GPL-2.0-only
/* The queue on disk: bounded, in order, and the same after it was opened again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "notify/queue.h"

static char directory[64];
static struct queue *queue;
static struct error error;
static char log[QUEUE_LOG_MAX];

static void open_queue(uint32_t max)
{
	if (queue_open(&queue, directory, max, &error))
		fail_msg("%s", error.text);
}

static int make(void **state)
{
	strcpy(directory, "/tmp/slash64-queue-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int drop(void **state)
{
	char command[128];

	queue_close(queue);
	queue = NULL;
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

static void add(int64_t number, const char *text)
{
	assert_int_equal(queue_add(queue, number, text, &error), 0);
}

/* The next change is this one; it is taken. */
static void takes(const char *receiver, const char *wanted)
{
	char *text = NULL;
	int64_t place;

	assert_int_equal(queue_next(queue, receiver, &place, &text, &error), 0);
	assert_string_equal(text, wanted);
	free(text);
	assert_int_equal(queue_done(queue, receiver, place, 0, &error), 0);
}

static void has_none(const char *receiver)
{
	char *text;
	int64_t place;

	assert_int_equal(queue_next(queue, receiver, &place, &text, &error), 1);
}

static void receivers_take_at_their_own_pace(void **state)
{
	const char *const names[] = {"a", "b", NULL};

	open_queue(100);
	assert_int_equal(queue_set_receivers(queue, names, &error), 0);
	has_none("a");
	add(7, "seven");
	add(8, "eight");
	takes("a", "seven");
	takes("a", "eight");
	has_none("a");
	assert_int_equal(queue_waiting(queue, "a"), 0);
	assert_int_equal(queue_waiting(queue, "b"), 2);
	takes("b", "seven");
	assert_int_equal(queue_waiting(queue, "b"), 1);
}

static void it_goes_on_after_it_was_opened_again(void **state)
{
	const char *const names[] = {"a", NULL};
	int64_t position;

	open_queue(100);
	assert_int_equal(queue_position(queue, &position, log, &error), 0);
	assert_int_equal(position, -1);
	assert_int_equal(queue_set_receivers(queue, names, &error), 0);
	assert_int_equal(queue_set_position(queue, 0, "L", &error), 0);
	add(1, "one");
	add(2, "two");
	takes("a", "one");
	queue_close(queue);
	open_queue(100);
	assert_int_equal(queue_set_receivers(queue, names, &error), 0);
	assert_int_equal(queue_position(queue, &position, log, &error), 0);
	assert_int_equal(position, 2);
	takes("a", "two");
	has_none("a");
}

static void a_new_receiver_is_told_what_comes_and_an_old_one_holds_nothing_up(void **state)
{
	const char *const before[] = {"a", "slow", NULL}, *const after[] = {"a", "new", NULL};

	open_queue(2);
	assert_int_equal(queue_set_receivers(queue, before, &error), 0);
	add(1, "one");
	add(2, "two");
	assert_int_equal(queue_add(queue, 3, "three", &error), -ENOSPC);
	takes("a", "one");
	queue_close(queue);
	open_queue(2);
	assert_int_equal(queue_set_receivers(queue, after, &error), 0);
	has_none("new");
	takes("a", "two");
	add(3, "three");
	takes("new", "three");
	takes("a", "three");
}

static void a_full_queue_takes_nothing_and_keeps_its_position(void **state)
{
	const char *const names[] = {"a", NULL};
	int64_t position;

	open_queue(3);
	assert_int_equal(queue_set_receivers(queue, names, &error), 0);
	for (int i = 1; i <= 3; i++)
		add(i, "x");
	assert_int_equal(queue_add(queue, 4, "y", &error), -ENOSPC);
	assert_int_equal(queue_position(queue, &position, log, &error), 0);
	assert_int_equal(position, 3);
	takes("a", "x");
	add(4, "y");
	assert_int_equal(queue_add(queue, 5, "z", &error), -ENOSPC);
}

/* open-13, 10 */
static void one_that_takes_nothing_does_not_fill_it_for_the_others(void **state)
{
	const char *const names[] = {"a", "dead", NULL};
	struct queue_gap gap;
	int64_t place;
	char *text;

	open_queue(3);
	assert_int_equal(queue_set_receivers(queue, names, &error), 0);
	assert_int_equal(queue_set_position(queue, 10, "L", &error), 0);
	for (int i = 11; i <= 13; i++)
		add(i, "x");
	/* neither has taken anything: both may be dead, and nothing is lost */
	assert_int_equal(queue_add(queue, 14, "y", &error), -ENOSPC);
	assert_int_equal(queue_next(queue, "dead", &place, &text, &error), 0);
	free(text);
	takes("a", "x");
	add(14, "y");
	assert_int_equal(queue_gap(queue, "a", &gap, &error), 1);
	assert_int_equal(queue_gap(queue, "dead", &gap, &error), 0);
	assert_int_equal(gap.from, 10);
	assert_int_equal(gap.to, 13);
	assert_string_equal(gap.log, "L");
	assert_int_equal(queue_waiting(queue, "dead"), 4);
	assert_int_equal(queue_waiting(queue, "a"), 3);
	/* what was on its way to it arrived after all */
	assert_int_equal(queue_done(queue, "dead", place, 11, &error), 0);
	assert_int_equal(queue_gap(queue, "dead", &gap, &error), 0);
	assert_int_equal(gap.from, 11);
	/* the gap grows, also over a restart */
	takes("a", "x");
	takes("a", "x");
	add(15, "z");
	add(16, "z");
	queue_close(queue);
	open_queue(3);
	takes("a", "y");
	add(17, "z");
	assert_int_equal(queue_gap(queue, "dead", &gap, &error), 0);
	assert_int_equal(gap.from, 11);
	assert_int_equal(gap.to, 16);
	assert_int_equal(queue_gap_done(queue, "dead", 15, &error), 0);
	assert_int_equal(queue_gap(queue, "dead", &gap, &error), 0);
	assert_int_equal(gap.from, 15);
	assert_int_equal(queue_gap_done(queue, "dead", 16, &error), 0);
	assert_int_equal(queue_gap(queue, "dead", &gap, &error), 1);
	takes("dead", "z");
	has_none("dead");
}

/* Numbers of two logs are not in one gap. */
static void a_log_that_began_anew_is_not_put_into_a_gap(void **state)
{
	const char *const names[] = {"a", "dead", NULL};

	open_queue(3);
	assert_int_equal(queue_set_receivers(queue, names, &error), 0);
	add(100, "x");
	assert_int_equal(queue_set_position(queue, 0, "M", &error), 0);
	add(1, "x");
	add(2, "x");
	takes("a", "x");
	assert_int_equal(queue_add(queue, 3, "y", &error), -ENOSPC);
}

static void an_incident_has_its_time_and_its_thread(void **state)
{
	char thread[QUEUE_KEY_MAX] = "";

	open_queue(100);
	assert_int_equal(queue_was_told(queue, "a", "P", "block", 1000, thread, &error), 1);
	assert_string_equal(thread, "");
	assert_int_equal(queue_told(queue, "a", "P", "block", "first", 2000, &error), 0);
	assert_int_equal(queue_told(queue, "a", "P", "unblock", "second", 2001, &error), 0);
	assert_int_equal(queue_was_told(queue, "a", "P", "unblock", 1000, thread, &error), 0);
	assert_string_equal(thread, "first");
	/* open-13, 10: it is blocked again, and whoever was told last that it is not has to know */
	assert_int_equal(queue_was_told(queue, "a", "P", "block", 1000, thread, &error), 1);
	assert_int_equal(queue_was_told(queue, "a", "P", "edit", 1000, thread, &error), 1);
	assert_int_equal(queue_was_told(queue, "b", "P", "block", 1000, thread, &error), 1);
	assert_int_equal(queue_was_told(queue, "a", "Q", "block", 1000, thread, &error), 1);
	thread[0] = '\0';
	assert_int_equal(queue_was_told(queue, "a", "P", "unblock", 2002, thread, &error), 1);
	assert_string_equal(thread, "");
	assert_int_equal(queue_was_told(queue, "a", "P", "unblock", 2001, thread, &error), 0);
	assert_string_equal(thread, "second");
}

static void a_directory_that_is_not_there_is_told(void **state)
{
	assert_int_equal(queue_open(&queue, "/nonexistent", 100, &error), -EIO);
	assert_non_null(strstr(error.text, "/nonexistent/queue.db"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(receivers_take_at_their_own_pace, make, drop),
		cmocka_unit_test_setup_teardown(it_goes_on_after_it_was_opened_again, make, drop),
		cmocka_unit_test_setup_teardown(
			a_new_receiver_is_told_what_comes_and_an_old_one_holds_nothing_up, make,
			drop),
		cmocka_unit_test_setup_teardown(a_full_queue_takes_nothing_and_keeps_its_position,
						make, drop),
		cmocka_unit_test_setup_teardown(
			one_that_takes_nothing_does_not_fill_it_for_the_others, make, drop),
		cmocka_unit_test_setup_teardown(a_log_that_began_anew_is_not_put_into_a_gap, make,
						drop),
		cmocka_unit_test_setup_teardown(an_incident_has_its_time_and_its_thread, make,
						drop),
		cmocka_unit_test(a_directory_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
