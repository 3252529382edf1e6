// SPDX-License-Identifier: GPL-2.0-only
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "pcapng.h"

#define BUFFER_BYTES (256 << 10)
#define LOOK_MS	     100
#define PATIENCE_MS  1000 /* with a reader that does not read, after Ctrl-C */

static bool is_interrupted(struct output *output)
{
	struct pollfd signal = {.fd = output->interrupt->fd, .events = POLLIN};

	return output->interrupt->signal || poll(&signal, 1, 0) > 0;
}

/* A pipe that is ready has room for PIPE_BUF bytes. */
static int wait_for_room(struct output *output)
{
	struct pollfd room = {.fd = output->fd, .events = POLLOUT};

	while (poll(&room, 1, LOOK_MS) <= 0) {
		if (!is_interrupted(output))
			continue;
		if (!output->give_up_ms)
			output->give_up_ms = clock_monotonic_ms() + PATIENCE_MS;
		if (clock_monotonic_ms() >= output->give_up_ms)
			return ETIMEDOUT;
	}
	return 0;
}

static ssize_t write_all(void *data, const char *bytes, size_t count)
{
	struct output *output = data;
	size_t done = 0;

	while (done < count && !output->failed) {
		size_t part = count - done;
		ssize_t written;

		if (output->may_wait)
			output->failed = wait_for_room(output);
		if (output->failed)
			break;
		if (output->may_wait && part > PIPE_BUF)
			part = PIPE_BUF;
		written = write(output->fd, bytes + done, part);
		if (written < 0 && errno != EINTR && errno != EAGAIN)
			output->failed = errno;
		if (written > 0)
			done += written;
	}
	output->written += done;
	return done == count ? (ssize_t)count : 0;
}

/* Nobody reads a named pipe yet: opening it would wait, and not end by Ctrl-C. */
static int open_path(const char *path, struct interrupt *interrupt)
{
	const int flags = O_CREAT | O_TRUNC | O_CLOEXEC;
	struct stat status;
	int fd;

	if (stat(path, &status) || !S_ISFIFO(status.st_mode)) {
		fd = open(path, flags | O_RDWR, 0600);
		return fd < 0 && errno == EACCES ? open(path, flags | O_WRONLY, 0600) : fd;
	}
	do
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	while (fd < 0 && errno == ENXIO &&
	       poll(&(struct pollfd){.fd = interrupt->fd, .events = POLLIN}, 1, LOOK_MS) <= 0);
	return fd;
}

int output_open(struct output *output, const char *path, struct interrupt *interrupt,
		struct error *error)
{
	const cookie_io_functions_t calls = {.write = write_all};
	struct stat status;
	int err;

	memset(output, 0, sizeof(*output));
	output->interrupt = interrupt;
	output->name = path && strcmp(path, "-") ? path : NULL;
	output->fd = output->name ? open_path(path, interrupt) :
				    fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	if (output->fd >= 0)
		output->file = fopencookie(output, "w", calls);
	if (!output->file) {
		err = -errno;
		if (output->fd >= 0)
			close(output->fd);
		return error_set(error, err, "cannot write %.256s: %s",
				 output->name ? output->name : "the output", strerror(-err));
	}
	output->may_wait = fstat(output->fd, &status) || !S_ISREG(status.st_mode);
	setvbuf(output->file, NULL, _IOFBF, BUFFER_BYTES);
	return 0;
}

bool output_flush(struct output *output)
{
	if (fflush(output->file) || output->failed)
		return false;
	output->whole = output->written;
	return true;
}

int output_close(struct output *output, struct error *error)
{
	int failed;

	if (!output->file)
		return 0;
	fclose(output->file);
	output->file = NULL;
	failed = output->failed;
	if (failed && !output->may_wait)
		pcapng_cut(output->fd, output->whole);
	if (close(output->fd) && !failed)
		failed = errno;
	if (!failed || (failed == EPIPE && !output->name))
		return 0;
	return error_set(error, -failed, "cannot write %.256s: %s",
			 output->name ? output->name : "the output",
			 failed == ETIMEDOUT ? "nobody reads it" : strerror(failed));
}
