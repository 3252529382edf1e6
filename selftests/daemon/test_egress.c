// SPDX-License-Identifier: GPL-2.0-only
/* The program at egress of real interfaces, in a network namespace of its own: by tcx, and by tc as
 * on kernels without it. A second `struct egress` is a slash64d after a kill.
 */
#include <dirent.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <bpf/libbpf.h>

#include "daemon/attach/egress/clsact.h"
#include "daemon/attach/egress/egress.h"
#include "daemon/attach/xdp/xdp_attach.h"
#include "proof.skel.h"

static struct maps maps;
static struct egress egress, next;
static char pins[64];
static unsigned int ifindex[2];
static bool no_tcx;

static int shell(const char *command)
{
	return system(command);
}

static unsigned int pin_count(void)
{
	char path[96];
	unsigned int count = 0;
	struct dirent *entry;
	DIR *directory;

	snprintf(path, sizeof(path), "%s/egress", pins);
	directory = opendir(path);
	while (directory && (entry = readdir(directory)))
		count += entry->d_name[0] != '.';
	if (directory)
		closedir(directory);
	return count;
}

static void init(struct egress *which)
{
	egress_init(which, pins);
	which->no_tcx = no_tcx;
}

static int set_up(void **state)
{
	const struct maps_size size = {.blocks = 1024,
				       .prefixes = 64,
				       .limiter = 1024,
				       .ifaces = 2};
	struct error error;

	(void)state;
	attach_init();
	snprintf(pins, sizeof(pins), "/sys/fs/bpf/s64-%d", getpid());
	if (unshare(CLONE_NEWNET) || shell("ip link add dev a type veth peer name b"))
		return -1;
	ifindex[0] = if_nametoindex("a");
	ifindex[1] = if_nametoindex("b");
	if (maps_create(&maps, &size, &error)) {
		print_message("%s\n", error.text);
		return -1;
	}
	init(&egress);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	egress_remove(&egress);
	egress_free(&egress);
	rmdir(pins);
	maps_close(&maps);
	return 0;
}

static int set_up_tcx(void **state)
{
	no_tcx = false;
	return set_up(state);
}

static int set_up_tc(void **state)
{
	no_tcx = true;
	return set_up(state);
}

static void it_is_on_what_is_filtered_and_on_nothing_else(void **state)
{
	assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
	assert_int_equal(pin_count(), 2);
	assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
	assert_int_equal(pin_count(), 2);
	assert_int_equal(egress_set(&egress, &maps, &ifindex[1], 1), 1);
	assert_int_equal(pin_count(), 1);
	assert_int_equal(egress_set(&egress, &maps, NULL, 0), 0);
	assert_int_equal(pin_count(), 0);
}

static void a_start_finds_it_and_there_is_never_a_second_one(void **state)
{
	assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
	egress_free(&egress);
	for (int i = 0; i < 3; i++) {
		init(&next);
		assert_int_equal(egress_set(&next, &maps, ifindex, 2), 2);
		assert_int_equal(pin_count(), 2);
		egress_free(&next);
	}
	init(&egress);
	assert_int_equal(egress_set(&egress, &maps, NULL, 0), 0);
	assert_int_equal(pin_count(), 0);
	assert_int_equal(clsact_program(ifindex[0]), 0);
}

static void an_interface_that_is_gone_leaves_nothing(void **state)
{
	assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
	assert_int_equal(shell("ip link del dev a"), 0);
	assert_int_equal(egress_set(&egress, &maps, NULL, 0), 0);
	assert_int_equal(pin_count(), 0);
}

static void a_qdisc_that_was_there_stays_and_ours_goes(void **state)
{
	assert_int_equal(shell("tc qdisc add dev b clsact"), 0);
	assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
	assert_int_equal(shell("tc qdisc show dev a | grep -q clsact"), 0);
	assert_int_equal(egress_set(&egress, &maps, NULL, 0), 0);
	assert_int_not_equal(shell("tc qdisc show dev a | grep -q clsact"), 0);
	assert_int_equal(shell("tc qdisc show dev b | grep -q clsact"), 0);
}

static void a_qdisc_of_ours_stays_if_somebody_uses_it(void **state)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = 1, .priority = 9);

	assert_int_equal(egress_set(&egress, &maps, ifindex, 1), 1);
	hook.ifindex = ifindex[0];
	opts.prog_fd = bpf_program__fd(egress.program->progs.slash64_proof);
	assert_int_equal(bpf_tc_attach(&hook, &opts), 0);
	assert_int_equal(egress_set(&egress, &maps, NULL, 0), 0);
	opts.prog_fd = opts.prog_id = opts.flags = 0;
	assert_int_equal(bpf_tc_query(&hook, &opts), 0);
	assert_int_equal(clsact_program(ifindex[0]), 0);
}

static void a_filter_of_somebody_else_is_not_replaced(void **state)
{
	char command[96];

	assert_int_equal(egress_set(&egress, &maps, ifindex, 1), 1);
	/* as if another program had the place: its pin is gone, so it is not known as ours */
	egress_free(&egress);
	snprintf(command, sizeof(command), "rm -rf %s/egress", pins);
	assert_int_equal(shell(command), 0);
	init(&egress);
	assert_int_equal(egress_set(&egress, &maps, ifindex, 1), 0);
	assert_int_not_equal(clsact_program(ifindex[0]), 0);
	assert_int_equal(clsact_detach(ifindex[0], true), 0);
	assert_int_equal(egress_set(&egress, &maps, ifindex, 1), 1);
}

#define TCX(name) cmocka_unit_test_setup_teardown(name, set_up_tcx, tear_down)
#define TC(name)  cmocka_unit_test_setup_teardown(name, set_up_tc, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCX(it_is_on_what_is_filtered_and_on_nothing_else),
		TCX(a_start_finds_it_and_there_is_never_a_second_one),
		TCX(an_interface_that_is_gone_leaves_nothing),
		TC(it_is_on_what_is_filtered_and_on_nothing_else),
		TC(a_start_finds_it_and_there_is_never_a_second_one),
		TC(an_interface_that_is_gone_leaves_nothing),
		TC(a_qdisc_that_was_there_stays_and_ours_goes),
		TC(a_qdisc_of_ours_stays_if_somebody_uses_it),
		TC(a_filter_of_somebody_else_is_not_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
