// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/blocklist.c user/maps/prefix_table.c user/net/prefix_set.c user/maps/local_addresses.c user/base/array.c */
/* Listed sources: the longest prefix counts, all forms of IPv4 are the same, throttles. */

#include "verdict_test.h"

static void the_longest_listed_prefix_counts(void **state)
{
	(void)state;
	sources_put(&blocklist, 0x2a00000100020003ULL, S64_BLOCK_FINER);
	expect_tcp(ANY_SOURCE, S64_REASON_BLOCKED);
	list("2a00:1:2:3::4/128", S64_PREFIX_ALLOW);
	expect_tcp(ANY_SOURCE, PASS);
	expect_tcp("2a00:1:2:3::5", S64_REASON_BLOCKED);
	list("2a00:5::/32", 0);
	list("2a00:5:6::/48", S64_PREFIX_ALLOW);
	expect_tcp("2a00:5:7::1", S64_REASON_BLOCKED_PREFIX);
	expect_tcp("2a00:5:6::1", PASS);
	expect_tcp("2a00:6::1", PASS);
	list("2b00::/20", 0);
	expect_tcp("2b00:111::1", S64_REASON_BLOCKED_PREFIX);
	expect_tcp("2b00:1111::1", PASS);
	/* a part of a source is longer than the source */
	sources_put(&blocklist, 0x2b00000011110001ULL, S64_BLOCK_FINER);
	expect_tcp("2b00:0:1111:1::1", S64_REASON_BLOCKED);
}

static void prefixes_are_found_in_either_bucket(void **state)
{
	char text[INET6_ADDRSTRLEN];
	struct prefix prefix;

	(void)state;
	for (uint64_t i = 0; i < NATIVE_PREFIXES; i++) {
		prefix = prefix_of_bits(0x2a10000000000000ULL | i << 16, 0, 48);
		assert_int_equal(prefixes_put(&prefixes, &prefix, 0), 0);
	}
	for (uint64_t i = 0; i < NATIVE_PREFIXES + 100; i++) {
		prefix = prefix_of_bits(0x2a10000000000000ULL | i << 16, 1, 128);
		expect_tcp(address_format(&prefix.address, text),
			   i < NATIVE_PREFIXES ? S64_REASON_BLOCKED_PREFIX : PASS);
	}
}

static void ipv4_is_the_same_in_any_form(void **state)
{
	(void)state;
	sources_put(&blocklist, s64_src_key_of_v4(0xc6336407), S64_BLOCK_FINER); /* 198.51.100.7 */
	expect_tcp("64:ff9b::c633:6407", S64_REASON_BLOCKED);
	list("64:ff9b::c633:6407/128", S64_PREFIX_ALLOW);
	expect_tcp("64:ff9b::c633:6407", PASS);
	expect_tcp("2002:c633:6407::1", S64_REASON_BLOCKED);
	list("::ffff:203.0.113.0/120", 0);
	expect_tcp("2002:cb00:7101::1", S64_REASON_BLOCKED_PREFIX);
	list("::ffff:203.0.113.1/128", S64_PREFIX_ALLOW);
	expect_tcp("2002:cb00:7101::1", PASS);
	list("2002:c000:200::/40", 0);
	expect_tcp("2002:c000:201::1", S64_REASON_BLOCKED_PREFIX);
}

static void native_ipv4_is_looked_up_where_asked_for(void **state)
{
	static const uint8_t ipv4[20] = {0x45, [12] = 198, 51, 100, 7};
	struct frame f;

	(void)state;
	sources_put(&blocklist, s64_src_key_of_v4(0xc6336407), 0);
	ethernet(&f, 0x0800);
	put(&f, ipv4, sizeof(ipv4));
	expect(&f, S64_CLASS_NOT_IPV6, S64_REASON_NOT_IPV6);
	s64_native->policy->flags |= S64_IFACE_IPV4_ENFORCE;
	expect(&f, S64_CLASS_IPV4, S64_REASON_BLOCKED);
	f.data[14 + 15] = 8;
	expect(&f, S64_CLASS_IPV4, S64_REASON_POLICY);
	f.data[14] = 0x44;
	expect(&f, S64_CLASS_NOT_IPV6, S64_REASON_NOT_IPV6);
}

static void a_throttle_lets_its_rate_through(void **state)
{
	(void)state;
	set_throttle(1, 100000, 2); /* less than two ticks of traffic: uses the exact clock */
	assert_true(s64_native->limits[S64_LIMIT_THROTTLE + 1].exact_clock);
	sources_put(&blocklist, 0x2a00000100020003ULL, S64_BLOCK_THROTTLE | 1);
	list("2a00:5::/32", S64_BLOCK_THROTTLE | 1);
	sources_put(&blocklist, 0x2a00000700080009ULL, S64_BLOCK_FINER);
	list("2a00:7:8:9::/80", S64_BLOCK_THROTTLE | 1);
	for (int i = 0; i < 3; i++) {
		int reason = i < 2 ? PASS : S64_REASON_THROTTLED;

		expect_tcp(ANY_SOURCE, reason);
		expect_tcp("2a00:5:1::1", reason);
		expect_tcp("2a00:5:2::1", reason);
		expect_tcp("2a00:7:8:9::1", reason);
	}
}

/* A CPU on which nearly everything is blocked probes the buckets directly. */
static void under_a_flood_the_answer_is_the_same(void **state)
{
	struct s64_cpu_state *cpu_state = &s64_native->counters->cpu_state;

	(void)state;
	sources_put(&blocklist, 0x2a00000100020003ULL, 0);
	for (int i = 0; i < 100; i++)
		expect_tcp(ANY_SOURCE, S64_REASON_BLOCKED);
	assert_int_equal(cpu_state->blocked_lately, S64_BLOCKED_LATELY_MAX);
	for (int i = 0; i < 16; i++)
		expect_tcp("2a00:6::1", PASS);
	assert_int_equal(cpu_state->blocked_lately, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(the_longest_listed_prefix_counts),
		TEST(prefixes_are_found_in_either_bucket),
		TEST(ipv4_is_the_same_in_any_form),
		TEST(native_ipv4_is_looked_up_where_asked_for),
		TEST(a_throttle_lets_its_rate_through),
		TEST(under_a_flood_the_answer_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
