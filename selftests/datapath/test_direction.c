// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/blocklist.c user/maps/prefix_table.c user/net/prefix_set.c user/maps/local_addresses.c user/base/array.c */
/* Bogons, and the destination of a packet: this router, its link, or beyond. */

#include "verdict_test.h"

/* --- direction --- */

static void own_addresses_are_local_in_either_bucket(void **state)
{
	static struct prefix own[10000];
	char text[INET6_ADDRSTRLEN];
	struct local_count counted;
	struct frame f;

	(void)state;
	s64_native->policy->action[S64_CLASS_TCP][S64_LOCAL] = S64_ACTION_DROP;
	for (int i = 0; i < 10000; i++)
		own[i] = prefix_of_bits(0x2a00000900090009ULL, 1000 + i, 128);
	assert_int_equal(local_set(&native_maps, own, 10000, false, &counted), 0);
	assert_int_equal(counted.left_out, 0);
	for (int i = 0; i < 10000; i++) {
		tcp_frame(&f, ANY_SOURCE, address_format(&own[i].address, text));
		expect_reason(&f, S64_REASON_POLICY_DROP, text);
	}
	tcp_frame(&f, ANY_SOURCE, ANY_TARGET);
	expect_reason(&f, PASS, "another");
	tcp_frame(&f, ANY_SOURCE, "ff0e::1");
	expect_reason(&f, PASS, "a group nobody joined");
	s64_native->direction = S64_TEST_LOCAL;
	expect_reason(&f, S64_REASON_POLICY_DROP, "what is said to be local");
	s64_native->direction = S64_TEST_TRANSIT;
	tcp_frame(&f, ANY_SOURCE, LINK);
	expect_reason(&f, PASS, "what is said to be in transit");
}

/* --- bogons --- */

static void bogons_are_let_alone_counted_or_dropped(void **state)
{
	struct s64_iface_policy *policy = s64_native->policy;

	(void)state;
	expect_tcp("fc00::1", PASS);
	policy->flags = S64_IFACE_BOGON_ENFORCE;
	expect_tcp("fc00::1", S64_REASON_SOURCE_BOGON);
	expect_tcp("4000::1", S64_REASON_SOURCE_BOGON);
	expect_tcp("2001:db9::1", PASS);
	expect_tcp(LINK, S64_REASON_SOURCE_BOGON);
	assert_false(reason_is_monitored(policy, S64_REASON_SOURCE_BOGON));
	policy->flags = S64_IFACE_BOGON_MONITOR;
	expect_tcp("fc00::1", S64_REASON_SOURCE_BOGON);
	assert_true(reason_is_monitored(policy, S64_REASON_SOURCE_BOGON));
	assert_false(reason_is_monitored(policy, S64_REASON_BLOCKED));
	sources_put(&blocklist, 0xfc00ULL << 48, 0);
	expect_tcp("fc00::1", S64_REASON_BLOCKED);
}

/* field P1: a neighbour with only a link-local address on this link, such as many a provider's
 * router, uses it to reach this router
 */
static void the_link_may_speak_to_the_router_by_its_link_local_addresses(void **state)
{
	struct s64_iface_policy *policy = s64_native->policy;
	struct frame f;

	(void)state;
	policy->flags = S64_IFACE_BOGON_ENFORCE;
	set_own("2a00:9:9:9::2", "2a00:a::/48");
	tcp_frame(&f, LINK, "2a00:9:9:9::2");
	expect_reason(&f, PASS, "to an own address");
	tcp_frame(&f, LINK, "2a00:a:0:1::1");
	expect_reason(&f, PASS, "to an address of an own prefix");
	tcp_frame(&f, LINK, "fe80::2");
	expect_reason(&f, PASS, "to a link-local address");
	tcp_frame(&f, LINK, "ff05::2");
	expect_reason(&f, PASS, "to a group");
	tcp_frame(&f, LINK, ANY_TARGET);
	expect_reason(&f, S64_REASON_SOURCE_BOGON, "to who is beyond the link");
	/* an address that the table does not contain yet, but the kernel does */
	s64_native->keeps_all = true;
	expect_reason(&f, PASS, "to what the kernel would not forward");
	s64_native->keeps_all = false;
	s64_native->direction = S64_TEST_LOCAL;
	expect_reason(&f, PASS, "to what is said to be local");
	s64_native->direction = S64_TEST_BY_ADDRESS;
	policy->flags |= S64_IFACE_ONE_LINK;
	expect_reason(&f, PASS, "where nothing is forwarded");
	policy->flags = S64_IFACE_BOGON_MONITOR;
	expect_reason(&f, S64_REASON_SOURCE_BOGON, "monitored");
}

/* field P1: a hop limit of 255 proves that it comes from the link, whatever its source */
static void discovery_from_a_bogon_passes(void **state)
{
	static const struct message from_local = {"",	     PASS,	 135,  0,  255,
						  "fd00::1", ANY_TARGET, BARE, 20, {0}};
	static const struct message from_afar = {"",	    PASS,	135,  0,  254,
						 "fd00::1", ANY_TARGET, BARE, 20, {0}};
	struct frame f;

	(void)state;
	s64_native->policy->flags = S64_IFACE_BOGON_ENFORCE;
	build(&f, &from_local);
	expect_reason(&f, PASS, "a unique local neighbour");
	build(&f, &from_afar);
	expect_reason(&f, S64_REASON_HOP_LIMIT_NOT_255, "one beyond a router");
}

