// SPDX-License-Identifier: GPL-2.0-only
/* The profile `bridge` belongs on the ports of a bridge, not on the bridge device. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "own_links.h"
#include "kernel/bridges.h"

static struct config config;
static struct error error;

static int check(const char *text)
{
	int err;

	if (config_load_text(&config, "f.yaml", text, strlen(text), &error))
		fail_msg("refused: %s", error.text);
	err = bridges_check(&config, &error);
	config_free(&config);
	return err;
}

static void the_profile_on_a_bridge_device_is_refused_with_its_line_and_ports(void **state)
{
	assert_int_equal(
		check("policy: {profile: bridge}\ninterfaces:\n  - name: wan0\n  - name: br0\n"),
		-EINVAL);
	assert_non_null(strstr(error.text, "f.yaml:4: br0 is a bridge"));
	assert_non_null(strstr(error.text, "port0"));
	assert_non_null(strstr(error.text, ", port"));
	assert_int_equal(check("interfaces: [{name: br0, policy: {profile: bridge}}]"), -EINVAL);
}

static void ports_other_profiles_and_other_devices_are_fine(void **state)
{
	assert_int_equal(
		check("policy: {profile: bridge}\ninterfaces: [{name: port0}, {name: port1}]"), 0);
	assert_int_equal(check("interfaces: [{name: br0}]"), 0);
	assert_int_equal(check("policy: {profile: bridge}\ninterfaces: [{name: wan0}]"), 0);
}

static void an_interface_to_come_is_not_refused(void **state)
{
	assert_int_equal(check("policy: {profile: bridge}\ninterfaces: [{name: br9}]"), 0);
}

static void a_bridge_without_ports_says_so(void **state)
{
	assert_int_equal(check("policy: {profile: bridge}\ninterfaces: [{name: br1}]"), -EINVAL);
	assert_non_null(strstr(error.text, "none now"));
}

static void by_hand_its_own_policy_counts_or_that_of_all(void **state)
{
	static const char text[] = "policy: {profile: bridge}\n"
				   "interfaces: [{name: br0, policy: {profile: edge}}]\n";

	assert_int_equal(config_load_text(&config, "f", text, strlen(text), &error), 0);
	assert_int_equal(bridges_check_one(&config, "br0", &error), 0);
	assert_int_equal(bridges_check_one(&config, "br1", &error), -EINVAL);
	assert_memory_equal(error.text, "br1 is", 6);
	assert_int_equal(bridges_check_one(&config, "wan0", &error), 0);
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_profile_on_a_bridge_device_is_refused_with_its_line_and_ports,
			own_links, NULL),
		cmocka_unit_test_setup_teardown(ports_other_profiles_and_other_devices_are_fine,
						own_links, NULL),
		cmocka_unit_test_setup_teardown(an_interface_to_come_is_not_refused, own_links,
						NULL),
		cmocka_unit_test_setup_teardown(a_bridge_without_ports_says_so, own_links, NULL),
		cmocka_unit_test_setup_teardown(by_hand_its_own_policy_counts_or_that_of_all,
						own_links, NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
