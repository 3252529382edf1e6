// SPDX-License-Identifier: GPL-2.0-only
#include "packets_wait.h"

#include <bpf/bpf.h>
#include <linux/membarrier.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_NS (PACKETS_LONGEST_MS * 1000000L)

/* The kernel runs the program in an RCU read-side section, also where its threads are preempted
 * (PREEMPT_RT). An update of a map of maps returns after a grace period, so that no program uses the
 * map that was there (maybe_wait_bpf_programs() in kernel/bpf/syscall.c).
 */
static bool wait_by_map(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);
	int outer = -1, inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "s64_wait", 4, 4, 1, NULL);
	__u32 key = 0;
	bool waited = false;

	if (inner >= 0) {
		options.inner_map_fd = inner;
		outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "s64_wait", 4, 4, 1, &options);
	}
	if (outer >= 0) {
		waited = !bpf_map_update_elem(outer, &key, &inner, BPF_ANY);
		close(outer);
	}
	if (inner >= 0)
		close(inner);
	return waited;
}

/* Without the right to make maps, membarrier(2) waits for a grace period too: not if some CPUs run
 * without a tick (nohz_full), where it is refused, nor if there is only one CPU. No packet takes
 * longer than the rest of them: the kernel processes packets for at most 2 ms at a time
 * (net.core.netdev_budget_usecs), and a program of a million instructions takes a millisecond.
 */
void packets_wait(void)
{
	static const struct timespec longest = {.tv_nsec = LONGEST_NS};

	if (!wait_by_map() && syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		nanosleep(&longest, NULL);
}
