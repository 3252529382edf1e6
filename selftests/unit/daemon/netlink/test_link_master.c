// SPDX-License-Identifier: GPL-2.0-only
/* The bridge or bond that an interface is a port of. */
#include <errno.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "own_links.h"
#include "daemon/netlink/link_master.h"

static void a_port_names_its_bridge(void **state)
{
	char master[IF_NAMESIZE] = "unset";

	assert_int_equal(link_master(if_nametoindex("port0"), master), 0);
	assert_string_equal(master, "br0");
}

static void what_is_no_port_has_none(void **state)
{
	char master[IF_NAMESIZE] = "unset";

	assert_int_equal(link_master(if_nametoindex("wan0"), master), 0);
	assert_string_equal(master, "");
}

static void an_interface_that_is_gone_is_an_error(void **state)
{
	char master[IF_NAMESIZE] = "unset";

	assert_int_equal(link_master(12345, master), -ENODEV);
	assert_string_equal(master, "unset");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_port_names_its_bridge, own_links, NULL),
		cmocka_unit_test_setup_teardown(what_is_no_port_has_none, own_links, NULL),
		cmocka_unit_test_setup_teardown(an_interface_that_is_gone_is_an_error, own_links,
						NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
