// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/check_state.h"

static void a_clock_before_this_version_is_wrong(void **state)
{
	make_up("ixgbe");
	expect(check_clock, FINDING_OK, "kept right", NULL);
	machine.clock_synchronized = false;
	expect(check_clock, FINDING_WARNING, "nothing keeps it right", "timedatectl");
	machine.now_s = 1000;
	expect(check_clock, FINDING_PROBLEM, "before this version", "timedatectl");
}

static void a_clock_before_the_last_change_was_set_back(void **state)
{
	make_up("ixgbe");
	machine.status =
		json_loads("{\"store\":{\"last_change\":\"2027-11-26T20:00:00Z\"}}", 0, NULL);
	expect(check_clock, FINDING_PROBLEM, "was set back", "timedatectl");
	json_decref(machine.status);
	machine.status = json_loads("{\"store\":{\"last_change\":null}}", 0, NULL);
	expect(check_clock, FINDING_OK, "kept right", NULL);
	json_decref(machine.status);
}

static void the_store_says_what_ails_it(void **state)
{
	static const struct {
		const char *store, *text;
	} cases[] = {
		{"{\"store\":{\"error\":\"disk I/O\"}}", "disk I/O"},
		{"{\"store\":{\"error\":null,\"read_only\":true}}", "read-only"},
		{"{\"store\":{\"error\":null,\"held\":true,\"path\":\"/x\"}}", "another process"},
	};

	make_up("ixgbe");
	for (size_t i = 0; i < 3; i++) {
		machine.status = json_loads(cases[i].store, 0, NULL);
		expect(check_store, FINDING_PROBLEM, cases[i].text, i == 2 ? "fuser" : "status");
		json_decref(machine.status);
	}
	machine.status = NULL;
	snprintf(machine.config.state, sizeof(machine.config.state), "%.90s/none/yet", root);
	expect(check_store, FINDING_OK, "none yet", NULL);
}

static void the_disk_is_that_of_the_nearest_directory(void **state)
{
	make_up("ixgbe");
	snprintf(machine.config.state, sizeof(machine.config.state), "%.90s/none/yet", root);
	assert_true(check_disk(&machine, &nic, &finding));
	assert_non_null(strstr(finding.text, root));
	assert_null(strstr(finding.text, "none"));
	strcpy(machine.config.state, "/proc/self");
	expect(check_disk, FINDING_PROBLEM, "is full", "df -h /proc/self");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_clock_before_this_version_is_wrong, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(a_clock_before_the_last_change_was_set_back,
						make_root, remove_root),
		cmocka_unit_test_setup_teardown(the_store_says_what_ails_it, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(the_disk_is_that_of_the_nearest_directory,
						make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
