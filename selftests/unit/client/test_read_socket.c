// SPDX-License-Identifier: GPL-2.0-only
/* The socket beside the control socket, and who may use the two. */
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../cli/cli_test.h"
#include "client/read_socket.h"

static void beside(const char *socket, const char *expected)
{
	char *path = read_socket_beside(socket);

	if (expected)
		assert_string_equal(path, expected);
	else
		assert_null(path);
	free(path);
}

static void it_is_in_the_same_directory(void **state)
{
	beside("/run/slash64/control.sock", "/run/slash64/read.sock");
	beside("/x", "/read.sock");
	beside("a/b", "a/read.sock");
	beside("x", NULL);
}

static void the_hint_names_the_groups_that_the_sockets_have(void **state)
{
	char directory[] = "/tmp/slash64-test-XXXXXX", path[64], read_path[64];
	char hint[READ_SOCKET_HINT_MAX], expected[READ_SOCKET_HINT_MAX];
	struct group *group = getgrnam("daemon");

	if (geteuid() || !group)
		skip();
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/control.sock", directory);
	snprintf(read_path, sizeof(read_path), "%s/read.sock", directory);
	/* if the file is missing or belongs to root's group, only root is suggested */
	assert_string_equal(read_socket_group_hint(path, true, hint), "; use root");
	fclose(fopen(path, "w"));
	fclose(fopen(read_path, "w"));
	assert_string_equal(read_socket_group_hint(path, true, hint), "; use root");
	assert_int_equal(chown(path, 0, group->gr_gid), 0);
	assert_string_equal(read_socket_group_hint(path, true, hint),
			    "; use root, or join the group daemon");
	assert_int_equal(chown(read_path, 0, group->gr_gid), 0);
	snprintf(expected, sizeof(expected),
		 "; use root, or join the group daemon, or the group daemon, which may only look");
	assert_string_equal(read_socket_group_hint(path, true, hint), expected);
	/* a change needs the control socket */
	assert_string_equal(read_socket_group_hint(path, false, hint),
			    "; use root, or join the group daemon");
	unlink(path);
	unlink(read_path);
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_in_the_same_directory),
		cmocka_unit_test(the_hint_names_the_groups_that_the_sockets_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
