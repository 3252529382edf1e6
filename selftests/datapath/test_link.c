// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c */
/* Everything between the first byte of a frame and IPv6. What a Linux router, or a host behind a
 * bridge, would process as IPv6 is processed as IPv6 (hostile 15, field P7); the rest passes as
 * what it is.
 */
#include <stdio.h>

#include "native.h"

static const uint16_t tags[] = {0x8100, 0x88a8, 0x9100, 0x9200, 0x9300};

#define TAGS (sizeof(tags) / sizeof(*tags))

static void put_packet(struct frame *f)
{
	ipv6(f, 17, 64, "2a00::1", "2a00::2");
	put_udp(f);
	finish(f);
}

static void put_snap(struct frame *f, uint8_t oui, uint16_t ethertype)
{
	put(f, "\xaa\xaa\x03\x00\x00", 5);
	put8(f, oui);
	put16(f, ethertype);
}

/* `n` tags, of all kinds in turn, and then `last`. */
static void tagged(struct frame *f, unsigned int n, unsigned int kind, uint16_t last)
{
	ethernet(f, n ? tags[kind % TAGS] : last);
	for (unsigned int i = 1; i <= n; i++) {
		put16(f, i % 3 ? 0 : 5);
		put16(f, i < n ? tags[(kind + i) % TAGS] : last);
	}
}

static void a_frame_that_is_no_ipv6_passes(void **state)
{
	static const uint16_t others[] = {0x0806, 0x88cc, 0x8847, 0x8863, 0x8809,
					  0x888e, 0x88e5, 0x8ffd, 0xffff};
	struct frame f;

	(void)state;
	for (unsigned int n = 0; n <= S64_LINK_HEADERS; n++) {
		for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
			tagged(&f, n, i, others[i]);
			put_zeros(&f, 46);
			expect(&f, S64_CLASS_NOT_IPV6, S64_REASON_NOT_IPV6);
		}
		tagged(&f, n, 0, 0x0800);
		put(&f, "\x45", 1);
		put_zeros(&f, 46);
		expect(&f, S64_CLASS_NOT_IPV6, S64_REASON_NOT_IPV6);
		s64_native->policy->flags |= S64_IFACE_IPV4_ENFORCE;
		expect(&f, S64_CLASS_IPV4, S64_REASON_POLICY);
		s64_native->policy->flags &= ~S64_IFACE_IPV4_ENFORCE;
	}
}

static void ipv6_is_found_behind_tags_of_every_kind(void **state)
{
	struct frame f;

	(void)state;
	for (unsigned int n = 0; n <= S64_LINK_HEADERS; n++) {
		for (unsigned int kind = 0; kind < TAGS; kind++) {
			tagged(&f, n, kind, 0x86dd);
			put_packet(&f);
			expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
			f.bytes--;
			expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_PAYLOAD);
		}
	}
}

/* IPv6 may follow them: Linux accepts any number of tags of VLAN 0. */
static void more_than_are_read_are_dropped_whatever_is_behind(void **state)
{
	struct frame f;

	(void)state;
	for (unsigned int n = S64_LINK_HEADERS + 1; n < 20; n++) {
		tagged(&f, n, 0, n % 2 ? 0x86dd : 0x0806);
		put_packet(&f);
		expect(&f, S64_CLASS_MALFORMED, S64_REASON_TOO_MANY_VLANS);
	}
}

/* Whatever the length in front of it. */
static void ipv6_is_found_behind_llc_and_snap(void **state)
{
	static const uint16_t lengths[] = {0, 8, 56, 1500, 0x5ff};
	static const uint8_t ouis[] = {0, 0xf8};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		for (size_t j = 0; j < 2; j++) {
			tagged(&f, 0, 0, lengths[i]);
			put_snap(&f, ouis[j], 0x86dd);
			put_packet(&f);
			expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
			tagged(&f, 2, i, lengths[i]);
			put_snap(&f, ouis[j], 0x8100);
			put16(&f, 0);
			put16(&f, lengths[i]);
			put_snap(&f, ouis[j], 0x86dd);
			put_packet(&f);
			expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
		}
	}
	ethernet(&f, 1000);
	for (unsigned int n = 0; n < 9; n++)
		put_snap(&f, 0, n < 8 ? 1000 : 0x86dd);
	put_packet(&f);
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TOO_MANY_VLANS);
}

