// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/check_ipv6.h"

#define CONF "/proc/sys/net/ipv6/conf/"

#define NONE "00000000000000000000000000000000"
#define ROUTES(flags)                                                      \
	"20010db8000000000000000000000000 40 " NONE " 00 " NONE            \
	" 00000100 00000001 00000000 00040001     up.7\n" NONE " 00 " NONE \
	" 00 fe800000000000000000000000000001 00000400 00000001 00000000 " flags "     up.7\n"

/* With forwarding, accept_ra=1 is no longer enough, and the default route goes. */
static void forwarding_is_told(void **state)
{
	make_up("ixgbe");
	expect(check_forwarding, FINDING_PROBLEM, "no IPv6", "ipv6.disable");
	write_file(CONF "all/forwarding", "0\n");
	expect(check_forwarding, FINDING_WARNING, "off", "forwarding=1");
	write_file("/proc/net/ipv6_route", ROUTES("00000003"));
	write_file(CONF "up.7/accept_ra", "1\n");
	expect(check_forwarding, FINDING_WARNING, "off", "net.ipv6.conf.all.forwarding=1");
	write_file("/proc/net/ipv6_route", ROUTES("00450003"));
	expect(check_forwarding, FINDING_WARNING, "router advertisements on up.7",
	       "net/ipv6/conf/up.7/accept_ra=2 net/ipv6/conf/all/forwarding=1");
	write_file(CONF "up.7/accept_ra", "2\n");
	expect(check_forwarding, FINDING_WARNING, "off", "net.ipv6.conf.all.forwarding=1");
	write_file(CONF "all/forwarding", "1\n");
	expect(check_forwarding, FINDING_OK, "on", NULL);
}

static void few_neighbours_are_told(void **state)
{
	make_up("ixgbe");
	expect(check_neighbours, FINDING_WARNING, "cannot be seen", NULL);
	write_file("/proc/sys/net/ipv6/neigh/default/gc_thresh3", "1024\n");
	expect(check_neighbours, FINDING_WARNING, "at most 1024", "gc_thresh3=8192");
	write_file("/proc/sys/net/ipv6/neigh/default/gc_thresh3", "16384\n");
	expect(check_neighbours, FINDING_OK, "16384", NULL);
}

static void advertisements_that_are_accepted_are_told(void **state)
{
	static const struct {
		const char *accept, *forwarding;
		enum finding_result result;
	} cases[] = {{"0", "0", FINDING_OK},	  {"0", "1", FINDING_OK},
		     {"1", "1", FINDING_OK},	  {"1", "0", FINDING_WARNING},
		     {"2", "1", FINDING_WARNING}, {"2", "0", FINDING_WARNING}};

	make_up("ixgbe");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_file(CONF "eth0/accept_ra", cases[i].accept);
		write_file(CONF "eth0/forwarding", cases[i].forwarding);
		expect(check_ra, cases[i].result, "router advertisements",
		       cases[i].result == FINDING_OK ? NULL : "accept_ra=0");
	}
}

static void ipv6_that_is_off_is_told(void **state)
{
	make_up("ixgbe");
	expect_nothing(check_ipv6);
	write_file(CONF "eth0/disable_ipv6", "1\n");
	expect(check_ipv6, FINDING_WARNING, "turned off", "disable_ipv6=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(forwarding_is_told, make_root, remove_root),
		cmocka_unit_test_setup_teardown(few_neighbours_are_told, make_root, remove_root),
		cmocka_unit_test_setup_teardown(advertisements_that_are_accepted_are_told,
						make_root, remove_root),
		cmocka_unit_test_setup_teardown(ipv6_that_is_off_is_told, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
