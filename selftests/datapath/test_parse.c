// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c */
/* Bytes -> packet -> class: IPv6 header, extension headers, fragments. */
#include <stdio.h>

#include "native.h"

static void tcp_passes_by_policy(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 6);
	put_tcp(&f, 0x10);
	finish(&f);
	expect(&f, S64_CLASS_TCP, S64_REASON_POLICY);
}

static void syn_is_told_from_other_tcp(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 6);
	put_tcp(&f, 0x02);
	finish(&f);
	expect(&f, S64_CLASS_TCP_SYN, S64_REASON_POLICY);
	f.data[54 + 13] = 0x12;
	expect(&f, S64_CLASS_TCP, S64_REASON_POLICY);
}

static void padding_behind_the_payload_is_tolerated(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 58);
	put_icmpv6(&f, 128, 0, 4);
	finish(&f);
	put_zeros(&f, 60);
	expect(&f, S64_CLASS_ECHO_REQUEST, S64_REASON_WITHIN_LIMIT);
}

static void padding_is_no_part_of_the_packet(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 6);
	put_zeros(&f, 10);
	finish(&f);
	put_zeros(&f, 50); /* would make a complete TCP header */
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_UPPER);
}

static void every_cut_of_a_packet_has_a_reason(void **state)
{
	struct s64_packet packet;
	struct frame f;

	(void)state;
	packet_start(&f, 0);
	put(&f, "\x3c\x00\x05\x02\x00\x00\x01\x00", 8); /* hop-by-hop: router alert */
	put(&f, "\x3a\x01\x01\x04\0\0\0\0\x04\x01\x05\x01\x03\0\0\0", 16);
	put_icmpv6(&f, 128, 0, 4);
	finish(&f);
	expect(&f, S64_CLASS_ECHO_REQUEST, S64_REASON_WITHIN_LIMIT);
	for (uint32_t n = 0; n < f.bytes; n++) {
		uint8_t reason = process_bytes(&f, n, &packet);
		int wanted = n < 14 ? S64_REASON_TRUNCATED_LINK :
			     n < 54 ? S64_REASON_TRUNCATED_IPV6 :
				      S64_REASON_TRUNCATED_PAYLOAD;

		assert_int_equal(packet.class, S64_CLASS_MALFORMED);
		assert_int_equal(reason, wanted);
	}
	/* the same bytes in the first buffer, but the rest of the frame in others */
	f.wire_bytes = f.bytes;
	for (uint32_t n = 54; n < f.bytes - 4; n++)
		assert_int_equal(process_bytes(&f, n, &packet), S64_REASON_HEADERS_BEYOND_BUFFER);
}

static void another_version_is_dropped(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 17);
	put_udp(&f);
	finish(&f);
	f.data[14] = 0x45;
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_VERSION);
}

/* --- extension headers --- */

static void hop_by_hop_only_in_first_place(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 60);
	put(&f, "\x00\x00\x01\x04\0\0\0\0", 8);
	put(&f, "\x11\x00\x01\x04\0\0\0\0", 8);
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_HEADER_ORDER);
}

static void ah_length_is_in_words_of_four(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 51);
	put8(&f, 17);
	put8(&f, 4); /* (4 + 2) * 4 = 24 bytes */
	put_zeros(&f, 22);
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
	f.data[55] = 0; /* 8 bytes: less than its fixed fields */
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_AH_LENGTH);
}

static void chains_longer_than_the_bound_are_dropped(void **state)
{
	struct frame f;

	(void)state;
	for (int headers = 1; headers <= 40; headers++) {
		packet_start(&f, 60);
		for (int i = 0; i < headers; i++) {
			put8(&f, i + 1 < headers ? 60 : 17);
			put(&f, "\x00\x01\x04\0\0\0\0", 7);
		}
		put_udp(&f);
		finish(&f);
		if (headers <= S64_CHAIN_HEADERS)
			expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
		else
			expect(&f, S64_CLASS_MALFORMED, S64_REASON_CHAIN_TOO_LONG);
	}
}

