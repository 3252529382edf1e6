// SPDX-License-Identifier: GPL-2.0-only
/* JSON documents of AbuseIPDB and STIX: which parts are addresses that can be blocked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "heard.h"

static void an_abuseipdb_entry_is_its_address_with_its_score(void **state)
{
	gives(FEED_ABUSEIPDB,
	      "{\"data\":[{\"ipAddress\":\"2001:db8::1\",\"abuseConfidenceScore\":100},\n"
	      "{\"ipAddress\":\"198.51.100.7\",\"abuseConfidenceScore\":\"many\"},\n"
	      "{\"ipAddress\":\"nowhere\"},\n{\"abuseConfidenceScore\":5}]}",
	      "1 block 2001:db8::1/128 address reason 'abuse confidence 100'\n"
	      "2 block 198.51.100.7/32 address\n"
	      "3: 'nowhere' is not a prefix\n"
	      "4: '' is not a prefix\n");
}

#define INDICATOR(pattern, more)                                                           \
	"{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\",\"pattern\":\"" pattern \
	"\"" more "}]}"

static void a_stix_indicator_blocks_every_address_of_its_pattern(void **state)
{
	gives(FEED_STIX,
	      INDICATOR("[ipv6-addr:value = '2001:db8::/48']", ",\"id\":\"i-1\",\"name\":\"bad\""),
	      "1 block 2001:db8::/48 reason 'bad' ticket 'i-1'\n");
	gives(FEED_STIX,
	      INDICATOR(
		      "[ipv4-addr:value = '198.51.100.7' OR ipv6-addr:value ISSUBSET '2001:db8::/32']",
		      ""),
	      "1 block 198.51.100.7/32 address\n1 block 2001:db8::/32\n");
}

static void an_indicator_that_ends_does_so_at_its_time(void **state)
{
	gives(FEED_STIX,
	      INDICATOR("[ipv6-addr:value = '2001:db8::/48']",
			",\"valid_until\":\"2026-01-01T00:00:00Z\""),
	      "1 block 2001:db8::/48 until 1767225600000\n");
	gives(FEED_STIX,
	      INDICATOR("[ipv6-addr:value = '2001:db8::/48']",
			",\"valid_until\":\"2026-01-01T00:00:00.5Z\""),
	      "1 block 2001:db8::/48 until 1767225600000\n");
	gives(FEED_STIX,
	      INDICATOR("[ipv6-addr:value = '2001:db8::/48']",
			",\"valid_until\":\"2026-01-01T00:00:00+01:00\""),
	      "1: '2026-01-01T00:00:00+01:00' is not a time, such as 2026-01-01T00:00:00Z\n");
}

static void a_pattern_of_more_than_addresses_blocks_none_of_them(void **state)
{
	static const char *const narrowed[] = {
		INDICATOR("[ipv6-addr:value = '::1' AND network-traffic:dst_port = 53]", ""),
		INDICATOR("[ipv6-addr:value != '::1']", ""),
		INDICATOR("[ipv6-addr:value = '::1'] FOLLOWEDBY [ipv6-addr:value = '::2']", ""),
		INDICATOR("[ipv6-addr:value LIKE '2001%']", ""),
		INDICATOR("[ipv6-addr:value IN ('::1')]", ""),
		INDICATOR("[ipv6-addr:value = '::1'] REPEATS 5 TIMES", ""),
		INDICATOR("[ipv6-addr:value = '::1'] WITHIN 5 SECONDS", ""),
		INDICATOR("[ NOT ipv6-addr:value = '::1']", ""),
		INDICATOR("[ipv6-addr:value MATCHES '2001']", ""),
	};

	for (size_t i = 0; i < sizeof(narrowed) / sizeof(*narrowed); i++) {
		read_text(FEED_STIX, narrowed[i]);
		if (result.entries || result.problems != 1)
			fail_msg("%s", narrowed[i]);
	}
}

static void a_pattern_without_a_value_is_a_problem(void **state)
{
	gives(FEED_STIX, INDICATOR("[ipv6-addr:value = 'unended]", ""),
	      "1: '[ipv6-addr:value = 'unended]' is a pattern without a value\n");
}

static void what_is_no_indicator_of_addresses_is_ignored(void **state)
{
	gives(FEED_STIX,
	      "{\"type\":\"bundle\",\"objects\":["
	      "{\"type\":\"observed-data\",\"pattern\":\"[ipv6-addr:value = '::1']\"},"
	      "{\"type\":\"indicator\",\"pattern\":\"[domain-name:value = 'a']\"},"
	      "{\"type\":\"indicator\",\"pattern_type\":\"snort\",\"pattern\":\"ipv6-addr:value '::1'\"},"
	      "{\"type\":\"indicator\",\"revoked\":true,\"pattern\":\"[ipv6-addr:value = '::1']\"}]}",
	      "");
	assert_true(result.ignored == 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_abuseipdb_entry_is_its_address_with_its_score),
		cmocka_unit_test(a_stix_indicator_blocks_every_address_of_its_pattern),
		cmocka_unit_test(an_indicator_that_ends_does_so_at_its_time),
		cmocka_unit_test(a_pattern_of_more_than_addresses_blocks_none_of_them),
		cmocka_unit_test(a_pattern_without_a_value_is_a_problem),
		cmocka_unit_test(what_is_no_indicator_of_addresses_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