static void llc_that_is_no_snap_passes(void **state)
{
	static const char *const others[] = {"\x42\x42\x03\x00\x00\x00\x86\xdd",
					     "\xaa\xaa\x03\x00\x00\x0c\x20\x00",
					     "\xaa\xaa\x01\x00\x00\x00\x86\xdd",
					     "\xff\xff\x00\x28\x00\x01\x86\xdd",
					     "\xaa\xaa\x03\x08\x00\x00\x86\xdd",
					     "\xaa\xaa\x03\x00\x00\x00\x80\x9b"};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		ethernet(&f, 46);
		put(&f, others[i], 8);
		put_zeros(&f, 46);
		expect(&f, S64_CLASS_NOT_IPV6, S64_REASON_NOT_IPV6);
	}
	f.bytes = 14 + 7;
	expect(&f, S64_CLASS_NOT_IPV6, S64_REASON_NOT_IPV6);
}

/* --- PPPoE --- */

static void put_session(struct frame *f, uint16_t version_type_code, uint16_t length,
			bool compressed)
{
	put16(f, version_type_code);
	put16(f, 7);
	put16(f, length);
	if (compressed)
		put8(f, 0x57);
	else
		put16(f, 0x0057);
}

/* Linux checks none of them if the EtherType says that it is a session. */
static void a_session_is_one_whatever_its_version_type_and_code(void **state)
{
	struct frame f;

	(void)state;
	for (unsigned int word = 0; word < 0x10000; word += 0xff) {
		for (int compressed = 0; compressed < 2; compressed++) {
			tagged(&f, word % 4, word, 0x8864);
			put_session(&f, word, 48 + 2 - compressed, compressed);
			put_packet(&f);
			expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
		}
	}
}

static void a_session_bounds_what_is_in_it(void **state)
{
	struct frame f;

	(void)state;
	ethernet(&f, 0x8864);
	put_session(&f, 0x1100, 50, false);
	put_packet(&f);
	expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
	f.data[14 + 5] = 20;
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_IPV6);
	f.data[14 + 5] = 45;
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_PAYLOAD);
	f.data[14 + 5] = 1; /* one byte of the two-byte protocol */
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_LINK);
}

static void what_else_a_session_holds_passes(void **state)
{
	static const uint16_t protocols[] = {0x0021, 0xc021, 0x8057, 0x003d, 0x00fd, 0x0031};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		ethernet(&f, 0x8864);
		put(&f, "\x11\x00\x00\x07\x00\x30", 6);
		put16(&f, protocols[i]);
		put_zeros(&f, 48);
		expect(&f, S64_CLASS_NOT_IPV6, S64_REASON_NOT_IPV6);
	}
}

static void a_cut_header_is_said_to_be_one(void **state)
{
	struct frame f;

	(void)state;
	ethernet(&f, 0x8864);
	put_session(&f, 0x1100, 50, false);
	f.bytes = 14 + 7;
	expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_LINK);
	for (unsigned int n = 1; n < 5; n++) {
		tagged(&f, n, 0, 0x86dd);
		f.bytes--;
		expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_LINK);
	}
	for (f.bytes = 0; f.bytes < 14; f.bytes++)
		expect(&f, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_LINK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, native_setup, native_teardown)
		T(a_frame_that_is_no_ipv6_passes),
		T(ipv6_is_found_behind_tags_of_every_kind),
		T(more_than_are_read_are_dropped_whatever_is_behind),
		T(ipv6_is_found_behind_llc_and_snap),
		T(llc_that_is_no_snap_passes),
		T(a_session_is_one_whatever_its_version_type_and_code),
		T(a_session_bounds_what_is_in_it),
		T(what_else_a_session_holds_passes),
		T(a_cut_header_is_said_to_be_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
