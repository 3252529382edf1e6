// SPDX-License-Identifier: GPL-2.0-only
#include "packets_wait.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* No packet takes that long: the kernel processes packets for at most 2 ms at a time
 * (net.core.netdev_budget_usecs), and a program of a million instructions takes a millisecond.
 */
#define LONGEST_NS (PACKETS_LONGEST_MS * 1000000L)

unsigned int packets_longest_ms(void)
{
	return PACKETS_LONGEST_MS;
}

/* The kernel runs the program in an RCU read-side section. This command waits for a grace period
 * (membarrier(2): all CPUs have passed a quiescent state). The kernel refuses it if some CPUs run
 * without a tick (nohz_full).
 */
void packets_wait(void)
{
	static const struct timespec longest = {.tv_nsec = LONGEST_NS};

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		nanosleep(&longest, NULL);
}
