// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/check_kernel.h"

static void an_old_kernel_is_a_problem(void **state)
{
	static const char *const old[] = {"5.19.17", "6.0.19-generic", "4.19.0"},
				 *const good[] = {"6.1.0", "6.18.44", "7.0-rc1"};

	make_up("ixgbe");
	for (size_t i = 0; i < 3; i++) {
		strcpy(machine.kernel, old[i]);
		expect(check_kernel, FINDING_PROBLEM, old[i], "newer kernel");
		strcpy(machine.kernel, good[i]);
		expect(check_kernel, FINDING_OK, good[i], NULL);
	}
}

static void what_the_kernel_was_built_with_is_told(void **state)
{
	make_up("ixgbe");
	expect(check_btf, FINDING_WARNING, "no BTF", "CONFIG_DEBUG_INFO_BTF");
	write_file("/sys/kernel/btf/vmlinux", "");
	expect(check_btf, FINDING_OK, "BTF", NULL);
	expect_nothing(check_jit);
	write_file("/proc/sys/net/core/bpf_jit_enable", "0\n");
	expect(check_jit, FINDING_WARNING, "interprets", "bpf_jit_enable=1");
	write_file("/proc/sys/net/core/bpf_jit_enable", "1\n");
	expect(check_jit, FINDING_OK, "compiles", NULL);
	write_file("/proc/sys/kernel/unprivileged_bpf_disabled", "0\n");
	expect(check_unprivileged, FINDING_WARNING, "every user", "unprivileged_bpf_disabled=1");
	write_file("/proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
	expect(check_unprivileged, FINDING_OK, "no BPF", NULL);
}

static void lockdown_is_told(void **state)
{
	make_up("ixgbe");
	expect(check_lockdown, FINDING_OK, "not locked down", NULL);
	strcpy(machine.rights.lockdown, "integrity");
	expect(check_lockdown, FINDING_OK, "integrity", NULL);
	strcpy(machine.rights.lockdown, "confidentiality");
	expect(check_lockdown, FINDING_WARNING, "confidentiality", "lockdown=integrity");
}

static void rights_are_those_that_slash64d_needs(void **state)
{
	make_up("ixgbe");
	machine.rights.capabilities = ~0ULL;
	expect(check_rights, FINDING_OK, "user 0 may", NULL);
	machine.rights.in_user_namespace = true;
	expect(check_rights, FINDING_PROBLEM, "not permitted", "outside of the namespace");
	machine.rights = (struct permission_facts){.user = 1000};
	expect(check_rights, FINDING_WARNING, "user 1000 may not attach", "run as root");
}

static void libxdp_is_looked_for(void **state)
{
	make_up("ixgbe");
	expect(check_libxdp, FINDING_WARNING, "missing", "libxdp1");
	write_file("/usr/lib/x86_64-linux-gnu/bpf/xdp-dispatcher.o", "");
	expect(check_libxdp, FINDING_OK, "is there", NULL);
}

static void a_bpffs_that_is_missing_is_mounted_by_who_may(void **state)
{
	make_up("ixgbe");
	expect(check_bpffs, FINDING_WARNING, "not mounted", "mount -t bpf");
	machine.rights.capabilities = ~0ULL;
	expect(check_bpffs, FINDING_OK, "slash64d does that", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_old_kernel_is_a_problem, make_root, remove_root),
		cmocka_unit_test_setup_teardown(what_the_kernel_was_built_with_is_told, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(lockdown_is_told, make_root, remove_root),
		cmocka_unit_test_setup_teardown(rights_are_those_that_slash64d_needs, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(libxdp_is_looked_for, make_root, remove_root),
		cmocka_unit_test_setup_teardown(a_bpffs_that_is_missing_is_mounted_by_who_may,
						make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
