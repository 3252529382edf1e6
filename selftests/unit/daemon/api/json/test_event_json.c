// SPDX-License-Identifier: GPL-2.0-only
/* An event is a line of JSON, with what could be seen in the packet and nothing else. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/api/follow/event_backlog.h"
#include "daemon/api/json/event_json.h"

static struct source_rules rules;
static const struct s64_seed seed;

static const struct s64_sample syn = {.src_hi = 0x20010db80bad0001ULL,
				      .src_lo = 0x66,
				      .dst_hi = 0x20010db8005e0001ULL,
				      .dst_lo = 0x10,
				      .weight = 16,
				      .length = 74,
				      .src_port = 40000,
				      .dst_port = 443,
				      .link = S64_SAMPLE_NETWORK | S64_SAMPLE_UPPER,
				      .protocol = 6,
				      .hop_limit = 57,
				      .tcp_flags = 2,
				      .class = S64_CLASS_TCP,
				      .reason = S64_REASON_BLOCKED};

static void check_line(const struct s64_sample *sample, const char *interface, const char *expected)
{
	const struct event_view view = {.sample = sample,
					.time_ms = 1790000000250,
					.interface = interface,
					.rules = &rules,
					.seed = &seed};
	char line[EVENT_LINE_MAX];
	size_t n = event_to_line(&view, line, sizeof(line));
	json_t *object = json_loads(line, 0, NULL);

	assert_int_equal(n, strlen(line));
	assert_int_equal(strchr(line, '\n') - line, n - 1);
	if (!object)
		fail_msg("no JSON: %s", line);
	json_decref(object);
	if (expected)
		assert_string_equal(line, expected);
}

static void tcp_has_ports_and_flags(void **state)
{
	(void)state;
	check_line(
		&syn, "wan0",
		"{\"time\":\"2026-09-21T14:13:20.250Z\",\"interface\":\"wan0\",\"verdict\":\"drop\","
		"\"reason\":\"blocked\",\"class\":\"tcp\",\"source\":\"2001:db8:bad:1::/64\","
		"\"source_address\":\"2001:db8:bad:1::66\",\"destination\":\"2001:db8:5e:1::10\","
		"\"protocol\":6,\"source_port\":40000,\"destination_port\":443,\"tcp_flags\":\"S\","
		"\"hop_limit\":57,\"length\":74,\"weight\":16}\n");
}

static void a_tagged_frame_has_its_vlan(void **state)
{
	struct s64_sample tagged = {.link = 77,
				    .length = 60,
				    .weight = 1,
				    .class = S64_CLASS_NOT_IPV6,
				    .reason = S64_REASON_NOT_IPV6};

	(void)state;
	check_line(&tagged, "wan0",
		   "{\"time\":\"2026-09-21T14:13:20.250Z\",\"interface\":\"wan0\",\"vlan\":77,"
		   "\"verdict\":\"pass\",\"reason\":\"not-ipv6\",\"class\":\"not-ipv6\","
		   "\"length\":60,\"weight\":1}\n");
	tagged = syn;
	tagged.link |= S64_SAMPLE_VLAN; /* the highest */
	check_line(&tagged, "wan0", NULL);
}

static void icmpv6_has_type_and_code(void **state)
{
	struct s64_sample echo = syn;

	(void)state;
	echo.protocol = 58;
	echo.icmpv6_type = 128;
	echo.weight = 1;
	echo.class = S64_CLASS_ECHO_REQUEST;
	echo.reason = S64_REASON_OVER_SOURCE_LIMIT | S64_SAMPLE_MONITORED;
	check_line(
		&echo, "wan0",
		"{\"time\":\"2026-09-21T14:13:20.250Z\",\"interface\":\"wan0\","
		"\"verdict\":\"would_drop\",\"reason\":\"over-source-limit\","
		"\"class\":\"echo-request\",\"source\":\"2001:db8:bad:1::/64\","
		"\"source_address\":\"2001:db8:bad:1::66\",\"destination\":\"2001:db8:5e:1::10\","
		"\"protocol\":58,\"icmpv6_type\":128,\"icmpv6_code\":0,\"hop_limit\":57,"
		"\"length\":74,\"weight\":1}\n");
}

