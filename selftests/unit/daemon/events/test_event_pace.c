// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/events/event_pace.c */
/* At most so many events a second, whichever CPU they come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/events/event_pace.h"

#define BATCH_MS 50

/* Batches of `events` for some seconds; the number that passed, and how often each place did. */
static unsigned int passed(double per_second, unsigned int events, unsigned int seconds,
			   unsigned int *places)
{
	struct event_pace pace;
	unsigned int count = 0;
	uint64_t now_ms = 1000;

	event_pace_init(&pace, per_second, now_ms);
	for (unsigned int batch = 0; batch < seconds * 1000 / BATCH_MS; batch++) {
		for (unsigned int i = 0; i < events; i++) {
			bool took = event_pace_take(&pace);

			count += took;
			if (places)
				places[i] += took;
		}
		now_ms += BATCH_MS;
		event_pace_end_batch(&pace, now_ms);
	}
	return count;
}

static void zero_is_all(void **state)
{
	(void)state;
	assert_int_equal(passed(0, 400, 10, NULL), 400 * 20 * 10);
}

static void few_events_all_pass(void **state)
{
	(void)state;
	assert_int_equal(passed(100, 1, 10, NULL), 20 * 10);
}

static void no_more_than_so_many_pass(void **state)
{
	static const double rates[] = {0.5, 1, 20, 1000};

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		unsigned int count = passed(rates[i], 400, 60, NULL);

		if (count > rates[i] * 60.05 + 1 || count < rates[i] * 60 * 0.8 - 2)
			fail_msg("%u of %g a second in a minute", count, rates[i]);
	}
}

static void a_quiet_time_is_not_saved_up(void **state)
{
	struct event_pace pace;
	unsigned int count = 0;

	(void)state;
	event_pace_init(&pace, 20, 1000);
	event_pace_end_batch(&pace, 600000);
	for (int i = 0; i < 400; i++)
		count += event_pace_take(&pace);
	assert_in_range(count, 0, 1);
}

/* The first events of a batch are those of one CPU. */
static void any_place_in_a_batch_passes(void **state)
{
	unsigned int places[400] = {}, early = 0, late = 0;

	(void)state;
	passed(200, 400, 60, places);
	for (int i = 0; i < 200; i++) {
		early += places[i];
		late += places[i + 200];
	}
	assert_true(late * 3 > early);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zero_is_all),
		cmocka_unit_test(few_events_all_pass),
		cmocka_unit_test(no_more_than_so_many_pass),
		cmocka_unit_test(a_quiet_time_is_not_saved_up),
		cmocka_unit_test(any_place_in_a_batch_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