/* field P8 */
static void what_the_operator_configured_is_no_bogon(void **state)
{
	struct prefix translator = parsed("64:ff9b:1::/96");
	struct source_rules rules;
	struct error error;

	(void)state;
	s64_native->policy->flags = S64_IFACE_BOGON_ENFORCE;
	expect_tcp("64:ff9b:1::c633:6407", S64_REASON_SOURCE_BOGON);
	expect_tcp("fd00:1::1", S64_REASON_SOURCE_BOGON);
	source_rules_init(&rules);
	assert_int_equal(source_rules_add(&rules, &translator, S64_SOURCE_KIND_NAT64, 0, &error),
			 0);
	source_rules_stage(&rules, &native_maps);
	source_index_open(&prefixes.source_index);
	source_rules_switch(&native_maps);
	expect_tcp("64:ff9b:1::c633:6407", PASS);
	expect_tcp("64:ff9b:1:1::c633:6407", S64_REASON_SOURCE_BOGON);
	list("fd00:1::/32", S64_PREFIX_ALLOW);
	expect_tcp("fd00:1::1", PASS);
	expect_tcp("fd00:2::1", S64_REASON_SOURCE_BOGON);
	/* a block within it is not inserted; one next to it makes nothing legitimate */
	list("fd00:2::/40", 0);
	expect_tcp("fd00:2::1", S64_REASON_SOURCE_BOGON);
}

/* hostile 10: AnyIP, SIDs */
static void own_prefixes_are_local(void **state)
{
	static const char *const inside[] = {"2a00:a::", "2a00:a:0:1::1", "2a00:b::8000:1"};
	static const char *const outside[] = {"2a00:a:1::", "2a00:b::7fff:1", "2a00:b::1:0:1"};
	struct frame f;

	(void)state;
	s64_native->policy->action[S64_CLASS_TCP][S64_LOCAL] = S64_ACTION_DROP;
	set_own("2a00:a::/48", "2a00:b::8000:0/113");
	for (int i = 0; i < 3; i++) {
		tcp_frame(&f, ANY_SOURCE, inside[i]);
		expect_reason(&f, S64_REASON_POLICY_DROP, inside[i]);
		tcp_frame(&f, ANY_SOURCE, outside[i]);
		expect_reason(&f, PASS, outside[i]);
	}
	set_own("2a00:9::1", "2a00:9::2");
	tcp_frame(&f, ANY_SOURCE, inside[0]);
	expect_reason(&f, PASS, "one that is gone");
	assert_int_equal(native_maps.lengths[S64_LOCAL_LENGTHS].mask[0], 0);
	assert_int_equal(native_maps.lengths[S64_LOCAL_LENGTHS].mask[1], 0);
}

static void compile(enum s64_class class, enum policy_profile profile, uint8_t transit,
		    uint8_t local)
{
	struct policy policy;

	policy_init(&policy, profile);
	policy.row[class].action[S64_TRANSIT] = transit;
	policy.row[class].action[S64_LOCAL] = local;
	policy_compile(&policy, NULL, 0, NATIVE_TICK_NS, s64_native->policy, s64_native->limits);
}

/* As in hostile 5: on a host, local actions must not depend on whether the table contains the
 * address
 */
static void a_host_is_addressed_by_whatever_comes(void **state)
{
	(void)state;
	compile(S64_CLASS_TCP, PROFILE_EDGE, S64_ACTION_PASS, S64_ACTION_DROP);
	expect_tcp(ANY_SOURCE, PASS);
	compile(S64_CLASS_TCP, PROFILE_HOST, S64_ACTION_PASS, S64_ACTION_DROP);
	expect_tcp(ANY_SOURCE, S64_REASON_POLICY_DROP);
	compile(S64_CLASS_TCP, PROFILE_HOST, S64_ACTION_DROP, S64_ACTION_PASS);
	expect_tcp(ANY_SOURCE, PASS);
}

/* A guard against router advertisements through a bridge, to all nodes or to one beyond it */
static void what_a_bridge_drops_of_the_link_is_dropped_to_everybody(void **state)
{
	static const struct message to_all = {"", PASS, 134, 0, 255, LINK, ALL, BARE, 12, {0}};
	static const struct message to_one = {"",   PASS,	134,  0,  255,
					      LINK, ANY_TARGET, BARE, 12, {0}};
	static const uint8_t actions[][2] = {{S64_ACTION_DROP, S64_ACTION_PASS},
					     {S64_ACTION_PASS, S64_ACTION_DROP}};
	struct frame f;

	(void)state;
	for (int i = 0; i < 3; i++) {
		int reason = i < 2 ? S64_REASON_POLICY_DROP : PASS;

		compile(S64_CLASS_ROUTER_ADVERTISEMENT, PROFILE_BRIDGE,
			i < 2 ? actions[i][0] : S64_ACTION_PASS,
			i < 2 ? actions[i][1] : S64_ACTION_PASS);
		build(&f, &to_all);
		expect_reason(&f, reason, "to all nodes");
		build(&f, &to_one);
		expect_reason(&f, reason, "to one");
	}
	/* no router profile passes it, but the two sides of a bridge may exchange it */
	compile(S64_CLASS_ROUTER_ADVERTISEMENT, PROFILE_BRIDGE, S64_ACTION_PASS, S64_ACTION_PASS);
	assert_int_equal(s64_native->policy->action[S64_CLASS_FMIPV6][S64_LOCAL], S64_ACTION_PASS);
	assert_int_equal(s64_native->policy->action[S64_CLASS_MPL][S64_TRANSIT], S64_ACTION_PASS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(own_addresses_are_local_in_either_bucket),
		TEST(bogons_are_let_alone_counted_or_dropped),
		TEST(the_link_may_speak_to_the_router_by_its_link_local_addresses),
		TEST(discovery_from_a_bogon_passes),
		TEST(what_the_operator_configured_is_no_bogon),
		TEST(own_prefixes_are_local),
		TEST(a_host_is_addressed_by_whatever_comes),
		TEST(what_a_bridge_drops_of_the_link_is_dropped_to_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
