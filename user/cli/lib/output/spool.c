// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "spool.h"

#define PIECE_BYTES 65536

struct spooled {
	int file;
	off_t written, read; /* bytes of the file */
};

/* All of it, however long that takes; false when nobody reads any more. */
static bool write_all(int to, const char *text, ssize_t n)
{
	for (ssize_t written; n > 0; text += written, n -= written) {
		written = write(to, text, n);
		if (written < 0 && errno != EINTR)
			return false;
		written = written < 0 ? 0 : written;
	}
	return true;
}

/* The disk is full: from here on the writer waits for the reader, as without a spool. */
static void pass_on(const struct spooled *spooled, int from, int to, const char *first, ssize_t n)
{
	char piece[PIECE_BYTES];
	off_t at = spooled->read;
	ssize_t got;

	fcntl(to, F_SETFL, 0);
	while (at < spooled->written) {
		got = pread(spooled->file, piece, sizeof(piece), at);
		if (got <= 0 || got > spooled->written - at)
			got = got <= 0 ? 0 : spooled->written - at;
		if (!got || !write_all(to, piece, got))
			return;
		at += got;
	}
	if (!write_all(to, first, n))
		return;
	while ((got = read(from, piece, sizeof(piece))) > 0 || (got < 0 && errno == EINTR))
		if (got > 0 && !write_all(to, piece, got))
			return;
}

/* False at the end. */
static bool take(struct spooled *spooled, int from, int to)
{
	char piece[PIECE_BYTES];
	ssize_t n = read(from, piece, sizeof(piece));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	if (pwrite(spooled->file, piece, n, spooled->written) == n) {
		spooled->written += n;
		return true;
	}
	pass_on(spooled, from, to, piece, n);
	spooled->read = spooled->written;
	return false;
}

/* False when nobody reads any more. */
static bool give(struct spooled *spooled, int to)
{
	char piece[PIECE_BYTES];
	ssize_t n = pread(spooled->file, piece, sizeof(piece), spooled->read);

	n = n > 0 ? write(to, piece, n) : -1;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	spooled->read += n;
	return true;
}

void spool(int file, int from, int to)
{
	struct spooled spooled = {.file = file};

	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a disk that is full */
	fcntl(to, F_SETFL, O_NONBLOCK);
	while (from >= 0 || spooled.read < spooled.written) {
		bool is_waiting = spooled.read < spooled.written;
		struct pollfd fds[] = {{from, POLLIN, 0}, {to, is_waiting ? POLLOUT : 0, 0}};

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents & POLLERR || (fds[1].revents & POLLOUT && !give(&spooled, to)))
			break;
		if (fds[0].revents && !take(&spooled, from, to))
			from = -1;
	}
}
