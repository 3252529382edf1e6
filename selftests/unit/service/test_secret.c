// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "service/secret.h"

static void a_secret_is_the_first_line(void **state)
{
	char path[] = "/tmp/slash64-secret-XXXXXX", out[64];
	struct error error;
	FILE *file = fdopen(mkstemp(path), "w");

	assert_non_null(file);
	fputs("tok en\r\nmore\n", file);
	fclose(file);
	assert_int_equal(secret_read(path, out, sizeof(out), &error), 0);
	assert_string_equal(out, "tok en");
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(secret_read(path, out, sizeof(out), &error), -ENODATA);
	unlink(path);
	assert_int_equal(secret_read(path, out, sizeof(out), &error), -ENOENT);
	assert_non_null(strstr(error.text, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_secret_is_the_first_line)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
