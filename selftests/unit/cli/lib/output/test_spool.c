// SPDX-License-Identifier: GPL-2.0-only
/* A spool accepts output as fast as it arrives, and passes all of it on in order, however slow the
 * reader is.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../cli_test.h"
#include "cli/lib/output/spool.h"

#define BYTES (1 << 20) /* more than pipes hold */

static int in[2], out[2];

/* A process that copies from `in` to `out` through a file of at most `room` bytes. */
static pid_t start(rlim_t room)
{
	FILE *file = tmpfile();
	pid_t pid;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){room, room});
		close(in[1]);
		close(out[0]);
		spool(fileno(file), in[0], out[1]);
		_exit(0);
	}
	fclose(file);
	close(in[0]);
	close(out[1]);
	return pid;
}

static void written_whole(void)
{
	char piece[4096];

	for (int i = 0; i < BYTES; i += sizeof(piece)) {
		for (size_t j = 0; j < sizeof(piece) / 4; j++)
			((uint32_t *)piece)[j] = i / 4 + j;
		assert_int_equal(write(in[1], piece, sizeof(piece)), sizeof(piece));
	}
	close(in[1]);
}

static void is_read_in_order(void)
{
	uint32_t word, next = 0;
	FILE *file = fdopen(out[0], "r");

	while (fread(&word, sizeof(word), 1, file) == 1)
		assert_int_equal(word, next++);
	assert_int_equal(next, BYTES / 4);
	fclose(file);
}

static void a_reader_that_comes_later_gets_all_of_it(void **state)
{
	pid_t pid = start(RLIM_INFINITY);

	/* would block for ever without a spool */
	written_whole();
	is_read_in_order();
	waitpid(pid, NULL, 0);
}

static void without_room_for_the_file_the_writer_waits(void **state)
{
	pid_t pid = start(100000), writer;
	int status;

	writer = fork();
	if (!writer) {
		close(out[0]);
		written_whole();
		_exit(0);
	}
	close(in[1]);
	is_read_in_order();
	waitpid(writer, &status, 0);
	assert_int_equal(status, 0);
	waitpid(pid, NULL, 0);
}

static void it_ends_when_nobody_reads_any_more(void **state)
{
	pid_t pid = start(RLIM_INFINITY);
	int status;

	signal(SIGPIPE, SIG_IGN);
	close(out[0]);
	assert_int_equal(write(in[1], "x", 1), 1);
	/* even though the writer has not ended */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(in[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_that_comes_later_gets_all_of_it),
		cmocka_unit_test(without_room_for_the_file_the_writer_waits),
		cmocka_unit_test(it_ends_when_nobody_reads_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
