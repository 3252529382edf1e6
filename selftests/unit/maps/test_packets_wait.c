// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/maps/packets_wait.c */
/* The wait for packets is a grace period of RCU, whatever the kernel refuses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <bpf/bpf.h>
#include <dirent.h>
#include <linux/filter.h>
#include <linux/membarrier.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "maps/packets_wait.h"

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static int open_files(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

/* From here on, system calls with that number fail. */
static void refuse(unsigned int call)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(99);
}

/* Waits in a process of its own, without those system calls. Milliseconds. */
static unsigned int waited_without(const unsigned int *call, int calls)
{
	int status;
	pid_t child = fork();

	if (!child) {
		uint64_t began_ns;
		int files = open_files();

		for (int i = 0; i < calls; i++)
			refuse(call[i]);
		began_ns = now_ns();
		packets_wait();
		if (open_files() != files)
			_exit(98);
		began_ns = (now_ns() - began_ns) / 1000000;
		_exit(began_ns < 90 ? began_ns : 90);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) <= 90);
	return WEXITSTATUS(status);
}

static void it_waits_by_a_map_and_without_the_right_to_it_otherwise(void **state)
{
	static const unsigned int calls[] = {SYS_bpf, SYS_membarrier};

	(void)state;
	waited_without(NULL, 0);
	waited_without(calls, 1);
	/* by the clock only if nothing else can be had */
	assert_true(waited_without(calls, 2) >= PACKETS_LONGEST_MS);
}

/* On a kernel with nohz_full, membarrier() is refused: the time alone does not count where threads
 * of the kernel are preempted while they process packets.
 */
static void without_membarrier_it_does_not_depend_on_a_time(void **state)
{
	static const unsigned int calls[] = {SYS_membarrier};
	unsigned int shortest = PACKETS_LONGEST_MS;

	(void)state;
	if (bpf_map_create(BPF_MAP_TYPE_ARRAY, "s64_may", 4, 4, 1, NULL) < 0)
		skip();
	for (int i = 0; i < 10; i++) {
		unsigned int ms = waited_without(calls, 1);

		if (ms < shortest)
			shortest = ms;
	}
	assert_true(shortest < PACKETS_LONGEST_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_waits_by_a_map_and_without_the_right_to_it_otherwise),
		cmocka_unit_test(without_membarrier_it_does_not_depend_on_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
