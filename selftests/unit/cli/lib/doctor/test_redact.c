// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include "cli/lib/doctor/redact.h"

static void expect_text(bool secrets, const char *text, const char *wanted)
{
	struct redact *redact = redact_new();
	char *got = NULL;
	size_t bytes;
	FILE *out = open_memstream(&got, &bytes);

	if (secrets)
		redact_secrets(text, out);
	else
		redact_addresses(redact, text, out);
	fclose(out);
	assert_string_equal(got, wanted);
	free(got);
	redact_free(redact);
}

static void an_address_has_the_same_name_everywhere(void **state)
{
	expect_text(false,
		    "2001:db8:1:2::5 2001:0db8:1:2:0::5, 2001:db8:1:2::/64 [2001:db8:1:2::6]:179",
		    "<net1.1> <net1.1>, <net1>/64 [<net1.2>]:179");
	expect_text(false, "a 192.0.2.1:80, b 192.0.2.2. c 192.0.2.1/32",
		    "a <v4-1>:80, b <v4-2>. c <v4-1>/32");
	expect_text(false, "52:54:00:12:34:56 52:54:00:12:34:57 52:54:00:12:34:56",
		    "<mac1> <mac2> <mac1>");
	expect_text(false, "fe80::1%eth0 ::ffff:192.0.2.1", "<net1.1>%eth0 <net2.1>");
	expect_text(false, "prefix:2001:db8::1 source=2001:db8::1",
		    "prefix:<net1.1> source=<net1.1>");
	expect_text(false, "{\"prefix\":\"2001:db8::/32\"}", "{\"prefix\":\"<net1>/32\"}");
}

static void what_is_no_address_stays(void **state)
{
	static const char *const texts[] = {"2026-11-27T20:00:00.123Z",
					    "20:00:00 UTC",
					    "Linux 6.18.44-fc",
					    "version 0.2.0",
					    ":: ::1 [::1]:9664 127.0.0.1 0.0.0.0",
					    "dead beef face.c add: a::b_c std::string",
					    "slash64d[77]: 5: x",
					    "",
					    ":",
					    "...",
					    "1:2:3"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_text(false, texts[i], texts[i]);
}

static void secrets_are_left_out(void **state)
{
	expect_text(true, "lapi: {url: http://127.0.0.1:8080, key: abc/d+=}\nx: 1\n",
		    "lapi: {url: http://127.0.0.1:8080, key: (left out)}\nx: 1\n");
	expect_text(true, "password: \"a\\\"b, c\" # x\n", "password: (left out) # x\n");
	expect_text(true, "token: a, b\nkey_file: /etc/k\n",
		    "token: (left out)\nkey_file: /etc/k\n");
	expect_text(true, "secret: |\n  a\n  b\nc: d\n", "secret: (left out)\nc: d\n");
	expect_text(true, "url: https://u:p@h/x?key=1\n",
		    "url: https://(left out)@h/x?(left out)\n");
	expect_text(true, "api_key: a\nAPI-Token: b\n",
		    "api_key: (left out)\nAPI-Token: (left out)\n");
	expect_text(true, "- key: a\n    b\n\n    c\n  d: e\n", "- key: (left out)\n  d: e\n");
	expect_text(true, "key:\n  a\nb: c\n", "key:(left out)\nb: c\n");
	expect_text(true, "password: 'a''b' # x\n", "password: (left out) # x\n");
	expect_text(true, "url: smtp://u@v:p,q@h\n", "url: smtp://(left out)@h\n");
	expect_text(true, "webhook: {url: https://h/x, format: ecs}\nb: c\n",
		    "webhook: (left out)\nb: c\n");
	expect_text(true, "monkey: 1\nkeys: 2\n", "monkey: 1\nkeys: 2\n");
	expect_text(true, "report: {contact: a@b, domain: 'x', organization: Y Z}",
		    "report: {contact: (left out), domain: (left out), organization: (left out)}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_address_has_the_same_name_everywhere, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(what_is_no_address_stays, make_root, remove_root),
		cmocka_unit_test_setup_teardown(secrets_are_left_out, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
