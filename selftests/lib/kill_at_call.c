// SPDX-License-Identifier: GPL-2.0-only
/* Preloaded into slash64d by a test. Kills it right before its Nth call that makes a file of the
 * store, or another file, durable: KILL_AT_CALL=N. The kernel keeps what was written, as after a
 * kill.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void count_call(void)
{
	static long left;
	const char *at = getenv("KILL_AT_CALL");

	if (!left)
		left = at ? strtol(at, NULL, 10) : -1;
	if (left > 0 && !--left)
		kill(getpid(), SIGKILL);
}

int fsync(int fd)
{
	static int (*real)(int);

	count_call();
	if (!real)
		real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	return real(fd);
}

int fdatasync(int fd)
{
	static int (*real)(int);

	count_call();
	if (!real)
		real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	return real(fd);
}
