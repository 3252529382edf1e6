// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/check_adapters.h"

static void an_adapter_that_is_enabled_has_to_run(void **state)
{
	make_up("ixgbe");
	expect_nothing(check_adapters);
	write_file("/etc/slash64/follow.yaml", "");
	expect(check_adapters, FINDING_WARNING, "slash64-follow has a configuration",
	       "systemctl enable --now slash64-follow.service");
	write_file("/etc/systemd/system/multi-user.target.wants/slash64-follow.service", "");
	expect(check_adapters, FINDING_PROBLEM, "does not run", "journalctl -u slash64-follow");
	write_file("/sys/fs/cgroup/system.slice/slash64-follow.service/cgroup.procs", "");
	expect(check_adapters, FINDING_OK, "follow", NULL);
}

static void one_with_a_timer_need_not_run(void **state)
{
	make_up("ixgbe");
	write_file("/etc/slash64/fetch.yaml", "");
	expect(check_adapters, FINDING_WARNING, "slash64-fetch", "slash64-fetch.timer");
	write_file("/etc/systemd/system/timers.target.wants/slash64-fetch.timer", "");
	expect(check_adapters, FINDING_OK, "fetch", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_adapter_that_is_enabled_has_to_run, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(one_with_a_timer_need_not_run, make_root,
						remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
