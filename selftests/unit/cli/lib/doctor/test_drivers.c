// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/drivers.h"

static void a_driver_is_found_by_its_name(void **state)
{
	assert_int_equal(driver_find("i40e")->reset, RESET_LINK);
	assert_int_equal(driver_find("veth")->reset, RESET_NONE);
	assert_int_equal(driver_find("igc")->mtu_max, 1500);
	assert_null(driver_find("i40"));
	assert_null(driver_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_driver_is_found_by_its_name, make_root,
						remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
