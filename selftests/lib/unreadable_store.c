// SPDX-License-Identifier: GPL-2.0-only
/* Preloaded into slash64d by a test. Makes reads of the store fail, as with a broken disk. The file
 * UNREADABLE_STORE contains how many more of them succeed, as an int32_t; a negative number means
 * all.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NAME_MAX_BYTES 512

static int32_t *left;

__attribute__((constructor)) static void map_file(void)
{
	const char *path = getenv("UNREADABLE_STORE");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	left = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (left == MAP_FAILED)
		left = NULL;
	close(fd);
}

static bool is_of_store(int fd)
{
	char path[64], name[NAME_MAX_BYTES];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, name, sizeof(name) - 1);
	if (n <= 0)
		return false;
	name[n] = '\0';
	return strstr(name, "/slash64.db") && !strstr(name, "-shm");
}

ssize_t pread64(int fd, void *bytes, size_t n, off64_t at)
{
	static ssize_t (*real)(int, void *, size_t, off64_t);

	if (left && *left >= 0 && is_of_store(fd)) {
		if (!*left) {
			errno = EIO;
			return -1;
		}
		--*left;
	}
	if (!real)
		real = (ssize_t(*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
	return real(fd, bytes, n, at);
}
