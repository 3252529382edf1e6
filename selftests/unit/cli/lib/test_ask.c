// SPDX-License-Identifier: GPL-2.0-only
/* A question needs a terminal or --yes; anything but y is no. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../cli_test.h"
#include "cli/lib/ask.h"

static int saved_stdin = -1;

/* Makes this text the standard input. */
static void answer(const char *text)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
	close(ends[1]);
	saved_stdin = dup(STDIN_FILENO);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	clearerr(stdin);
}

static void answered(void)
{
	while (getchar() != EOF)
		;
	dup2(saved_stdin, STDIN_FILENO);
	close(saved_stdin);
}

static bool asked(const char *text)
{
	bool yes;

	answer(text);
	COMPLAINED(yes = ask("really?"));
	answered();
	return yes;
}

static void only_y_is_yes(void **state)
{
	assert_true(asked("y\n"));
	assert_true(asked("Yes\n"));
	assert_false(asked("n\n"));
	assert_false(asked("\n"));
	assert_false(asked(" y\n"));
	assert_false(asked(""));
}

static void the_question_is_on_standard_error(void **state)
{
	answer("n\n");
	assert_string_equal(COMPLAINED(ask("really?")), "really? [y/N] ");
	answered();
	answer("n\n");
	print_begin(STDERR_FILENO);
	close(dup(file_fd));
	assert_false(ask("really?"));
	print_end(STDERR_FILENO);
	answered();
}

static void a_pipe_is_nobody_to_ask(void **state)
{
	answer("y\n");
	assert_false(ask_is_possible());
	assert_int_equal(ask_first("really?", false, "an undo", "use --yes"), EXIT_REFUSED);
	answered();
	assert_non_null(strstr(said, "an undo needs a confirmation"));
	assert_non_null(strstr(said, "use --yes"));
}

static void yes_is_not_asked_again(void **state)
{
	assert_string_equal(COMPLAINED(assert_int_equal(ask_first("really?", true, "an undo", "-"),
							-1)),
			    "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_y_is_yes),
		cmocka_unit_test(the_question_is_on_standard_error),
		cmocka_unit_test(a_pipe_is_nobody_to_ask),
		cmocka_unit_test(yes_is_not_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
