// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/listen_address.c */
/* Addresses to listen on: which texts are valid, and that outputs are unchanged otherwise. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "net/listen_address.h"

static char address[32];
static uint16_t port;

static void is(const char *text, const char *expected, uint16_t expected_port)
{
	if (listen_address_parse(text, address, sizeof(address), &port))
		fail_msg("'%s' is not taken", text);
	assert_string_equal(address, expected);
	assert_int_equal(port, expected_port);
}

static void is_none(const char *text)
{
	strcpy(address, "unchanged");
	port = 7;
	if (listen_address_parse(text, address, sizeof(address), &port) != -EINVAL)
		fail_msg("'%s' is taken", text);
	assert_string_equal(address, "unchanged");
	assert_int_equal(port, 7);
}

static void an_address_and_a_port_are_taken_apart(void **state)
{
	(void)state;
	is("[::1]:9664", "::1", 9664);
	is("127.0.0.1:1", "127.0.0.1", 1);
	is("[2001:db8::1]:65535", "2001:db8::1", 65535);
}

static void ipv6_needs_brackets(void **state)
{
	(void)state;
	is_none("::1:9664");
	is_none("[::1:9664");
	is_none("::1]:9664");
	is_none("[]:9664");
}

static void a_port_is_a_number_from_1_to_65535(void **state)
{
	static const char *const texts[] = {
		"127.0.0.1",	   "127.0.0.1:",    "127.0.0.1:0",
		"127.0.0.1:65536", "127.0.0.1:80x", "127.0.0.1: 80",
		"127.0.0.1:+80",   "127.0.0.1:-80", "127.0.0.1:18446744073709551617"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		is_none(texts[i]);
}

static void an_address_longer_than_its_room_is_refused(void **state)
{
	(void)state;
	is("[1234567890123456789012345678901]:80", "1234567890123456789012345678901", 80);
	is_none("[12345678901234567890123456789012]:80");
	is_none(":80");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_and_a_port_are_taken_apart),
		cmocka_unit_test(ipv6_needs_brackets),
		cmocka_unit_test(a_port_is_a_number_from_1_to_65535),
		cmocka_unit_test(an_address_longer_than_its_room_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
