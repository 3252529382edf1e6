// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/check_attach.h"
#include "cli/lib/doctor/links.h"

static void whether_the_link_is_reset_is_told(void **state)
{
	make_up("igb");
	expect(check_reset, FINDING_WARNING, "resets the link, once", "maintenance window");
	make_up("mlx5_core");
	expect(check_reset, FINDING_OK, "less than a second", NULL);
	make_up("virtio_net");
	expect(check_reset, FINDING_OK, "does not interrupt", NULL);
	nic.mode = MODE_GENERIC;
	expect_nothing(check_reset);
	make_up("e1000e");
	expect(check_reset, FINDING_WARNING, "not known", NULL);
}

static void an_mtu_is_held_against_the_driver(void **state)
{
	make_up("igc");
	expect(check_mtu, FINDING_OK, "takes 1500", NULL);
	made_link[0].mtu = 1600;
	expect(check_mtu, FINDING_WARNING, "at most 1500", "ip link set eth0 mtu 1500");
	nic.mode = MODE_NATIVE;
	expect(check_mtu, FINDING_PROBLEM, "at most 1500", "mtu 1500");
	nic.mode = MODE_GENERIC;
	expect(check_mtu, FINDING_OK, "any", NULL);
	made_link[0].mtu = 1000;
	expect(check_mtu, FINDING_PROBLEM, "1280", "mtu 1500");
}

static void what_a_driver_can_comes_from_the_kernel_or_the_list(void **state)
{
	make_up("igc");
	expect(check_driver, FINDING_OK, "since Linux 5.13; this kernel does not tell", NULL);
	make_up("e1000e");
	expect(check_driver, FINDING_WARNING, "slash64 does not know it", NULL);
	nic.features_known = true;
	nic.xdp_features = XDP_FEATURE_BASIC;
	expect(check_driver, FINDING_OK, "e1000e: native XDP", NULL);
}

static void a_link_without_carrier_is_told(void **state)
{
	make_up("igc");
	expect(check_link, FINDING_OK, "up", NULL);
	made_link[0].carrier = false;
	expect(check_link, FINDING_WARNING, "carrier", "ethtool eth0");
	made_link[0].flags = 0;
	expect(check_link, FINDING_WARNING, "down", "ip link set eth0 up");
}

static void the_owner_of_a_program_is_told(void **state)
{
	make_up("igc");
	expect(check_programs, FINDING_OK, "no other", NULL);
	nic.owner = PROGRAM_UNSEEN;
	expect(check_programs, FINDING_WARNING, "rights", "root");
	nic.owner = PROGRAM_DISPATCHER;
	expect(check_programs, FINDING_OK, "dispatcher", NULL);
	nic.owner = PROGRAM_OURS;
	expect(check_attach, FINDING_OK, "slash64 is attached, in generic mode", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whether_the_link_is_reset_is_told, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(an_mtu_is_held_against_the_driver, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(what_a_driver_can_comes_from_the_kernel_or_the_list,
						make_root, remove_root),
		cmocka_unit_test_setup_teardown(a_link_without_carrier_is_told, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(the_owner_of_a_program_is_told, make_root,
						remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
