// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c */
/* What a message is required to contain, or the kernel adds to it, is not charged as an option; and
 * nothing else benefits from that.
 */
#include <stdio.h>

#include "native.h"

#define LINK	"fe80::1"
#define ROUTERS "ff02::16"
#define LSR	"2a00:1:2:3::4"
#define EGRESS	"2a00:9:9:9::1"

static void header(struct frame *f, uint8_t next, uint8_t hop_limit, const char *src,
		   const char *dst)
{
	ethernet(f, 0x86dd);
	ipv6(f, S64_PROTO_HOP_BY_HOP, hop_limit, src, dst);
	put8(f, next);
	put(f, "\x00\x05\x02\x00\x00\x01\x00", 7); /* an alert, and padding */
}

/* How many of `sent` packets in a moment pass, and the reason of the last. */
static unsigned int passed(const struct frame *f, unsigned int sent, uint8_t *last)
{
	s64_frame frame = {f->data, f->data + f->bytes, f->wire_bytes ? f->wire_bytes : f->bytes};
	unsigned int n = 0;

	while (sent--) {
		struct s64_packet packet = {};

		*last = packet_verdict(&frame, s64_native->policy, &s64_native->counters->cpu_state,
				       &packet);
		n += !reason_is_drop(*last);
	}
	return n;
}

static void message(struct frame *f, uint8_t type, size_t body)
{
	header(f, 58, 1, LINK, ROUTERS);
	put_icmpv6(f, type, 0, body);
	finish(f);
}

/* Field P4: of 4000 reports in a second, 1001 were dropped as hop-by-hop. */
static void reports_of_listeners_answer_to_their_own_limits_alone(void **state)
{
	static const struct {
		uint8_t type, class;
		uint8_t body;
	} messages[] = {{130, S64_CLASS_MLD, 20},
			{131, S64_CLASS_MLD, 20},
			{132, S64_CLASS_MLD, 20},
			{143, S64_CLASS_MLDV2_REPORT, 4},
			{151, S64_CLASS_MULTICAST_ROUTER_DISCOVERY, 4},
			{153, S64_CLASS_MULTICAST_ROUTER_DISCOVERY, 0}};
	struct s64_iface_policy *policy = s64_native->policy;
	struct policy_limit limit = {1000, 2000, 0, 0};
	uint8_t last;

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		struct frame f;

		message(&f, messages[i].type, messages[i].body);
		assert_int_equal(passed(&f, 4000, &last), 4000);
		assert_int_equal(last, S64_REASON_POLICY);
		/* if their class is limited, that limit applies */
		memset(policy->action[messages[i].class], S64_ACTION_LIMIT, S64_DIRECTION_COUNT);
		assert_int_equal(policy_compile_limit(&limit, messages[i].class, NATIVE_TICK_NS,
						      &s64_native->limits[messages[i].class]),
				 0);
		assert_in_range(passed(&f, 4000, &last), 0, 3999);
		assert_int_equal(last, S64_REASON_OVER_SOURCE_LIMIT);
		memset(policy->action[messages[i].class], S64_ACTION_PASS, S64_DIRECTION_COUNT);
		/* dropping the header drops them, with a warning (policy_lint.c) */
		policy->feature_drop[S64_LOCAL] = S64_FEATURE_BIT(HOP_BY_HOP);
		expect(&f, messages[i].class, S64_REASON_FEATURE + S64_FEATURE_HOP_BY_HOP);
		policy->feature_drop[S64_LOCAL] = 0;
	}
}

static void what_else_is_in_their_header_is_held_against_them(void **state)
{
	struct frame f;
	uint8_t last;

	(void)state;
	ethernet(&f, 0x86dd);
	ipv6(&f, S64_PROTO_HOP_BY_HOP, 1, LINK, ROUTERS);
	/* an unassigned option */
	put(&f, "\x3a\x01\x05\x02\x00\x00\x1f\x00\x01\x06\0\0\0\0\0\0", 16);
	put_icmpv6(&f, 143, 0, 4);
	finish(&f);
	assert_in_range(passed(&f, 1000, &last), 1, 500);
	assert_int_equal(last, S64_REASON_OVER_SOURCE_LIMIT);
}

static void rsvp(struct frame *f, const char *src)
{
	header(f, S64_PROTO_RSVP, 60, src, EGRESS);
	put_zeros(f, 100);
	finish(f);
}

/* One router refreshes 20,000 reservations every 30 s, and starts with 2,000 at once. */
static void rsvp_is_held_to_the_limit_of_the_alert(void **state)
{
	unsigned int n;
	struct frame f;
	uint8_t last;

	(void)state;
	rsvp(&f, LSR);
	assert_int_equal(passed(&f, 2000, &last), 2000);
	for (int second = 0; second < 60; second++) {
		s64_native->now += S64_TAT_SECOND;
		assert_int_equal(passed(&f, 667, &last), 667);
	}
	assert_int_equal(last, S64_REASON_WITHIN_LIMIT);
	n = passed(&f, 10000, &last);
	assert_in_range(n, 1000, 2100);
	assert_int_equal(last, S64_REASON_OVER_SOURCE_LIMIT);
}

