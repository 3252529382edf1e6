// SPDX-License-Identifier: GPL-2.0-only
/* Any file as a capture: frames are no longer than they claim and in valid memory, followed by the
 * end or by a one-line error.
 */
#include "fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replay/capture.h"

static int fd = -1;
static char path[64];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fd = memfd_create("capture", MFD_CLOEXEC);
	promise(fd >= 0, "no memory for a file");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return 0;
}

static void write_file(const uint8_t *data, size_t bytes)
{
	promise(!ftruncate(fd, 0) && pwrite(fd, data, bytes, 0) == (ssize_t)bytes,
		"cannot write %zu bytes", bytes);
}

/* Reads every byte, as replay does. */
static void touch(const unsigned char *frame, uint32_t bytes)
{
	free(exact_copy(frame, bytes));
}

static void read_all(struct capture *capture, size_t bytes)
{
	struct error error = {};
	struct captured got;
	size_t packets = 0;
	int err;

	while ((err = capture_next(capture, &got, &error)) == 1) {
		double progress = capture_progress(capture);

		promise(++packets <= bytes, "more packets than bytes");
		promise(got.wire_bytes >= got.bytes, "%u bytes of %u", got.bytes, got.wire_bytes);
		promise(progress <= 1.0, "progress %f", progress);
		touch(got.frame, got.bytes);
	}
	promise(!err || err == -EIO, "returned %d", err);
	if (err)
		promise_one_line(error.text, sizeof(error.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct capture *capture;
	struct error error = {};

	write_file(data, bytes);
	if (capture_open(&capture, path, &error)) {
		promise_one_line(error.text, sizeof(error.text));
		return 0;
	}
	read_all(capture, bytes);
	capture_close(capture);
	return 0;
}
