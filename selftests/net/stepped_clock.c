// SPDX-License-Identifier: GPL-2.0-only
/* Preloaded into slash64d by a test: steps the time of day by the seconds written into the file STEPPED_CLOCK, and
 * leaves every other clock alone.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long step(void)
{
	const char *path = getenv("STEPPED_CLOCK");
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
		now->tv_sec += step();
	return err;
}