/* Neither the protocol nor the alert alone exempts it. */
static void nobody_else_is_freer_for_an_alert(void **state)
{
	struct frame f;
	uint8_t last;

	(void)state;
	header(&f, S64_PROTO_UDP, 60, "2a00:1:2:4::1", EGRESS);
	put_udp(&f);
	finish(&f);
	assert_in_range(passed(&f, 3000, &last), 100, 300);
	assert_int_equal(last, S64_REASON_OVER_SOURCE_LIMIT);
	ethernet(&f, 0x86dd);
	ipv6(&f, S64_PROTO_HOP_BY_HOP, 60, "2a00:1:2:5::1", EGRESS);
	put8(&f, S64_PROTO_RSVP);
	put(&f, "\x00\x01\x04\0\0\0\0", 7);
	put_zeros(&f, 100);
	finish(&f);
	assert_in_range(passed(&f, 3000, &last), 100, 300);
	/* a multicast listener message from a stranger must be valid (hop limit 1, link-local) */
	header(&f, 58, 60, "2a00:1:2:6::1", EGRESS);
	put_icmpv6(&f, 131, 0, 20);
	finish(&f);
	expect(&f, S64_CLASS_MLD, S64_REASON_HOP_LIMIT_NOT_1);
}

/* --- more than 65535 bytes, which only the kernel produces (field P6) --- */

static void large_tcp(struct frame *f, bool option, uint8_t upper, uint32_t bytes)
{
	ethernet(f, 0x86dd);
	ipv6(f, option ? S64_PROTO_HOP_BY_HOP : upper, 64, LSR, EGRESS);
	if (option) {
		put8(f, upper);
		put(f, "\x00\xc2\x04", 3);
		put16(f, (bytes + 8) >> 16);
		put16(f, bytes + 8);
	}
	put_tcp(f, S64_TCP_ACK);
	f->wire_bytes = 14 + 40 + 8 * option + bytes;
}

static void the_kernels_own_large_packets_pass(void **state)
{
	struct frame f;
	uint8_t last;

	(void)state;
	for (int option = 0; option < 2; option++) {
		large_tcp(&f, option, S64_PROTO_TCP, 180000);
		assert_int_equal(passed(&f, 100000, &last), 100000);
		assert_int_equal(last, S64_REASON_POLICY);
		large_tcp(&f, option, S64_PROTO_TCP, 65536);
		expect(&f, S64_CLASS_TCP, S64_REASON_POLICY);
	}
}

static void a_length_of_0_is_nothing_in_a_packet_that_is_not_large(void **state)
{
	struct frame f;

	(void)state;
	large_tcp(&f, false, S64_PROTO_TCP, 65535);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_UPPER);
	f.wire_bytes = 0;
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_UPPER);
	large_tcp(&f, true, S64_PROTO_TCP, 65527);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_JUMBO);
	large_tcp(&f, true, S64_PROTO_TCP, 180000);
	f.wire_bytes -= 1;
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_JUMBO);
}

/* On anything but TCP, or next to another option, it comes from the sender. */
static void other_jumbograms_are_held_to_the_limit_of_their_header(void **state)
{
	struct s64_packet packet;
	struct frame f;

	(void)state;
	large_tcp(&f, true, S64_PROTO_UDP, 180000);
	process_frame(&f, &packet);
	assert_int_equal(packet.features,
			 S64_FEATURE_BIT(HOP_BY_HOP) | S64_FEATURE_BIT(JUMBO_PAYLOAD));
	ethernet(&f, 0x86dd);
	ipv6(&f, S64_PROTO_HOP_BY_HOP, 64, LSR, EGRESS);
	put(&f, "\x06\x01\xc2\x04\x00\x02\x00\x00\x01\x06\0\0\0\0\0\0", 16);
	put_tcp(&f, S64_TCP_ACK);
	f.wire_bytes = 200000;
	process_frame(&f, &packet);
	assert_int_equal(packet.features,
			 S64_FEATURE_BIT(HOP_BY_HOP) | S64_FEATURE_BIT(JUMBO_PAYLOAD));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, native_setup, native_teardown)
		T(reports_of_listeners_answer_to_their_own_limits_alone),
		T(what_else_is_in_their_header_is_held_against_them),
		T(rsvp_is_held_to_the_limit_of_the_alert),
		T(nobody_else_is_freer_for_an_alert),
		T(the_kernels_own_large_packets_pass),
		T(a_length_of_0_is_nothing_in_a_packet_that_is_not_large),
		T(other_jumbograms_are_held_to_the_limit_of_their_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
