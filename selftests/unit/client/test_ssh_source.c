// SPDX-License-Identifier: GPL-2.0-only
/* Where the operator is logged in from: addresses, each once, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../cli/cli_test.h"
#include "client/ssh_source.h"

/* How often the list contains this address. */
static int times(const char *address)
{
	json_t *sources = ssh_sources(), *source;
	int count = 0;
	size_t i;

	json_array_foreach (sources, i, source)
		count += !strcmp(json_string_value(source), address);
	json_decref(sources);
	return count;
}

static void both_variables_count_and_an_address_is_listed_once(void **state)
{
	setenv("SSH_CONNECTION", "2400:7::5 50000 2400::6 22", 1);
	setenv("SSH_CLIENT", "2400:7::5 50000 22", 1);
	assert_int_equal(times("2400:7::5"), 1);
	assert_int_equal(times("2400::6"), 0);
	setenv("SSH_CLIENT", "198.51.100.9 50000 22", 1);
	assert_int_equal(times("198.51.100.9"), 1);
	assert_int_equal(times("2400:7::5"), 1);
}

static void an_address_is_written_as_slash64d_reads_it(void **state)
{
	unsetenv("SSH_CLIENT");
	setenv("SSH_CONNECTION", "2400:0007:0:0::5 1 ::1 22", 1);
	assert_int_equal(times("2400:7::5"), 1);
	/* a zone index is local to this machine */
	setenv("SSH_CONNECTION", "fe80::77%eth0 1 ::1 22", 1);
	assert_int_equal(times("fe80::77"), 1);
	setenv("SSH_CONNECTION", "::ffff:198.51.100.9 1 ::1 22", 1);
	assert_int_equal(times("198.51.100.9"), 1);
}

static void what_is_no_address_is_left_out(void **state)
{
	json_t *without, *with;

	unsetenv("SSH_CLIENT");
	unsetenv("SSH_CONNECTION");
	without = ssh_sources();
	setenv("SSH_CLIENT", "2400::/32 1 22", 1);
	setenv("SSH_CONNECTION",
	       "UNKNOWN0123456789012345678901234567890123456789012345678901234567890 1", 1);
	with = ssh_sources();
	assert_true(json_equal(without, with));
	json_decref(without);
	json_decref(with);
	setenv("SSH_CONNECTION", "", 1);
	setenv("SSH_CLIENT", "UNKNOWN", 1);
	assert_int_equal(times("UNKNOWN"), 0);
}

/* Runs this program again below a shell that has the variable: /proc shows the environment that a
 * process was started with.
 */
__attribute__((constructor)) static void run_below(void)
{
	if (getenv("SLASH64_TEST_BELOW"))
		_exit(times("2400:7::77") != 1);
}

static void what_sudo_removed_is_found_in_a_process_above(void **state)
{
	char self[4096] = "";
	int status;
	pid_t pid;

	unsetenv("SSH_CLIENT");
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	setenv("SSH_CONNECTION", "2400:7::77 1 ::1 22", 1);
	pid = fork();
	if (!pid) {
		execl("/bin/sh", "sh", "-c",
		      "env -u SSH_CONNECTION SLASH64_TEST_BELOW=1 \"$0\"; exit $?", self,
		      (char *)NULL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_variables_count_and_an_address_is_listed_once),
		cmocka_unit_test(an_address_is_written_as_slash64d_reads_it),
		cmocka_unit_test(what_is_no_address_is_left_out),
		cmocka_unit_test(what_sudo_removed_is_found_in_a_process_above),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