static void ipv4_is_written_as_ipv4(void **state)
{
	struct s64_sample v4 = syn;

	(void)state;
	v4.src_hi = v4.dst_hi = 0;
	v4.src_lo = 0xffffc6336407ULL;
	v4.dst_lo = 0xffffc0000201ULL;
	v4.protocol = 17;
	v4.class = S64_CLASS_IPV4;
	check_line(
		&v4, "wan0",
		"{\"time\":\"2026-09-21T14:13:20.250Z\",\"interface\":\"wan0\",\"verdict\":\"drop\","
		"\"reason\":\"blocked\",\"class\":\"ipv4\",\"source\":\"198.51.100.7/32\","
		"\"source_address\":\"198.51.100.7\",\"destination\":\"192.0.2.1\",\"protocol\":17,"
		"\"source_port\":40000,\"destination_port\":443,\"hop_limit\":57,\"length\":74,"
		"\"weight\":16}\n");
}

static void what_was_not_seen_is_absent(void **state)
{
	struct s64_sample sample = syn;

	(void)state;
	sample.link = 0;
	check_line(
		&sample, NULL,
		"{\"time\":\"2026-09-21T14:13:20.250Z\",\"verdict\":\"drop\",\"reason\":\"blocked\","
		"\"class\":\"tcp\",\"length\":74,\"weight\":16}\n");
	sample.link = S64_SAMPLE_NETWORK;
	check_line(
		&sample, NULL,
		"{\"time\":\"2026-09-21T14:13:20.250Z\",\"verdict\":\"drop\",\"reason\":\"blocked\","
		"\"class\":\"tcp\",\"source\":\"2001:db8:bad:1::/64\","
		"\"source_address\":\"2001:db8:bad:1::66\",\"destination\":\"2001:db8:5e:1::10\","
		"\"protocol\":6,\"hop_limit\":57,\"length\":74,\"weight\":16}\n");
}

/* An interface may have nearly any bytes for a name. */
static void any_name_of_an_interface_is_text(void **state)
{
	char name[S64_IFACE_NAME_MAX];

	(void)state;
	check_line(&syn, "a\"},{\\<b>", NULL);
	check_line(&syn, "\x01\x1b[31m", NULL);
	check_line(&syn, "\xff\xfe", NULL);
	for (int byte = 1; byte < 256; byte++) {
		memset(name, byte, sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		check_line(&syn, name, NULL);
	}
}

static void every_sample_is_json(void **state)
{
	struct s64_sample sample;

	(void)state;
	memset(&sample, 0xff, sizeof(sample));
	for (int class = 0; class < S64_CLASS_COUNT; class ++)
		for (int reason = 0; reason < S64_REASON_COUNT; reason++) {
			sample.class = class;
			sample.reason = reason | S64_SAMPLE_MONITORED;
			check_line(&sample, "wan0", NULL);
		}
}

static void tcp_flags_are_those_of_tcpdump(void **state)
{
	char buf[EVENT_TCP_FLAGS_MAX];

	(void)state;
	assert_string_equal(event_tcp_flags(0, buf), "none");
	assert_string_equal(event_tcp_flags(0x02, buf), "S");
	assert_string_equal(event_tcp_flags(0x12, buf), "S.");
	assert_string_equal(event_tcp_flags(0x11, buf), "F.");
	assert_string_equal(event_tcp_flags(0x18, buf), "P.");
	assert_string_equal(event_tcp_flags(0xff, buf), "FSRP.UEW");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_has_ports_and_flags),
		cmocka_unit_test(a_tagged_frame_has_its_vlan),
		cmocka_unit_test(icmpv6_has_type_and_code),
		cmocka_unit_test(ipv4_is_written_as_ipv4),
		cmocka_unit_test(what_was_not_seen_is_absent),
		cmocka_unit_test(any_name_of_an_interface_is_text),
		cmocka_unit_test(every_sample_is_json),
		cmocka_unit_test(tcp_flags_are_those_of_tcpdump),
	};

	source_rules_init(&rules);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
