// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c */
/* The walk over the extension headers: each header is known, and it is reported if the driver's
 * buffer ends before the headers.
 */
#include <stdio.h>

#include "native.h"

static void every_header_is_a_feature(void **state)
{
	static const struct {
		uint8_t type, third; /* byte of the header: the routing type */
		uint8_t feature;
	} headers[] = {
		{43, 0, S64_FEATURE_ROUTING_0},
		{43, 1, S64_FEATURE_ROUTING_NIMROD},
		{43, 2, S64_FEATURE_ROUTING_MOBILE},
		{43, 3, S64_FEATURE_ROUTING_RPL},
		{43, 4, S64_FEATURE_ROUTING_SEGMENT},
		{43, 5, S64_FEATURE_ROUTING_OTHER},
		{43, 255, S64_FEATURE_ROUTING_OTHER},
		{135, 0, S64_FEATURE_MOBILITY},
		{139, 0, S64_FEATURE_HIP},
		{140, 0, S64_FEATURE_SHIM6},
		{51, 0, S64_FEATURE_AH},
	};
	struct s64_packet packet;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		packet_start(&f, headers[i].type);
		put8(&f, S64_PROTO_UDP);
		put8(&f, 1); /* of 16 bytes, except for the authentication header */
		put8(&f, headers[i].third);
		put_zeros(&f, headers[i].type == 51 ? 9 : 13);
		put_udp(&f);
		finish(&f);
		process_frame(&f, &packet);
		assert_int_equal(packet.class, S64_CLASS_UDP);
		assert_int_equal(packet.features, 1U << headers[i].feature);
	}
}

static void a_header_ends_with_the_packet(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 60);
	put(&f, "\x11\x02\x01\x04\0\0\0\0", 8);
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_CHAIN);
	f.data[19] = 7;
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_CHAIN);
}

static void the_walk_ends_at_its_bound_of_bytes(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 60);
	put8(&f, 60);
	put8(&f, 255);
	for (int i = 0; i < 7; i++) {
		put(&f, "\x01\xff", 2);
		put_zeros(&f, 255);
	}
	put(&f, "\x01\xf5", 2);
	put_zeros(&f, 0xf5);
	put(&f, "\x3c\x1f", 2);
	put(&f, "\x01\xfc", 2);
	put_zeros(&f, 0xfc);
	put(&f, "\x11\x00\x01\x04\0\0\0\0", 8);
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_CHAIN_TOO_LONG);
}

static void what_is_fragmented_is_no_jumbogram(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 0);
	put(&f, "\x2c\x00\xc2\x04\x00\x01\x00\x00", 8);
	put(&f, "\x11\x00\x00\x01\0\0\0\1", 8);
	put_udp(&f);
	f.wire_bytes = 14 + 40 + 65536;
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_JUMBO);
}

/* Of a frame that is longer on the wire: any number of bytes. */
static void expect_cuts(struct frame *f, uint32_t whole, int reason)
{
	struct s64_packet packet;

	f->wire_bytes += f->bytes;
	for (uint32_t n = 54; n <= f->bytes; n++) {
		uint8_t got = process_bytes(f, n, &packet);

		if (got != (n < whole ? S64_REASON_HEADERS_BEYOND_BUFFER : reason))
			fail_msg("of %u bytes: %s", n, reason_name(got));
	}
}

static void headers_beyond_the_buffer_are_not_guessed(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 60);
	put(&f, "\x06\x00\x01\x03\0\0\0\0", 8); /* the last option has one byte */
	put_tcp(&f, S64_TCP_SYN);
	put_zeros(&f, 20);
	finish(&f);
	expect_cuts(&f, 54 + 8 + 20, S64_REASON_POLICY);

	packet_start(&f, 17);
	put_udp(&f);
	finish(&f);
	expect_cuts(&f, 54 + 8, S64_REASON_POLICY);

	/* a header whose first bytes alone are in the buffer */
	packet_start(&f, 60);
	put(&f, "\x3b\x01\x01\x0c\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	finish(&f);
	expect_cuts(&f, 54 + 8, S64_REASON_POLICY);
	packet_start(&f, 60);
	put(&f, "\x3b\x01\x01\x03\0\0\0\x01\x05\0\0\0\0\0\0\0", 16);
	finish(&f);
	expect_cuts(&f, 54 + 16, S64_REASON_POLICY);

	/* the length of a jumbogram */
	packet_start(&f, 0);
	put(&f, "\x3b\x01\x01\x04\0\0\0\0\xc2\x04\0\1\0\0\0\0", 16);
	f.wire_bytes = 66000;
	expect_cuts(&f, 54 + 16, S64_REASON_WITHIN_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, native_setup, native_teardown)
		T(every_header_is_a_feature),
		T(a_header_ends_with_the_packet),
		T(the_walk_ends_at_its_bound_of_bytes),
		T(what_is_fragmented_is_no_jumbogram),
		T(headers_beyond_the_buffer_are_not_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
