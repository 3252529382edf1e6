// SPDX-License-Identifier: GPL-2.0-only
/* A line of the log is complete and written in one piece, however long it is. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"

static char text[4096];

/* What a call writes to standard error. */
#define LOGGED(call)                                       \
	do {                                               \
		int ends[2], saved = dup(STDERR_FILENO);   \
		ssize_t n;                                 \
                                                           \
		assert_int_equal(pipe(ends), 0);           \
		dup2(ends[1], STDERR_FILENO);              \
		call;                                      \
		dup2(saved, STDERR_FILENO);                \
		close(saved);                              \
		close(ends[1]);                            \
		n = read(ends[0], text, sizeof(text) - 1); \
		close(ends[0]);                            \
		text[n > 0 ? n : 0] = '\0';                \
	} while (0)

static void ends_with(const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	assert_true(length >= tail);
	assert_string_equal(text + length - tail, end);
}

static void a_line_names_the_program_and_how_bad_it_is(void **state)
{
	LOGGED(log_info("%s is up", "eth0"));
	assert_non_null(strstr(text, program_invocation_short_name));
	ends_with(": eth0 is up\n");
	LOGGED(log_warning("%d left", 3));
	ends_with(": warning: 3 left\n");
	LOGGED(log_error("gone"));
	ends_with(": error: gone\n");
}

static void a_line_too_long_is_cut_off_and_still_ends(void **state)
{
	char much[3000];

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	LOGGED(log_error("%s", much));
	assert_int_equal(strlen(text), 1023);
	ends_with("xx\n");
	assert_ptr_equal(strchr(text, '\n'), text + 1022);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_names_the_program_and_how_bad_it_is),
		cmocka_unit_test(a_line_too_long_is_cut_off_and_still_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
