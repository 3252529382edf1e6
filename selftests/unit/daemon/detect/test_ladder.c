// SPDX-License-Identifier: GPL-2.0-only
/* How long a block of detection lasts, the first time and further times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/detect/ladder.h"

#define MINUTE 60000LL
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static struct detect_rule rule;

static int set_up(void **state)
{
	detect_rule_init(&rule); /* 10m, 1h, 1d */
	return 0;
}

static void each_further_time_is_a_step_and_the_last_one_stays(void **state)
{
	assert_int_equal(ladder_ms(&rule, 0), 10 * MINUTE);
	assert_int_equal(ladder_ms(&rule, 7), DAY);
	assert_int_equal(ladder_next(&rule, 0, 0, 1), 1);
	assert_int_equal(ladder_next(&rule, 1, 0, 1), 2);
	assert_int_equal(ladder_next(&rule, 2, 0, 1), 2);
}

/* One false positive does not last for ever. */
static void a_step_is_forgotten_after_ten_times_as_long_as_it_lasted(void **state)
{
	assert_int_equal(ladder_next(&rule, 0, 0, 100 * MINUTE - 1), 1);
	assert_int_equal(ladder_next(&rule, 0, 0, 100 * MINUTE), 0);
	assert_int_equal(ladder_next(&rule, 2, 0, 10 * DAY - 1), 2);
	assert_int_equal(ladder_next(&rule, 2, 0, 10 * DAY), 2);
	assert_int_equal(ladder_next(&rule, 2, 0, 10 * DAY + 10 * HOUR), 1);
	assert_int_equal(ladder_next(&rule, 2, 0, 10 * DAY + 10 * HOUR + 100 * MINUTE), 0);
}

static void an_end_has_up_to_a_tenth_more(void **state)
{
	assert_int_equal(ladder_with_tenth(HOUR, 0), HOUR);
	assert_int_equal(ladder_with_tenth(HOUR, 1000), HOUR + HOUR / 10);
	for (uint64_t random = 0; random < 5000; random += 7)
		assert_in_range(ladder_with_tenth(HOUR, random), HOUR, HOUR + HOUR / 10);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_further_time_is_a_step_and_the_last_one_stays),
		TEST(a_step_is_forgotten_after_ten_times_as_long_as_it_lasted),
		TEST(an_end_has_up_to_a_tenth_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
