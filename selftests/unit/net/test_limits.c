// SPDX-License-Identifier: GPL-2.0-only
/* The name of an origin, wherever it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "net/limits.h"

static void an_origin_is_letters_and_digits_with_marks_inside(void **state)
{
	(void)state;
	assert_true(origin_is_valid("spamhaus-drop"));
	assert_true(origin_is_valid("a_b.c-9"));
	assert_true(origin_is_valid("7"));
	assert_false(origin_is_valid(""));
	assert_false(origin_is_valid("-a"));
	assert_false(origin_is_valid("."));
	assert_true(origin_is_valid("a-"));
	assert_false(origin_is_valid("_a"));
	assert_false(origin_is_valid(".."));
	assert_false(origin_is_valid("a/b"));
	assert_false(origin_is_valid("a b"));
	assert_false(origin_is_valid("\xc3\xa4"));
}

static void an_origin_has_at_most_63_bytes(void **state)
{
	char name[ORIGIN_TEXT_MAX + 1];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[ORIGIN_TEXT_MAX] = '\0';
	assert_false(origin_is_valid(name));
	name[ORIGIN_TEXT_MAX - 1] = '\0';
	assert_true(origin_is_valid(name));
}

static void what_came_by_bgp_is_told_by_its_origin(void **state)
{
	(void)state;
	assert_true(origin_is_of_bgp("rtbh"));
	assert_true(origin_is_of_bgp("flowspec"));
	assert_true(origin_is_of_bgp("rtbh-ddos"));
	assert_false(origin_is_of_bgp("rtbhddos"));
	assert_false(origin_is_of_bgp("operator"));
	assert_false(origin_is_of_bgp(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_origin_is_letters_and_digits_with_marks_inside),
		cmocka_unit_test(what_came_by_bgp_is_told_by_its_origin),
		cmocka_unit_test(an_origin_has_at_most_63_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
