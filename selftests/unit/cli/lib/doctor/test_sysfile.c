// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/sysfile.h"

static void files_are_read_below_the_root(void **state)
{
	char path[PATH_MAX], line[32];
	int64_t number = 5;

	write_file("/sys/a", "12\nmore\n");
	write_file("/sys/b", "12x\n");
	write_file("/sys/q/rx-0", "");
	write_file("/sys/q/rx-1", "");
	write_file("/sys/q/tx-0", "");
	assert_int_equal(sysfile_line(sysfile_path(root, path, "/sys/%s", "a"), line, sizeof(line)),
			 0);
	assert_string_equal(line, "12");
	assert_int_equal(sysfile_number(path, &number), 0);
	assert_int_equal(number, 12);
	assert_int_equal(sysfile_number(sysfile_path(root, path, "/sys/b"), &number), -EINVAL);
	assert_int_equal(sysfile_number(sysfile_path(root, path, "/sys/c"), &number), -ENOENT);
	assert_int_equal(number, 12);
	assert_false(sysfile_exists(path));
	assert_int_equal(sysfile_count(sysfile_path(root, path, "/sys/q"), "rx-"), 2);
	assert_int_equal(sysfile_count(sysfile_path(root, path, "/sys/z"), "rx-"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_are_read_below_the_root, make_root,
						remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