static void long_headers_end_at_the_bound_of_bytes(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 60);
	for (int i = 0; i < 2; i++) {
		put8(&f, i ? 17 : 60);
		put8(&f, 150); /* 1208 bytes */
		for (int j = 0; j < 4; j++) {
			put(&f, "\x01\xff", 2);
			put_zeros(&f, 255);
		}
		put(&f, "\x01\xb0", 2);
		put_zeros(&f, 0xb0);
	}
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
}

static void type_0_routing_is_dropped_for_itself(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 43);
	put(&f, "\x11\x00\x00\x00\0\0\0\0", 8);
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_UDP, S64_REASON_FEATURE + S64_FEATURE_ROUTING_0);
	f.data[56] = 4; /* segment routing passes in transit */
	expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
}

static void an_option_that_runs_past_its_header_is_dropped(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 60);
	put(&f, "\x11\x00\x01\x05\0\0\0\0", 8);
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_OPTION);
	/* a one-byte option other than Pad1 at the end */
	memcpy(f.data + 54, "\x11\x00\x01\x03\0\0\0\x05", 8);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_OPTION);
	memcpy(f.data + 54, "\x11\x00\x01\x03\0\0\0\x00", 8);
	expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
}

static void more_options_than_the_bound_are_dropped(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 60);
	put8(&f, 17);
	put8(&f, 8); /* 72 bytes: 70 of Pad1 */
	put_zeros(&f, 70);
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TOO_MANY_OPTIONS);
}

static void a_jumbogram_must_be_one(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 0);
	put(&f, "\x11\x00\xc2\x04\x00\x01\x00\x00", 8);
	put_udp(&f);
	finish(&f);
	/* with a payload length */
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_JUMBO);
	/* without one, but not that long */
	f.data[18] = f.data[19] = 0;
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_JUMBO);
	/* a complete one, of which only the first buffer is visible */
	f.wire_bytes = 14 + 40 + 65536;
	expect(&f, S64_CLASS_UDP, S64_REASON_WITHIN_LIMIT);
	/* payload length 0 without that option: nothing follows the header */
	memcpy(f.data + 54, "\x11\x00\x01\x04\0\0\0\0", 8);
	f.wire_bytes = 0;
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_CHAIN);
}

static void unknown_next_headers_are_their_own_class(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 200);
	put_zeros(&f, 16);
	finish(&f);
	expect(&f, S64_CLASS_UNKNOWN_HEADER, S64_REASON_WITHIN_LIMIT);
	f.data[20] = 253;
	expect(&f, S64_CLASS_EXPERIMENTAL_HEADER, S64_REASON_POLICY_DROP);
	f.data[20] = 89;
	expect(&f, S64_CLASS_OTHER, S64_REASON_POLICY);
	f.data[20] = 1; /* ICMP for IPv4 is not ICMPv6 */
	expect(&f, S64_CLASS_OTHER, S64_REASON_POLICY);
}

/* --- fragments --- */

static void put_fragment(struct frame *f, uint8_t next, uint8_t reserved, uint16_t offset,
			 bool more)
{
	put8(f, next);
	put8(f, reserved);
	put16(f, offset | more);
	put(f, "\x12\x34\x56\x78", 4);
}

static void atomic_fragment_is_parsed_through(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 44);
	put_fragment(&f, 58, 0, 0, false);
	put_icmpv6(&f, 128, 0, 4);
	finish(&f);
	expect(&f, S64_CLASS_ECHO_REQUEST, S64_REASON_WITHIN_LIMIT);
}

static void the_reserved_byte_of_a_fragment_header_is_no_length(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 44);
	put_fragment(&f, 17, 0xff, 0, false);
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
}

