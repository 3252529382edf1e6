// SPDX-License-Identifier: GPL-2.0-only
/* Finds an interface by any of its names, and suggests similar names for an unknown one. */
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "own_links.h"
#include "kernel/link_names.h"

static void own_and_alternative_names_have_one_index(void **state)
{
	unsigned int index = if_nametoindex("wan0");

	assert_int_equal(link_index("wan0"), index);
	assert_int_equal(link_index("uplink"), index);
	assert_int_equal(link_index("an-alternative-name-longer-than-15"), index);
}

static void a_name_that_is_none_has_none(void **state)
{
	assert_int_equal(link_index("wan9"), 0);
	assert_int_equal(link_index("no-such-name-longer-than-15-characters"), 0);
	assert_int_equal(link_index(""), 0);
}

static void a_misspelt_name_has_near_ones(void **state)
{
	char text[NEAR_TEXT_MAX];

	assert_string_equal(link_near("wna0", text), " (did you mean 'wan0'?)");
	assert_string_equal(link_near("something", text), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(own_and_alternative_names_have_one_index, own_links,
						NULL),
		cmocka_unit_test_setup_teardown(a_name_that_is_none_has_none, own_links, NULL),
		cmocka_unit_test_setup_teardown(a_misspelt_name_has_near_ones, own_links, NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
