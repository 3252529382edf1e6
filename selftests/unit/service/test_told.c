// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/told.h"

static void a_failure_that_lasts_is_told_once(void **state)
{
	struct told told = {};
	struct error error;

	error_set(&error, 0, "the server is away");
	assert_true(told_warning(&told, &error));
	assert_false(told_warning(&told, &error));
	error_set(&error, 0, "the server refuses");
	assert_true(told_warning(&told, &error));
	assert_true(told_end(&told));
	assert_false(told_end(&told));
	assert_true(told_warning(&told, &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_failure_that_lasts_is_told_once)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
