// SPDX-License-Identifier: GPL-2.0-only
/* Preloaded into slash64d by a test. Steps the wall clock by the number of seconds in the file
 * STEPPED_CLOCK, and the monotonic clock, as if time had passed, by that in STEPPED_MONOTONIC.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long step(const char *variable)
{
	const char *path = getenv(variable);
	char text[32] = "";
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	int err;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	err = real(clock, now);
	if (!err && clock == CLOCK_REALTIME)
		now->tv_sec += step("STEPPED_CLOCK");
	if (!err && clock == CLOCK_MONOTONIC)
		now->tv_sec += step("STEPPED_MONOTONIC");
	return err;
}
