// SPDX-License-Identifier: GPL-2.0-only
/* A change as a mail: its headers are ours alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/messages.h"

static struct receiver receiver = {
	.kind = RECEIVER_MAIL,
	.mail = {.to = {"a@example.net", "b@example.net"}, .to_count = 2},
};

static char *mail(const char *reason, const char *thread)
{
	const struct mail_message how = {.from = "s@example.net",
					 .host = "edge1",
					 .receiver = &receiver,
					 .id = "slash64.1.1@edge1",
					 .thread = thread};
	json_t *change = json_pack("{s:i, s:s, s:s, s:s}", "number", 1, "action", "block", "prefix",
				   "2001:db8:bad:1::/64", "reason", reason);
	char *text = message_mail(change, &how);

	json_decref(change);
	return text;
}

static void has_part(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in '%s'", part, text);
}

static void headers_and_a_table(void **state)
{
	char *text = mail("echo flood", "");

	has_part(text,
		 "From: slash64 <s@example.net>\r\nTo: <a@example.net>,\r\n\t<b@example.net>\r\n"
		 "Subject: [slash64 edge1] block 2001:db8:bad:1::/64\r\n"
		 "Message-ID: <slash64.1.1@edge1>\r\nAuto-Submitted: auto-generated\r\n");
	has_part(text, "\r\n\r\nChange     block\r\n");
	has_part(text, "Reason     echo flood\r\nCheck      U1\r\nSpoken     2001, ");
	assert_null(strstr(text, "In-Reply-To"));
	free(text);
}

static void a_later_mail_answers_the_first(void **state)
{
	char *text = mail("x", "first@edge1");

	has_part(text, "In-Reply-To: <first@edge1>\r\nReferences: <first@edge1>\r\n");
	free(text);
}

static void long_and_odd_texts_stay_in_their_lines(void **state)
{
	char reason[3001], *text, *line, *rest;

	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	memcpy(reason, "a\r\nBcc: x@y\r\n.\r\n", 16);
	text = mail(reason, "");
	assert_null(strstr(text, "\nBcc:"));
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		assert_true(strlen(line) <= 998);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_and_a_table),
		cmocka_unit_test(a_later_mail_answers_the_first),
		cmocka_unit_test(long_and_odd_texts_stay_in_their_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
