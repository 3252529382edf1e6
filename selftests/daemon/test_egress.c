// SPDX-License-Identifier: GPL-2.0-only
/* The program at egress of real interfaces, in a network namespace of its own: by tcx, and by tc as
 * on kernels without it. A second `struct egress` is a slash64d after a kill.
 */
#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "daemon/attach/egress/clsact.h"
#include "daemon/attach/egress/egress.h"
#include "daemon/attach/xdp/xdp_attach.h"
#include "proof.skel.h"

#define LINK_TYPE_TCX 11 /* of Linux 6.6; the headers of Debian 12 do not have it */

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

static uint32_t program_on(unsigned int which)
{
	uint32_t id = 0;

	assert_int_equal(clsact_program(which, &id), 0);
	return id;
}

static bool has_qdisc(const char *iface)
{
	char command[96];

	snprintf(command, sizeof(command), "tc qdisc show dev %s | grep -q clsact", iface);
	return !shell(command);
}

/* So many descriptors can be opened from now on; negative: as many as before. */
static void leave_descriptors(int count)
{
	static struct rlimit before;
	struct rlimit now;
	int next = open("/dev/null", O_RDONLY);

	close(next);
	if (!before.rlim_cur)
		getrlimit(RLIMIT_NOFILE, &before);
	now = before;
	if (count >= 0)
		now.rlim_cur = next + count;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
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
	assert_int_equal(program_on(ifindex[0]), 0);
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
	assert_true(has_qdisc("a"));
	assert_int_equal(egress_set(&egress, &maps, NULL, 0), 0);
	assert_false(has_qdisc("a"));
	assert_true(has_qdisc("b"));
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
	assert_int_equal(program_on(ifindex[0]), 0);
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
	assert_int_not_equal(program_on(ifindex[0]), 0);
	assert_int_equal(clsact_detach(ifindex[0], true), 0);
	assert_int_equal(egress_set(&egress, &maps, ifindex, 1), 1);
}

/* Without a descriptor, the kernel cannot be asked. */
static void what_the_kernel_does_not_say_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
	leave_descriptors(0);
	egress_set(&egress, &maps, ifindex, 2);
	leave_descriptors(-1);
	assert_int_equal(pin_count(), 2);
	egress_free(&egress);
	for (int descriptors = 0; descriptors < 3; descriptors++) {
		leave_descriptors(descriptors);
		init(&egress);
		assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 0);
		leave_descriptors(-1);
		assert_int_equal(pin_count(), 2);
		assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
		assert_int_equal(pin_count(), 2);
		egress_free(&egress);
	}
	init(&egress);
	assert_int_equal(egress_set(&egress, &maps, NULL, 0), 0);
	assert_int_equal(pin_count(), 0);
	assert_false(has_qdisc("a"));
}

/* What is written to standard error, in lines. */
static unsigned int lines_of(void (*what)(void))
{
	FILE *file = tmpfile();
	int before = dup(STDERR_FILENO), c;
	unsigned int lines = 0;

	dup2(fileno(file), STDERR_FILENO);
	what();
	fflush(stderr);
	dup2(before, STDERR_FILENO);
	close(before);
	rewind(file);
	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	fclose(file);
	return lines;
}

static void two_seconds(void)
{
	egress_set(&egress, &maps, ifindex, 2);
	egress_set(&egress, &maps, ifindex, 2);
}

static void each_interface_that_fails_is_told_once_until_it_works(void **state)
{
	char command[96];

	(void)state;
	assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
	egress_free(&egress);
	snprintf(command, sizeof(command), "rm -rf %s/egress", pins);
	assert_int_equal(shell(command), 0);
	init(&egress);
	assert_int_equal(lines_of(two_seconds), 2);
	assert_int_equal(lines_of(two_seconds), 0);
	for (int i = 0; i < 2; i++)
		clsact_detach(ifindex[i], true);
	assert_int_equal(lines_of(two_seconds), 0);
	assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
}

/* --- killed before any system call that changes something --- */

static void attach_both(void)
{
	egress_set(&egress, &maps, ifindex, 2);
}

static void detach_both(void)
{
	egress_set(&egress, &maps, NULL, 0);
}

/* Does it change what others see? Of what is sent, all. */
static bool changes(const struct __ptrace_syscall_info *call)
{
	switch (call->entry.nr) {
	case SYS_bpf:
		return call->entry.args[0] == BPF_OBJ_PIN ||
		       call->entry.args[0] == BPF_LINK_CREATE ||
		       call->entry.args[0] == BPF_LINK_UPDATE ||
		       call->entry.args[0] == BPF_LINK_DETACH;
	case SYS_sendto:
	case SYS_sendmsg:
	case SYS_mkdirat:
	case SYS_unlinkat:
#ifdef SYS_unlink
	case SYS_mkdir:
	case SYS_rmdir:
	case SYS_unlink:
#endif
		return true;
	default:
		return false;
	}
}

