// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "notify/settings.h"

static char told[1024];

static void note(unsigned int line, const char *text, void *data)
{
	size_t n = strlen(told);

	snprintf(told + n, sizeof(told) - n, "%u: %s\n", line, text);
}

static const char *warnings_of(struct receiver *receiver)
{
	const struct settings settings = {.receiver = receiver, .receiver_count = 1};
	unsigned int lines = 0;
	unsigned int count;

	told[0] = '\0';
	count = settings_check(&settings, note, NULL);
	for (const char *p = told; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, count);
	return told;
}

/* walk: `only: {actions: blok}` was valid, and nobody was ever told anything */
static void an_action_that_the_log_does_not_have_is_told(void **state)
{
	struct receiver receiver = {.name = "soc",
				    .line = 3,
				    .kind = RECEIVER_SYSLOG,
				    .only.actions = {{"blok", "block", "un*", "x*"}, 4}};

	assert_string_equal(
		warnings_of(&receiver),
		"3: receiver 'soc': the log has no action 'blok' (did you mean 'block'?)\n"
		"3: receiver 'soc': the log has no action 'x*'\n");
}

static void files_that_are_missing_and_secrets_in_the_clear_are_told(void **state)
{
	struct receiver receiver = {.name = "w",
				    .kind = RECEIVER_WEBHOOK,
				    .webhook = {.url = "http://x/",
						.token_file = "/nonexistent/token"}};

	assert_string_equal(
		warnings_of(&receiver),
		"0: receiver 'w': token_file: /nonexistent/token does not exist; nothing can be told without it\n"
		"0: receiver 'w': its token is sent unencrypted, as the url is http://\n");
	receiver = (struct receiver){.name = "s", .kind = RECEIVER_SYSLOG, .ca = "/etc/passwd"};
	assert_non_null(strstr(warnings_of(&receiver), "ca has no effect without transport: tls"));
	receiver.syslog.transport = SYSLOG_TLS;
	assert_string_equal(warnings_of(&receiver), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_action_that_the_log_does_not_have_is_told),
		cmocka_unit_test(files_that_are_missing_and_secrets_in_the_clear_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
