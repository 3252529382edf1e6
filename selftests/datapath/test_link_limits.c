// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/limiter_sweep.c */
/* Neighbours share one prefix: each is limited by its interface ID, and each link separately. */

#include "rate_limit_test.h"

static uint64_t neighbour(uint64_t interface_id)
{
	return s64_src_key_link_local(0xfe80ULL << 48, interface_id, &s64_native->config.seed);
}

/* The program of this interface, whose limits are those of the first. */
static void on_interface(uint32_t iface_slot)
{
	assert_true(iface_slot < NATIVE_IFACES);
	if (iface_slot)
		memcpy(&s64_native->limits[iface_slot * S64_LIMIT_MAX], s64_native->limits,
		       S64_LIMIT_MAX * sizeof(*s64_native->limits));
	s64_native->config.iface_slot = iface_slot;
}

/* hostile 11: packets of a neighbour on one link are not charged to those on another, nor to the
 * neighbour with the same address there.
 */
static void neighbours_are_charged_by_their_interface(void **state)
{
	uint64_t src_key = neighbour(0x0200000000000001ULL),
		 aggregate = s64_src_key_aggregate(src_key, 0), scope;

	(void)state;
	set_limit(100, 200, 100, 200);
	assert_int_equal(offer(src_key, 1000, 0), 200);
	on_interface(1);
	scope = limit_scope(src_key, src_key, 0);
	assert_false(reason_drops(limit_charge(src_key + scope, aggregate + scope, LIMIT_ID)));
	assert_int_equal(offer(src_key, 1000, 0), 199);
	assert_int_equal(offer(SOURCE(1), 100, 0), 100);
	on_interface(0);
	assert_int_equal(offer(SOURCE(1), 1000, 0), 100);
}

/* Behind these VLANs, up to the first negative one. */
static unsigned int solicit(const char *source, uint32_t iface_slot, const int *vlans)
{
	struct s64_packet packet;
	unsigned int passed = 0;
	struct frame f;

	ethernet(&f, *vlans < 0 ? 0x86dd : 0x8100);
	for (; *vlans >= 0; vlans++) {
		put16(&f, 0xe000 | *vlans);
		put16(&f, vlans[1] < 0 ? 0x86dd : 0x8100);
	}
	ipv6(&f, S64_PROTO_ICMPV6, 255, source, "ff02::1:ff00:1");
	put_icmpv6(&f, 135, 0, 20);
	finish(&f);
	on_interface(iface_slot);
	for (int i = 0; i < 1000; i++)
		passed += !reason_drops(process_frame(&f, &packet));
	on_interface(0);
	return passed;
}

/* In a session, behind a VLAN if it is not 0. */
static unsigned int solicit_in_session(const char *source, uint16_t vlan, uint16_t session)
{
	struct s64_packet packet;
	unsigned int passed = 0;
	struct frame f;

	ethernet(&f, vlan ? 0x8100 : 0x8864);
	if (vlan) {
		put16(&f, vlan);
		put16(&f, 0x8864);
	}
	put16(&f, 0x1100);
	put16(&f, session);
	put16(&f, 2 + 40 + 24);
	put16(&f, 0x0057);
	ipv6(&f, S64_PROTO_ICMPV6, 255, source, "ff02::1:ff00:1");
	put_icmpv6(&f, 135, 0, 20);
	finish(&f);
	for (int i = 0; i < 1000; i++)
		passed += !reason_drops(process_frame(&f, &packet));
	return passed;
}

static void each_neighbour_is_a_source_by_himself(void)
{
	struct source_rules rules;
	struct prefix prefix;
	struct error error;
	struct source_index source_index;

	source_rules_init(&rules);
	assert_int_equal(prefix_parse_whole("fe80::/64", &prefix, NULL), 0);
	assert_int_equal(source_rules_add(&rules, &prefix, S64_SOURCE_KIND_LENGTH, 128, &error), 0);
	source_rules_stage(&rules, &native_maps);
	source_index_init(&source_index, &native_maps);
	source_index_open(&source_index);
	source_rules_switch(&native_maps);
	source_index_free(&source_index);
}

/* similar to hostile 11: a host without an address belongs to a link as well (duplicate address
 * detection must not fail because of another link), and a rule for the sources of neighbours does
 * not change that.
 */
