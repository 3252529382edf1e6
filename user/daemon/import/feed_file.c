// SPDX-License-Identifier: GPL-2.0-only
#include "feed_file.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A last line without an end may continue; cut, it would be another prefix. */
#define OPEN_LINE_MS 30000
/* A process that holds a file open for writing longer than this without writing is not writing it.
 */
#define WRITER_MAX_MS 300000
#define LOOK_AGAIN_MS 1000

bool feed_file_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A read lease is refused while somebody has the file open for writing (fcntl(2)). It requires to
 * own the file; otherwise only the time without changes counts.
 */
static bool is_open_for_writing(int fd)
{
	bool busy = fcntl(fd, F_SETLEASE, F_RDLCK) && errno == EAGAIN;

	fcntl(fd, F_SETLEASE, F_UNLCK);
	return busy;
}

/* JSON ends by itself; everything else with the end of its last line. */
static bool is_ended(int fd, off_t bytes)
{
	char last;

	return !bytes || pread(fd, &last, 1, bytes - 1) != 1 || last == '\n' || last == '}' ||
	       last == ']';
}

static int64_t still_for(struct feed_file *file, const struct stat *now)
{
	int64_t age_ms =
		clock_wall_ms() - now->st_mtim.tv_sec * 1000LL - now->st_mtim.tv_nsec / 1000000;
	int64_t now_ms = clock_monotonic_ms();

	if (!feed_file_is_same(now, &file->candidate)) {
		file->candidate = *now;
		/* one written long ago need not be watched first */
		file->still_since_ms = now_ms - (age_ms > 0 ? age_ms : 0);
	}
	return now_ms - file->still_since_ms;
}

/* How long it must have been unchanged. */
static int64_t needed(const struct feed_file *file, int64_t still_ms)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int64_t ms = file->debounce_ms;

	if (fd < 0)
		return ms; /* reading will report the reason */
	if (!is_ended(fd, file->candidate.st_size) && ms < OPEN_LINE_MS)
		ms = OPEN_LINE_MS;
	if (still_ms < WRITER_MAX_MS && is_open_for_writing(fd))
		ms = WRITER_MAX_MS;
	close(fd);
	return ms;
}

int feed_file_look(struct feed_file *file, int64_t *wait_ms)
{
	int64_t still_ms, needed_ms;
	struct stat now;

	if (stat(file->path, &now))
		return -errno;
	if (feed_file_is_same(&now, &file->seen)) {
		file->renamed = false;
		return FEED_FILE_SAME;
	}
	still_ms = still_for(file, &now);
	if (file->renamed || file->grows) {
		file->renamed = false;
		return FEED_FILE_READY;
	}
	needed_ms = needed(file, still_ms);
	if (still_ms >= needed_ms)
		return FEED_FILE_READY;
	*wait_ms = needed_ms - still_ms < LOOK_AGAIN_MS ? needed_ms - still_ms : LOOK_AGAIN_MS;
	return FEED_FILE_WAIT;
}

static bool is_name_of(const char *name, const char *path)
{
	const char *slash = strrchr(path, '/');

	return !strcmp(name, slash ? slash + 1 : path);
}

void feed_file_renamed(struct feed_file *file, const char *name)
{
	char target[PATH_MAX];

	if (is_name_of(name, file->path) ||
	    (realpath(file->path, target) && is_name_of(name, target)))
		file->renamed = true;
}
