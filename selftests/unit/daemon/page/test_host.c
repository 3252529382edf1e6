// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/page/host.h"

#define LISTEN "[::1]:9665"

static bool is_ours(const char *host, const char *address, uint16_t port, const char *listen)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};

	if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1)
		return page_host_is_ours(host, (struct sockaddr *)&v6, listen);
	assert_int_equal(inet_pton(AF_INET, address, &v4.sin_addr), 1);
	return page_host_is_ours(host, (struct sockaddr *)&v4, listen);
}

static void loopback_is_ours_at_any_port(void **state)
{
	static const char *const hosts[] = {
		"[::1]:9665",		"[::1]",       "localhost:9665", "localhost",
		"LOCALHOST:80",		"localhost:1", "127.0.0.1:8080", "[0:0:0:0:0:0:0:1]:9",
		"[::ffff:127.1.2.3]:9", "127.9.9.9",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (!is_ours(hosts[i], "::1", 9665, LISTEN))
			fail_msg("%s is refused", hosts[i]);
}

static void a_name_that_only_resolves_to_us_is_not_ours(void **state)
{
	static const char *const hosts[] = {
		"evil.example",
		"evil.example:9665",
		"localhost.evil.example",
		"localhost.evil.example:9665",
		"evil-localhost",
		"localhost.",
		"xlocalhost:9665",
		"127.0.0.1.evil.example",
		"127.0.0.1.nip.io:9665",
		"[::1].evil.example",
		"[::1]evil:9665",
		"[::1",
		"::1",
		"::1:9665",
		"[localhost]",
		"[127.0.0.1]:9665",
		"2130706433", /* 127.0.0.1 as some resolvers take it */
		"0x7f.1",
		"127.1:9665",
		"0:9665",
		"[::]:9665",
		"0.0.0.0:9665",
		"[2001:db8::2]:9665",
		"192.0.2.1",
		"[::1%25lo]:9665",
		"localhost:",
		"localhost:0",
		"localhost:65536",
		"localhost:99999999999",
		"localhost:+80",
		"localhost: 80",
		"localhost:80:80",
		"localhost:80,evil.example",
		" localhost",
		"user@localhost",
		"localhost/",
		":9665",
		"[]:9665",
		"[:",
		"",
		"[1234567890:1234567890:1234567890:1234567890:1234567890:1234567890:1234567890]",
		"\xff\xfe",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (is_ours(hosts[i], "::1", 9665, LISTEN))
			fail_msg("%s is taken", hosts[i]);
}

static void the_address_a_connection_came_to_is_ours_with_its_port(void **state)
{
	(void)state;
	assert_true(is_ours("[2001:db8::1]:9665", "2001:db8::1", 9665, "[::]:9665"));
	assert_true(is_ours("[2001:DB8:0::1]:9665", "2001:db8::1", 9665, "[::]:9665"));
	assert_true(is_ours("192.0.2.1:9665", "192.0.2.1", 9665, "0.0.0.0:9665"));
	assert_true(is_ours("192.0.2.1:9665", "::ffff:192.0.2.1", 9665, "[::]:9665"));
	assert_true(is_ours("192.0.2.1", "192.0.2.1", 80, "0.0.0.0:80"));
	assert_false(is_ours("192.0.2.1:9666", "192.0.2.1", 9665, "0.0.0.0:9665"));
	assert_false(is_ours("192.0.2.1", "192.0.2.1", 9665, "0.0.0.0:9665"));
	assert_false(is_ours("[2001:db8::2]:9665", "2001:db8::1", 9665, "[::]:9665"));
	assert_false(is_ours("192.0.2.2:9665", "192.0.2.1", 9665, "0.0.0.0:9665"));
}

static void what_the_configuration_names_is_ours_to_the_letter(void **state)
{
	(void)state;
	assert_true(is_ours("edge1.example:9665", "192.0.2.1", 9665, "edge1.example:9665"));
	assert_true(is_ours("EDGE1.example:9665", "192.0.2.1", 9665, "edge1.example:9665"));
	assert_false(is_ours("edge1.example", "192.0.2.1", 9665, "edge1.example:9665"));
	assert_false(is_ours("edge1.example:9666", "192.0.2.1", 9665, "edge1.example:9665"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_is_ours_at_any_port),
		cmocka_unit_test(a_name_that_only_resolves_to_us_is_not_ours),
		cmocka_unit_test(the_address_a_connection_came_to_is_ours_with_its_port),
		cmocka_unit_test(what_the_configuration_names_is_ours_to_the_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
