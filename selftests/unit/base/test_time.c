// SPDX-License-Identifier: GPL-2.0-only
/* Wall-clock time is that of the kernel, in milliseconds. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_is_that_of_the_kernel_in_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
