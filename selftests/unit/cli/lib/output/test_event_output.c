// SPDX-License-Identifier: GPL-2.0-only
/* An event is one line, or goes on below where the terminal is too narrow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "../../cli_test.h"
#include "cli/lib/output/event_output.h"

static const char blocked[] =
	"{\"time\":\"2026-09-21T14:13:20.250Z\",\"interface\":\"wan0\",\"verdict\":\"drop\","
	"\"reason\":\"blocked\",\"class\":\"udp\",\"source\":\"2001:db8:bad:1::/64\","
	"\"source_address\":\"2001:db8:bad:1::66\",\"destination\":\"2001:db8:5e:1::10\","
	"\"protocol\":17,\"source_port\":1,\"destination_port\":53,\"hop_limit\":57,\"length\":74,"
	"\"weight\":16}";

static void check_text(const char *json, int width, const char *expected)
{
	json_t *event = json_loads(json, 0, NULL);
	char buf[EVENT_TEXT_MAX];

	assert_non_null(event);
	assert_string_equal(event_line(event, width, buf), expected);
	json_decref(event);
}

static void a_blocked_source_has_its_check_characters(void **state)
{
	(void)state;
	check_text(blocked, 0,
		   "14:13:20.250 wan0 drop blocked udp 2001:db8:bad:1::/64 (U1) > "
		   "[2001:db8:5e:1::10]:53 x16\n");
}

static void a_narrow_terminal_has_the_rest_below(void **state)
{
	(void)state;
	check_text(
		blocked, 80,
		"14:13:20 wan0 drop blocked udp 2001:db8:bad:1::/64 (U1) > [2001:db8:5e:1::10]:53\n"
		"         x16\n");
}

static void a_tagged_packet_has_its_vlan(void **state)
{
	(void)state;
	check_text(
		"{\"time\":\"2026-09-21T14:13:20.250Z\",\"interface\":\"wan0\",\"vlan\":77,"
		"\"verdict\":\"pass\",\"reason\":\"not-ipv6\",\"class\":\"not-ipv6\",\"weight\":1}",
		0, "14:13:20.250 wan0 vlan 77 pass not-ipv6 not-ipv6\n");
}

static void others_have_none_and_what_is_absent_is_left_out(void **state)
{
	(void)state;
	check_text(
		"{\"time\":\"2026-09-21T14:13:20.250Z\",\"interface\":\"wan0\",\"verdict\":\"pass\","
		"\"reason\":\"within-limit\",\"class\":\"echo-request\","
		"\"source\":\"2001:db8:bad:1::/64\",\"destination\":\"2001:db8:5e:1::10\","
		"\"icmpv6_type\":128,\"icmpv6_code\":0,\"weight\":1}",
		0,
		"14:13:20.250 wan0 pass within-limit echo-request 2001:db8:bad:1::/64 > "
		"2001:db8:5e:1::10 type 128/0\n");
	check_text(
		"{\"time\":\"2026-09-21T14:13:20.250Z\",\"verdict\":\"drop\",\"reason\":\"blocked\","
		"\"class\":\"ipv4\",\"source\":\"198.51.100.7/32\",\"destination\":\"192.0.2.1\","
		"\"destination_port\":53,\"weight\":1}",
		0, "14:13:20.250 - drop blocked ipv4 198.51.100.7/32 > 192.0.2.1:53\n");
	check_text(
		"{\"time\":\"2026-09-21T14:13:20.250Z\",\"verdict\":\"drop\",\"reason\":\"malformed\","
		"\"class\":\"malformed\",\"weight\":2}",
		0, "14:13:20.250 - drop malformed malformed x2\n");
}

static void nonsense_stays_within_the_buffer(void **state)
{
	char *json = NULL, name[5000];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	if (asprintf(&json,
		     "{\"time\":%d,\"interface\":\"%s\",\"verdict\":\"%s\",\"source\":\"%s\","
		     "\"destination\":\"%s\",\"destination_port\":1}",
		     7, name, name, name, name) < 0)
		fail();
	for (int width = 0; width < 200; width++) {
		json_t *event = json_loads(json, 0, NULL);
		char buf[EVENT_TEXT_MAX];

		assert_true(strlen(event_line(event, width, buf)) < EVENT_TEXT_MAX);
		json_decref(event);
	}
	free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blocked_source_has_its_check_characters),
		cmocka_unit_test(a_narrow_terminal_has_the_rest_below),
		cmocka_unit_test(a_tagged_packet_has_its_vlan),
		cmocka_unit_test(others_have_none_and_what_is_absent_is_left_out),
		cmocka_unit_test(nonsense_stays_within_the_buffer),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
