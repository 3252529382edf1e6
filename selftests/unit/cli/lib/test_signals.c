// SPDX-License-Identifier: GPL-2.0-only
/* Ctrl-C is received where the program checks for it, and still ends the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../cli_test.h"
#include "cli/lib/signals.h"

static struct interrupt interrupt;
static struct error error;

static void a_signal_waits_until_it_is_asked_for_and_counts_once(void **state)
{
	assert_int_equal(interrupt_open(&interrupt, &error), 0);
	assert_false(interrupt_came(&interrupt));
	raise(SIGTERM);
	assert_true(interrupt_came(&interrupt));
	assert_int_equal(interrupt.signal, SIGTERM);
	assert_false(interrupt_came(&interrupt));
	interrupt.signal = 0;
	interrupt_close(&interrupt);
}

static void the_mask_is_as_it_was_before(void **state)
{
	sigset_t before, after;

	sigprocmask(SIG_BLOCK, NULL, &before);
	assert_int_equal(interrupt_open(&interrupt, &error), 0);
	sigprocmask(SIG_BLOCK, NULL, &after);
	assert_true(sigismember(&after, SIGINT) && sigismember(&after, SIGHUP));
	interrupt_close(&interrupt);
	sigprocmask(SIG_BLOCK, NULL, &after);
	for (int number = 1; number < SIGRTMIN; number++)
		assert_int_equal(sigismember(&after, number), sigismember(&before, number));
}

static void a_received_signal_ends_the_program_at_the_end(void **state)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGTERM, SIG_DFL);
		if (interrupt_open(&interrupt, &error))
			_exit(1);
		raise(SIGTERM);
		if (!interrupt_came(&interrupt))
			_exit(2);
		interrupt_close(&interrupt);
		_exit(3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void an_ignored_signal_stays_ignored(void **state)
{
	signal(SIGHUP, SIG_IGN);
	assert_int_equal(interrupt_open(&interrupt, &error), 0);
	raise(SIGHUP);
	assert_false(interrupt_came(&interrupt));
	interrupt_close(&interrupt);
	signal(SIGHUP, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_waits_until_it_is_asked_for_and_counts_once),
		cmocka_unit_test(the_mask_is_as_it_was_before),
		cmocka_unit_test(a_received_signal_ends_the_program_at_the_end),
		cmocka_unit_test(an_ignored_signal_stays_ignored),
	};

	/* whoever runs the tests may ignore them, as nohup does, and they stay ignored then */
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_DFL);

	return cmocka_run_group_tests(tests, NULL, NULL);
}
