// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/check_place.h"

static void a_port_names_what_it_belongs_to(void **state)
{
	make_up("ixgbe");
	expect_nothing(check_bond);
	expect_nothing(check_bridge);
	made_link[0].master = 3;
	made_link[1] = (struct doctor_link){.name = "bo0", .index = 3, .kind = "bond"};
	machine.link_count = 2;
	expect(check_bond, FINDING_WARNING, "a port of bo0", "use bo0");
	expect_nothing(check_bridge);
	strcpy(made_link[1].kind, "bridge");
	expect(check_bridge, FINDING_OK, "a port of bo0", NULL);
	expect_nothing(check_bond);
}

static void a_bond_and_a_bridge_name_their_ports(void **state)
{
	make_up("bonding");
	strcpy(made_link[0].kind, "bond");
	expect(check_bond, FINDING_WARNING, "no port", "master eth0");
	made_link[1] = (struct doctor_link){.name = "eth1", .index = 3, .master = 2};
	made_link[2] = (struct doctor_link){.name = "eth2", .index = 4, .master = 2};
	machine.link_count = 3;
	expect(check_bond, FINDING_OK, "eth1, eth2", NULL);
	strcpy(made_link[0].kind, "bridge");
	expect(check_bridge, FINDING_WARNING, "from port to port", "ports: eth1, eth2");
}

static void a_vlan_names_its_nic(void **state)
{
	make_up("802.1Q VLAN Support");
	expect_nothing(check_vlan);
	strcpy(made_link[0].kind, "vlan");
	made_link[0].lower = 3;
	made_link[1] = (struct doctor_link){.name = "eth1", .index = 3};
	machine.link_count = 2;
	expect(check_vlan, FINDING_WARNING, "a VLAN of eth1", "use eth1");
	made_link[0].lower_is_elsewhere = true;
	expect(check_vlan, FINDING_WARNING, "a VLAN:", "the NIC below it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_port_names_what_it_belongs_to, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(a_bond_and_a_bridge_name_their_ports, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(a_vlan_names_its_nic, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