static void whatever_is_of_the_link_is_charged_by_its_interface(void **state)
{
	static const char *const sources[] = {"::", "fe80::1"};
	static const int untagged[] = {-1};
	struct policy_limit limit = {100, 200, 1000, 2000};
	const int id = S64_CLASS_NEIGHBOR_SOLICITATION;

	(void)state;
	s64_native->policy->action[id][S64_TRANSIT] = s64_native->policy->action[id][S64_LOCAL] =
		S64_ACTION_LIMIT;
	assert_int_equal(policy_compile_limit(&limit, id, NATIVE_TICK_NS, &s64_native->limits[id]),
			 0);
	for (size_t i = 0; i < 2; i++)
		for (uint32_t slot = 0; slot < 3; slot++)
			assert_int_equal(solicit(sources[i], slot, untagged), 200);
	each_neighbour_is_a_source_by_himself();
	for (uint32_t slot = 0; slot < 3; slot++)
		assert_int_equal(solicit("fe80::2", slot, untagged), 200);
}

/* similar to hostile 11: the VLANs of a trunk are links too. Priority tags do not count, and a host
 * in a VLAN cannot leave it by adding a tag.
 */
static void a_vlan_is_a_link_by_itself(void **state)
{
	static const struct {
		int vlans[8];
		unsigned int passes;
	} cases[] = {
		{{-1}, 200},
		{{10, -1}, 200},
		{{20, -1}, 200},
		{{10, 20, -1}, 200},
		{{20, 10, -1}, 200},
		{{4095, -1}, 200},
		{{4095, 4095, -1}, 200},
		{{0, -1}, 0},
		{{0, 10, -1}, 0},
		{{10, 0, 20, -1}, 0},
		{{10, 20, 5, -1}, 0},
		{{0, 0, 20, -1}, 0},
		{{10, 20, 20, 10, -1}, 0},
	};
	struct policy_limit limit = {100, 200, 1000, 2000};
	const int id = S64_CLASS_NEIGHBOR_SOLICITATION;

	(void)state;
	s64_native->policy->action[id][S64_TRANSIT] = s64_native->policy->action[id][S64_LOCAL] =
		S64_ACTION_LIMIT;
	assert_int_equal(policy_compile_limit(&limit, id, NATIVE_TICK_NS, &s64_native->limits[id]),
			 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(solicit("fe80::1", 0, cases[i].vlans), cases[i].passes);
}

/* similar to hostile 11: so are the sessions of PPPoE, of which an access concentrator has
 * thousands on an interface.
 */
static void a_session_is_a_link_by_itself(void **state)
{
	static const uint16_t sessions[] = {1, 2, 3, 0x0100, 0x1234, 0xfffe};
	struct policy_limit limit = {100, 200, 100, 200};
	const int id = S64_CLASS_NEIGHBOR_SOLICITATION;
	static const int untagged[] = {-1};

	(void)state;
	s64_native->policy->action[id][S64_TRANSIT] = s64_native->policy->action[id][S64_LOCAL] =
		S64_ACTION_LIMIT;
	assert_int_equal(policy_compile_limit(&limit, id, NATIVE_TICK_NS, &s64_native->limits[id]),
			 0);
	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
		assert_int_equal(solicit_in_session("fe80::1", 0, sessions[i]), 200);
		/* over the limit of all neighbours */
		assert_int_equal(solicit_in_session("fe80::2", 0, sessions[i]), 0);
		assert_int_equal(solicit_in_session("fe80::1", 20, sessions[i]), 200);
	}
	assert_int_equal(solicit("fe80::1", 0, untagged), 200);
}

static void neighbours_share_the_aggregate_limit_of_the_link(void **state)
{
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	for (uint64_t i = 0; i < 10000; i++)
		passed += charge(neighbour(0x0200000000000000ULL + i));
	assert_int_equal(passed, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, native_setup, native_teardown)
		TEST(neighbours_are_charged_by_their_interface),
		TEST(whatever_is_of_the_link_is_charged_by_its_interface),
		TEST(a_vlan_is_a_link_by_itself),
		TEST(a_session_is_a_link_by_itself),
		TEST(neighbours_share_the_aggregate_limit_of_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
