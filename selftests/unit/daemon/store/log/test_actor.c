// SPDX-License-Identifier: GPL-2.0-only
/* Who is behind a change: slash64d itself, or a person, perhaps by way of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/store/log/actor.h"

static void slash64d_itself_has_no_number(void **state)
{
	assert_int_equal(actor_itself.uid, -1);
	assert_int_equal(actor_itself.pid, -1);
	assert_string_equal(actor_itself.who, "slash64d");
	assert_null(actor_itself.first_row);
	assert_false(actor_itself.undoes);
}

static void another_source_leaves_the_rest_as_it_is(void **state)
{
	int64_t row = 5;
	struct actor person = {.uid = 7,
			       .pid = 8,
			       .who = "alice",
			       .source = "socket",
			       .undoes = true,
			       .first_row = &row};
	struct actor from = actor_from(&person, "feed ", "/a/b");

	assert_string_equal(from.source, "feed /a/b");
	assert_string_equal(person.source, "socket");
	assert_int_equal(from.uid, 7);
	assert_int_equal(from.pid, 8);
	assert_string_equal(from.who, "alice");
	assert_true(from.undoes);
	assert_ptr_equal(from.first_row, &row);
}

static void a_long_path_is_cut_off(void **state)
{
	char path[500];
	struct actor from;

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	from = actor_from(&actor_itself, "feed ", path);
	assert_int_equal(strlen(from.source), 185);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slash64d_itself_has_no_number),
		cmocka_unit_test(another_source_leaves_the_rest_as_it_is),
		cmocka_unit_test(a_long_path_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
