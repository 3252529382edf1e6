// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/set/key.h"

static void reads(const char *text, const char *wanted, bool is_address)
{
	char buf[PREFIX_TEXT_MAX];
	struct set_key key, again;

	assert_int_equal(set_key_parse(text, &key), 0);
	assert_string_equal(set_key_format(&key, buf), wanted);
	assert_int_equal(key.is_address, is_address);
	assert_int_equal(set_key_parse(buf, &again), 0);
	assert_true(set_key_equal(&key, &again));
}

static void an_address_is_not_its_128(void **state)
{
	struct set_key address, prefix;

	reads("2001:db8::1", "2001:db8::1", true);
	reads("2001:db8::1/128", "2001:db8::1/128", false);
	set_key_parse("2001:db8::1", &address);
	set_key_parse("2001:db8::1/128", &prefix);
	assert_false(set_key_equal(&address, &prefix));
}

/* issue 18: every prefix exact, host bits cut, ::ffff:a.b.c.d the IPv4 source */
static void prefixes_are_exact_and_mapped_addresses_are_ipv4(void **state)
{
	reads("2a06:4880::/32", "2a06:4880::/32", false);
	reads("2001:db8:bad:1::66/80", "2001:db8:bad:1::/80", false);
	reads("198.51.100.7", "198.51.100.7/32", false);
	reads("198.51.100.7/24", "198.51.100.0/24", false);
	reads("::ffff:198.51.100.7", "198.51.100.7/32", false);
	reads("::ffff:198.51.100.7/120", "198.51.100.0/24", false);
}

static void what_is_no_prefix_is_refused(void **state)
{
	static const char *const wrong[] = {"",	    "2001:db8::/129", "198.51.100.7/33",
					    "::1 ", "example.net",    "2001:db8::1%eth0"};
	struct set_key key;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(set_key_parse(wrong[i], &key), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_not_its_128),
		cmocka_unit_test(prefixes_are_exact_and_mapped_addresses_are_ipv4),
		cmocka_unit_test(what_is_no_prefix_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
