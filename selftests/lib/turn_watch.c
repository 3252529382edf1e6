// SPDX-License-Identifier: GPL-2.0-only
/* Preloaded into slash64d by a test. Measures the turns of its loop, from one wait for events to
 * the next, in CPU time of its thread, because the machine is shared. The file TURN_WATCH contains
 * the longest turn in nanoseconds, the number of turns, and the number that took too long; the test
 * writes zeros to start again.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define LONG_NS 7000000 /* the goal is 5 ms; time of interrupts counts too */

struct watch {
	uint64_t longest_ns, turns, too_long;
};

static struct watch *watch;
static uint64_t began_ns;

static uint64_t spent_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void open_watch(void)
{
	const char *path = getenv("TURN_WATCH");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd >= 0)
		watch = mmap(NULL, sizeof(*watch), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || watch == MAP_FAILED)
		_exit(77);
	close(fd);
}

static void note_turn(uint64_t ns)
{
	if (ns > watch->longest_ns)
		watch->longest_ns = ns;
	watch->too_long += ns > LONG_NS;
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
	static int (*real)(int, struct epoll_event *, int, int);
	int n;

	if (!real) {
		real = (int (*)(int, struct epoll_event *, int, int))dlsym(RTLD_NEXT, "epoll_wait");
		open_watch();
	} else {
		note_turn(spent_ns() - began_ns);
	}
	n = real(fd, events, count, timeout);
	watch->turns++;
	began_ns = spent_ns();
	return n;
}
