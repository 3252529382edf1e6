// SPDX-License-Identifier: GPL-2.0-only
/* Events go to every reader whose filter they match, also while readers leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "daemon/events/events.h"

static struct events events;
static const struct s64_sample sample = {.tick = 0};
static char order[32];

struct reader {
	struct event_reader reader; /* must be first */
	const char *name;
	bool leaves;
};

static void on_event(const struct s64_sample *event, void *data)
{
	struct reader *reader = data;

	assert_ptr_equal(event, &sample);
	strcat(order, reader->name);
	if (reader->leaves)
		events_remove(&reader->reader);
}

static void on_batch(void *data)
{
	strcat(order, ".");
	if (((struct reader *)data)->leaves)
		events_remove(&((struct reader *)data)->reader);
}

static void add(struct reader *reader, const char *name, bool leaves)
{
	*reader = (struct reader){.reader = {.on_event = on_event, .data = reader},
				  .name = name,
				  .leaves = leaves};
	events_add(&events, &reader->reader);
}

static int set_up(void **state)
{
	order[0] = '\0';
	events = (struct events){};
	return 0;
}

static void without_readers_nothing_happens(void **state)
{
	assert_false(events_has_readers(&events));
	events_pass(&events, &sample);
	events_end_batch(&events);
}

static void each_reader_gets_it_and_one_that_leaves_no_more(void **state)
{
	struct reader a, b, c;

	add(&a, "a", false);
	add(&b, "b", true);
	add(&c, "c", false);
	assert_true(events_has_readers(&events));
	events_pass(&events, &sample);
	assert_string_equal(order, "cba");
	events_pass(&events, &sample);
	assert_string_equal(order, "cbaca");
	events_remove(&a.reader);
	events_remove(&c.reader);
	assert_false(events_has_readers(&events));
}

static void the_end_of_a_batch_is_told_to_those_who_want_to_know(void **state)
{
	struct reader a, b;

	add(&a, "a", false);
	add(&b, "b", true);
	b.reader.on_batch = on_batch;
	events_end_batch(&events);
	assert_string_equal(order, ".");
	events_end_batch(&events);
	assert_string_equal(order, ".");
	events_pass(&events, &sample);
	assert_string_equal(order, ".a");
}

static void an_event_has_the_time_of_its_tick(void **state)
{
	struct s64_meta meta = {.tick_ns = 4000000};
	struct timespec now;
	struct s64_sample event = {};
	int64_t wall_ms, at_ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	event.tick = (now.tv_sec * 1000000000LL + now.tv_nsec) / meta.tick_ns;
	event.tick -= 2500; /* ten seconds ago */
	at_ms = event_time_ms(&meta, &event);
	clock_gettime(CLOCK_REALTIME, &now);
	wall_ms = now.tv_sec * 1000LL + now.tv_nsec / 1000000;
	assert_in_range(wall_ms - at_ms, 9990, 12000);
	/* of a moment to come: the clocks differ by a tick */
	event.tick += 2500 + 1000;
	assert_in_range(event_time_ms(&meta, &event), wall_ms, wall_ms + 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_readers_nothing_happens, set_up, NULL),
		cmocka_unit_test_setup_teardown(each_reader_gets_it_and_one_that_leaves_no_more,
						set_up, NULL),
		cmocka_unit_test_setup_teardown(
			the_end_of_a_batch_is_told_to_those_who_want_to_know, set_up, NULL),
		cmocka_unit_test_setup_teardown(an_event_has_the_time_of_its_tick, set_up, NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
