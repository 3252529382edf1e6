// SPDX-License-Identifier: GPL-2.0-only
/* Captured packets go to files and pipes, whatever the readers do. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../cli_test.h"
#include "cli/lib/capture/output.h"
#include "cli/lib/capture/pcapng.h"

static struct interrupt interrupt;
static struct output output;
static struct error error;
static char directory[] = "/tmp/test_output-XXXXXX", path[64];

static int prepare(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_DFL); /* a shell ignores it in what it runs in the background */
	snprintf(path, sizeof(path), "%s/file", mkdtemp(directory));
	return interrupt_open(&interrupt, &error);
}

static int clean(void **state)
{
	interrupt.signal = 0;
	interrupt_close(&interrupt);
	unlink(path);
	return rmdir(directory);
}

static void a_new_file_is_for_its_owner(void **state)
{
	struct stat status;

	umask(0);
	assert_int_equal(output_open(&output, path, &interrupt, &error), 0);
	fputs("text", output.file);
	assert_true(output_flush(&output));
	assert_int_equal(output.whole, 4);
	assert_int_equal(output_close(&output, &error), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(status.st_size, 4);
	assert_int_equal(output_close(&output, &error), 0); /* it is closed */
}

static void what_cannot_be_opened_is_told(void **state)
{
	assert_int_equal(output_open(&output, directory, &interrupt, &error), -EISDIR);
	assert_non_null(strstr(error.text, directory));
	assert_null(output.file);
}

static void a_reader_that_has_gone_has_had_enough(void **state)
{
	int kept = dup(STDOUT_FILENO), ends[2];

	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(output_open(&output, "-", &interrupt, &error), 0);
	fputs("text", output.file);
	assert_false(output_flush(&output));
	assert_int_equal(output.failed, EPIPE);
	assert_int_equal(output_close(&output, &error), 0);
	dup2(kept, STDOUT_FILENO);
	close(kept);
}

/* A named pipe with a reader that never reads is waited for, until Ctrl-C and a second. */
static void ctrl_c_ends_waiting_for_a_reader(void **state)
{
	static char much[1 << 20];
	int reader;

	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(output_open(&output, path, &interrupt, &error), 0);
	raise(SIGINT);
	fwrite(much, 1, sizeof(much), output.file);
	assert_false(output_flush(&output));
	assert_int_equal(output.failed, ETIMEDOUT);
	assert_int_equal(output_close(&output, &error), -ETIMEDOUT);
	assert_non_null(strstr(error.text, "nobody reads it"));
	close(reader);
	/* nor for one that does not even open it; the signal still waits to be asked for */
	assert_int_equal(output_open(&output, path, &interrupt, &error), -ENXIO);
	assert_true(interrupt_came(&interrupt));
	unlink(path);
}

static void a_full_disk_leaves_whole_blocks(void **state)
{
	static const char payload[1000];
	const struct pcapng_packet packet = {.data = payload,
					     .captured = 1000,
					     .length = 1000,
					     .comment = "c"};
	struct stat file;
	int status;
	pid_t pid = fork();

	if (!pid) {
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){5000, 5000});
		signal(SIGXFSZ, SIG_IGN);
		if (output_open(&output, path, &interrupt, &error))
			_exit(1);
		pcapng_begin(output.file, "a", "b");
		output_flush(&output);
		for (int i = 0; i < 10; i++)
			pcapng_packet(output.file, &packet);
		if (output_flush(&output) || output_close(&output, &error) != -EFBIG)
			_exit(2);
		_exit(!strstr(error.text, path));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(stat(path, &file), 0);
	/* as many packets as fit behind the head */
	assert_true(file.st_size > 4000 && file.st_size < 5000);
	assert_int_equal((file.st_size - 48) % (12 + 20 + 1000 + 8 + 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_file_is_for_its_owner),
		cmocka_unit_test(what_cannot_be_opened_is_told),
		cmocka_unit_test(a_reader_that_has_gone_has_had_enough),
		cmocka_unit_test(ctrl_c_ends_waiting_for_a_reader),
		cmocka_unit_test(a_full_disk_leaves_whole_blocks),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
