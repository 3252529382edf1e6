// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "spool.h"

#define PIECE_BYTES 65536

struct spooled {
	int file;
	off_t written, read; /* bytes of the file */
};

/* False at the end, and when the disk is full: the writer learns it by a pipe that is closed. */
static bool take(struct spooled *spooled, int from)
{
	char piece[PIECE_BYTES];
	ssize_t n = read(from, piece, sizeof(piece));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0 || pwrite(spooled->file, piece, n, spooled->written) != n)
		return false;
	spooled->written += n;
	return true;
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

	fcntl(to, F_SETFL, O_NONBLOCK);
	while (from >= 0 || spooled.read < spooled.written) {
		bool is_waiting = spooled.read < spooled.written;
		struct pollfd fds[] = {{from, POLLIN, 0}, {to, is_waiting ? POLLOUT : 0, 0}};

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents & POLLERR || (fds[1].revents & POLLOUT && !give(&spooled, to)))
			break;
		if (fds[0].revents && !take(&spooled, from))
			from = -1;
	}
}
