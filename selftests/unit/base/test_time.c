// SPDX-License-Identifier: GPL-2.0-only
/* The clocks are those of the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "base/time.h"

static void the_time_is_that_of_the_kernel_in_milliseconds(void **state)
{
	struct timespec before, after;
	int64_t ms;

	clock_gettime(CLOCK_REALTIME, &before);
	ms = clock_wall_ms();
	clock_gettime(CLOCK_REALTIME, &after);
	assert_true(ms >= (int64_t)before.tv_sec * 1000 + before.tv_nsec / 1000000);
	assert_true(ms <= (int64_t)after.tv_sec * 1000 + after.tv_nsec / 1000000);
}

static void monotonic_time_is_that_of_the_kernel_in_three_units(void **state)
{
	struct timespec before;
	int64_t ns, ms, s;

	clock_gettime(CLOCK_MONOTONIC, &before);
	ns = clock_monotonic_ns();
	ms = clock_monotonic_ms();
	s = clock_monotonic_s();
	assert_true(ns >= (int64_t)before.tv_sec * 1000000000 + before.tv_nsec);
	assert_true(ms >= ns / 1000000 && s >= ms / 1000);
	assert_true(ms <= clock_monotonic_ns() / 1000000 && s <= clock_monotonic_ms() / 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_is_that_of_the_kernel_in_milliseconds),
		cmocka_unit_test(monotonic_time_is_that_of_the_kernel_in_three_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