/* To the next call that changes something. False: there is none. */
static bool go_on(pid_t child)
{
	struct __ptrace_syscall_info call;
	int status;

	do {
		ptrace(PTRACE_SYSCALL, child, 0, 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		if (!WIFSTOPPED(status))
			return false;
		ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(call), &call);
	} while (call.op != PTRACE_SYSCALL_INFO_ENTRY || !changes(&call));
	return true;
}

/* A start, in a child that is killed before the call of that number; false if it makes fewer. */
static bool kill_at(unsigned int call, void (*what)(void))
{
	int status;
	bool more = true;
	pid_t child = fork();

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		init(&egress);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (unsigned int i = 0; i < call && more; i++)
		more = go_on(child);
	if (more) {
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
	}
	return more;
}

/* A link lives by its pin, so what a kill left unpinned is gone. */
static bool has_tcx(unsigned int which)
{
	bool found = false;
	uint32_t id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		struct bpf_link_info info = {};
		__u32 bytes = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &bytes) &&
		    info.type == LINK_TYPE_TCX && info.xdp.ifindex == which) {
			assert_false(found); /* a second one */
			found = true;
		}
		if (fd >= 0)
			close(fd);
	}
	return found;
}

/* On both interfaces. */
static unsigned int programs_at_egress(void)
{
	unsigned int count = 0;

	for (int i = 0; i < 2; i++)
		count += no_tcx ? program_on(ifindex[i]) != 0 : has_tcx(ifindex[i]);
	return count;
}

static void nothing_is_left(void)
{
	init(&egress);
	assert_int_equal(egress_set(&egress, &maps, NULL, 0), 0);
	assert_int_equal(pin_count(), 0);
	assert_int_equal(programs_at_egress(), 0);
	assert_false(has_qdisc("a") || has_qdisc("b"));
}

static void one_is_on_each(void)
{
	init(&egress);
	assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
	assert_int_equal(egress_set(&egress, &maps, ifindex, 2), 2);
	assert_int_equal(pin_count(), 2);
	assert_int_equal(programs_at_egress(), 2);
	egress_free(&egress);
}

static void killed_before_any_call_of_an_attach_the_next_start_puts_it_right(void **state)
{
	unsigned int call = 1;

	(void)state;
	egress_free(&egress);
	for (; kill_at(call, attach_both); call++) {
		if (call % 2)
			one_is_on_each();
		nothing_is_left();
	}
	assert_true(call > 3);
	nothing_is_left();
}

static void killed_before_any_call_of_an_update_the_next_start_puts_it_right(void **state)
{
	unsigned int call = 1;

	(void)state;
	egress_free(&egress);
	one_is_on_each();
	while (kill_at(call++, attach_both))
		one_is_on_each();
	assert_true(call > 3);
	nothing_is_left();
}

static void killed_before_any_call_of_a_detach_the_next_start_puts_it_right(void **state)
{
	unsigned int call = 1;
	bool more;

	(void)state;
	egress_free(&egress);
	do {
		one_is_on_each();
		more = kill_at(call++, detach_both);
		nothing_is_left();
	} while (more);
	assert_true(call > 3);
}

#define TCX(name) cmocka_unit_test_setup_teardown(name, set_up_tcx, tear_down)
#define TC(name)  cmocka_unit_test_setup_teardown(name, set_up_tc, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCX(it_is_on_what_is_filtered_and_on_nothing_else),
		TCX(a_start_finds_it_and_there_is_never_a_second_one),
		TCX(an_interface_that_is_gone_leaves_nothing),
		TCX(what_the_kernel_does_not_say_changes_nothing),
		TCX(killed_before_any_call_of_an_attach_the_next_start_puts_it_right),
		TCX(killed_before_any_call_of_an_update_the_next_start_puts_it_right),
		TCX(killed_before_any_call_of_a_detach_the_next_start_puts_it_right),
		TC(it_is_on_what_is_filtered_and_on_nothing_else),
		TC(a_start_finds_it_and_there_is_never_a_second_one),
		TC(an_interface_that_is_gone_leaves_nothing),
		TC(a_qdisc_that_was_there_stays_and_ours_goes),
		TC(a_qdisc_of_ours_stays_if_somebody_uses_it),
		TC(a_filter_of_somebody_else_is_not_replaced),
		TC(what_the_kernel_does_not_say_changes_nothing),
		TC(each_interface_that_fails_is_told_once_until_it_works),
		TC(killed_before_any_call_of_an_attach_the_next_start_puts_it_right),
		TC(killed_before_any_call_of_an_update_the_next_start_puts_it_right),
		TC(killed_before_any_call_of_a_detach_the_next_start_puts_it_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
