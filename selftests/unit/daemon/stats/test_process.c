// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/stats/process.c */
/* Figures of slash64d's own process match what the kernel reports. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "daemon/stats/process.h"

static void a_process_is_told_as_it_is(void **state)
{
	struct process_stats before, after;
	struct rlimit files;
	int fd;

	(void)state;
	assert_int_equal(process_stats_read(&before), 0);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(process_stats_read(&after), 0);
	close(fd);
	assert_int_equal(after.open_fds, before.open_fds + 1);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	assert_int_equal(after.max_fds, files.rlim_cur);
	assert_true(after.virtual_bytes >= after.resident_bytes && after.resident_bytes > 100000);
	assert_true(after.cpu_s >= before.cpu_s && after.cpu_s > 0);
	assert_true(after.started_s <= time(NULL) + 1 && after.started_s > time(NULL) - 3600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_process_is_told_as_it_is)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
