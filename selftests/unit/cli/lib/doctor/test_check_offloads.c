// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/check_offloads.h"

static void merging_is_told(void **state)
{
	make_up("ixgbe");
	expect_nothing(check_lro);
	nic.lro = FEATURE_OFF;
	expect(check_lro, FINDING_OK, "off", NULL);
	nic.lro = FEATURE_ON;
	expect(check_lro, FINDING_WARNING, "count as one", "ethtool -K eth0 lro off");
	nic.gro_hw = FEATURE_ON;
	expect(check_gro_hw, FINDING_WARNING, "count as one", "ethtool -K eth0 rx-gro-hw off");
	nic.gro_hw = FEATURE_ON_FIXED;
	expect(check_gro_hw, FINDING_WARNING, "does not let it be turned off", NULL);
}

static void a_driver_that_refuses_lro(void **state)
{
	make_up("mlx5_core");
	nic.lro = FEATURE_ON;
	expect(check_lro, FINDING_WARNING, "takes no program in native mode", "lro off");
	nic.mode = MODE_NATIVE;
	expect(check_lro, FINDING_PROBLEM, "takes no program in native mode", "lro off");
}

static void guest_offloads_are_those_of_virtio(void **state)
{
	make_up("ixgbe");
	expect_nothing(check_guest_offloads);
	make_up("virtio_net");
	nic.gro_hw = FEATURE_ON;
	expect(check_gro_hw, FINDING_OK, "attaching turns it off", NULL);
	expect(check_guest_offloads, FINDING_OK, "none", NULL);
	nic.guest_offloads_stuck = true;
	expect(check_guest_offloads, FINDING_WARNING, "no native mode", "guest_csum=off");
}

static void stripped_tags_matter_with_vlans(void **state)
{
	make_up("ixgbe");
	expect_nothing(check_vlan_tags);
	nic.rx_vlan = FEATURE_ON;
	expect(check_vlan_tags, FINDING_OK, "no VLAN", NULL);
	made_link[1] =
		(struct doctor_link){.name = "vlan7", .index = 3, .lower = 2, .kind = "vlan"};
	machine.link_count = 2;
	expect(check_vlan_tags, FINDING_WARNING, "its 1 VLAN and", "ethtool -K eth0 rxvlan off");
	nic.rx_vlan = FEATURE_OFF;
	expect(check_vlan_tags, FINDING_OK, "sees them", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(merging_is_told, make_root, remove_root),
		cmocka_unit_test_setup_teardown(a_driver_that_refuses_lro, make_root, remove_root),
		cmocka_unit_test_setup_teardown(guest_offloads_are_those_of_virtio, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(stripped_tags_matter_with_vlans, make_root,
						remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
