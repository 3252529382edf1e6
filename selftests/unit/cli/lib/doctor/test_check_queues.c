// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/check_queues.h"

static void fewer_queues_than_cpus_are_told_if_there_can_be_more(void **state)
{
	make_up("ixgbe");
	expect(check_queues, FINDING_OK, "4 receive queues, 4 CPUs", NULL);
	nic.rx_queues = 2;
	expect(check_queues, FINDING_OK, "2 receive queues", NULL);
	nic.channels_max = 8;
	nic.channels_are_combined = true;
	expect(check_queues, FINDING_WARNING, "2 receive queues for 4 CPUs",
	       "ethtool -L eth0 combined 4");
	nic.channels_max = nic.rx_queues = 1;
	expect(check_queues, FINDING_WARNING, "one receive queue", NULL);
	nic.is_hardware = false;
	expect(check_queues, FINDING_OK, "1 receive queue,", NULL);
}

static void interrupts_on_one_cpu_are_told(void **state)
{
	make_up("ixgbe");
	expect_nothing(check_irqs);
	nic.irqs = 4;
	nic.irq_cpus = 1;
	strcpy(nic.irq_cpu_first, "3");
	expect(check_irqs, FINDING_WARNING, "all 4 interrupts go to CPU 3", "irqbalance");
	nic.irq_cpus = 4;
	expect(check_irqs, FINDING_OK, "on 4 CPUs", NULL);
}

static void an_rss_table_that_leaves_queues_out_is_told(void **state)
{
	make_up("ixgbe");
	expect_nothing(check_rss);
	nic.rss_queues = 2;
	expect(check_rss, FINDING_WARNING, "2 of 4", "ethtool -X eth0 equal 4");
	nic.rss_queues = 4;
	expect(check_rss, FINDING_OK, "all 4", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			fewer_queues_than_cpus_are_told_if_there_can_be_more, make_root,
			remove_root),
		cmocka_unit_test_setup_teardown(interrupts_on_one_cpu_are_told, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(an_rss_table_that_leaves_queues_out_is_told,
						make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