static void a_later_fragment_has_no_upper_layer(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 44);
	put_fragment(&f, 58, 0, 1232, false);
	put_icmpv6(&f, 134, 0, 60); /* would be an invalid router advertisement */
	finish(&f);
	expect(&f, S64_CLASS_FRAGMENT_NON_FIRST, S64_REASON_POLICY);
}

static void a_first_fragment_is_of_its_upper_layer(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 44);
	put_fragment(&f, 17, 0, 0, true);
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
}

static void a_first_fragment_must_hold_the_chain(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 44);
	put_fragment(&f, 6, 0, 0, true);
	put_zeros(&f, 16); /* TCP needs 20 */
	finish(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_FRAGMENT_WITHOUT_HEADERS);
	/* the chain goes on in the next fragment */
	packet_start(&f, 44);
	put_fragment(&f, 60, 0, 0, true);
	put(&f, "\x11\x04\x01\x04\0\0\0\0", 8);
	finish(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_FRAGMENT_WITHOUT_HEADERS);
}

static void impossible_fragments_are_dropped(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 44);
	put_fragment(&f, 17, 0, 0, true);
	put_zeros(&f, 17); /* more fragments follow, and no multiple of 8 */
	finish(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_FRAGMENT_LENGTH);

	packet_start(&f, 44);
	put_fragment(&f, 17, 0, 1232, false);
	finish(&f); /* empty */
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_FRAGMENT_LENGTH);

	packet_start(&f, 44);
	put_fragment(&f, 17, 0, 0xfff8, false);
	put_zeros(&f, 8);
	finish(&f); /* 65528 + 8 */
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_FRAGMENT_OVERFLOW);
	f.data[f.ipv6 + 5]--; /* 65535 */
	expect(&f, S64_CLASS_FRAGMENT_NON_FIRST, S64_REASON_POLICY);

	packet_start(&f, 44);
	put_fragment(&f, 6, 0, 8, true);
	put_zeros(&f, 16); /* would overwrite the TCP header's flags */
	finish(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_FRAGMENT_OVERLAP);
}

static void a_fragment_inside_a_fragment_is_absurd(void **state)
{
	struct frame f;

	(void)state;
	packet_start(&f, 44);
	put_fragment(&f, 44, 0, 0, false);
	put_fragment(&f, 17, 0, 0, false);
	put_udp(&f);
	finish(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_BAD_HEADER_ORDER);
}

static void every_reason_has_a_name(void **state)
{
	int seen = 0;

	(void)state;
	for (int i = 0; i < S64_REASON_COUNT; i++)
		seen += strcmp(reason_name(i), "undefined") != 0;
	assert_int_equal(seen, S64_REASON_CLASS_COUNT + S64_REASON_COUNT - S64_REASON_PARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, native_setup, native_teardown)
		T(tcp_passes_by_policy),
		T(syn_is_told_from_other_tcp),
		T(padding_behind_the_payload_is_tolerated),
		T(padding_is_no_part_of_the_packet),
		T(every_cut_of_a_packet_has_a_reason),
		T(another_version_is_dropped),
		T(hop_by_hop_only_in_first_place),
		T(ah_length_is_in_words_of_four),
		T(chains_longer_than_the_bound_are_dropped),
		T(long_headers_end_at_the_bound_of_bytes),
		T(type_0_routing_is_dropped_for_itself),
		T(an_option_that_runs_past_its_header_is_dropped),
		T(more_options_than_the_bound_are_dropped),
		T(a_jumbogram_must_be_one),
		T(unknown_next_headers_are_their_own_class),
		T(atomic_fragment_is_parsed_through),
		T(the_reserved_byte_of_a_fragment_header_is_no_length),
		T(a_later_fragment_has_no_upper_layer),
		T(a_first_fragment_is_of_its_upper_layer),
		T(a_first_fragment_must_hold_the_chain),
		T(impossible_fragments_are_dropped),
		T(a_fragment_inside_a_fragment_is_absurd),
		T(every_reason_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
