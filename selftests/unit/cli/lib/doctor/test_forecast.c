// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/forecast.h"
#include "cli/lib/doctor/links.h"

static struct forecast forecast;

static void foretell(enum outlook outlook, const char *why)
{
	forecast_make(&machine, &nic, &forecast);
	if (forecast.outlook != outlook || !strstr(forecast.why, why))
		fail_msg("outlook %d: %s", forecast.outlook, forecast.why);
}

static void a_known_driver_is_native(void **state)
{
	make_up("ixgbe");
	foretell(OUTLOOK_NATIVE, "");
	nic.mode = MODE_GENERIC;
	foretell(OUTLOOK_GENERIC, "configuration");
}

static void what_the_kernel_tells_counts_more_than_the_list(void **state)
{
	make_up("ixgbe");
	nic.features_known = true;
	foretell(OUTLOOK_GENERIC, "no XDP");
	nic.xdp_features = XDP_FEATURE_BASIC;
	foretell(OUTLOOK_NATIVE, "");
	made_link[0].mtu = 9000;
	foretell(OUTLOOK_GENERIC, "MTU of 9000");
	nic.xdp_features |= XDP_FEATURE_RX_SG;
	foretell(OUTLOOK_NATIVE, "");
}

static void a_mode_that_is_required_is_refused_where_auto_takes_another(void **state)
{
	make_up("ixgbe");
	made_link[0].mtu = 9000;
	foretell(OUTLOOK_GENERIC, "above the 3050");
	assert_string_equal(forecast.cure, "ip link set eth0 mtu 3050");
	nic.mode = MODE_NATIVE;
	foretell(OUTLOOK_REFUSED, "above the 3050");
}

static void several_buffers_are_a_matter_of_the_kernel(void **state)
{
	make_up("ice");
	made_link[0].mtu = 9000;
	foretell(OUTLOOK_GENERIC, "above the 3046");
	strcpy(machine.kernel, "6.3.0");
	foretell(OUTLOOK_NATIVE, "");
	make_up("gve");
	foretell(OUTLOOK_GENERIC, "since Linux 6.4");
}

static void an_unknown_driver_is_not_foretold(void **state)
{
	make_up("e1000e");
	foretell(OUTLOOK_UNKNOWN, "e1000e");
	strcpy(made_link[0].kind, "dummy");
	foretell(OUTLOOK_GENERIC, "dummy");
}

static void lro_is_refused_by_some(void **state)
{
	make_up("hv_netvsc");
	nic.lro = FEATURE_ON;
	foretell(OUTLOOK_GENERIC, "LRO is on");
	make_up("ice");
	nic.lro = FEATURE_ON;
	foretell(OUTLOOK_NATIVE, "");
}

static void offloads_of_a_guest_that_cannot_be_turned_off(void **state)
{
	make_up("virtio_net");
	nic.guest_offloads_stuck = true;
	foretell(OUTLOOK_GENERIC, "cannot be told");
}

static void whose_the_program_is_decides(void **state)
{
	make_up("ixgbe");
	made_link[0].native_id = 7;
	nic.owner = PROGRAM_OTHER;
	foretell(OUTLOOK_REFUSED, "id 7");
	nic.owner = PROGRAM_UNSEEN;
	foretell(OUTLOOK_UNKNOWN, "root");
	nic.owner = PROGRAM_OURS;
	foretell(OUTLOOK_NATIVE, "");
	nic.owner = PROGRAM_DISPATCHER;
	nic.behind = 9;
	foretell(OUTLOOK_NATIVE, "");
	nic.behind = 10;
	foretell(OUTLOOK_REFUSED, "10 programs");
}

static void a_program_above_is_in_the_way(void **state)
{
	make_up("ixgbe");
	made_link[1] = (struct doctor_link){
		.name = "vlan7", .index = 3, .lower = 2, .kind = "vlan", .generic_id = 8};
	machine.link_count = 2;
	foretell(OUTLOOK_REFUSED, "vlan7 above it");
	made_link[1].lower_is_elsewhere = true;
	foretell(OUTLOOK_NATIVE, "");
}

static void frames_that_are_not_ethernet(void **state)
{
	make_up("tun");
	made_link[0].arp_type = ARPHRD_NONE;
	foretell(OUTLOOK_REFUSED, "not Ethernet");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_known_driver_is_native, make_root, remove_root),
		cmocka_unit_test_setup_teardown(what_the_kernel_tells_counts_more_than_the_list,
						make_root, remove_root),
		cmocka_unit_test_setup_teardown(
			a_mode_that_is_required_is_refused_where_auto_takes_another, make_root,
			remove_root),
		cmocka_unit_test_setup_teardown(several_buffers_are_a_matter_of_the_kernel,
						make_root, remove_root),
		cmocka_unit_test_setup_teardown(an_unknown_driver_is_not_foretold, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(lro_is_refused_by_some, make_root, remove_root),
		cmocka_unit_test_setup_teardown(offloads_of_a_guest_that_cannot_be_turned_off,
						make_root, remove_root),
		cmocka_unit_test_setup_teardown(whose_the_program_is_decides, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(a_program_above_is_in_the_way, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(frames_that_are_not_ethernet, make_root,
						remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
