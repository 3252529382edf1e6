// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c */
/* Prefixes as text and as bits. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "net/prefix.h"

#define ROUNDS 200000

static struct prefix parsed(const char *text)
{
	struct prefix prefix;

	if (prefix_parse(text, &prefix, NULL))
		fail_msg("%s is not taken", text);
	return prefix;
}

static void prints_as(const char *text, const char *expected)
{
	struct prefix prefix = parsed(text);
	char buf[PREFIX_TEXT_MAX];

	assert_string_equal(prefix_format(&prefix, buf), expected);
}

static void prefixes_are_written_as_rfc_5952_says(void **state)
{
	(void)state;
	prints_as("2001:db8:bad:1::/64", "2001:db8:bad:1::/64");
	prints_as("2001:0DB8:0BAD:0001:0000:0000:0000:0000/64", "2001:db8:bad:1::/64");
	prints_as("2001:db8:0:0:1::/80", "2001:db8:0:0:1::/80"); /* 4.2.3: the longest run */
	prints_as("2001:0:0:1:0:0:0:1/128", "2001:0:0:1::1/128");
	/* 4.2.2: a single 0 is not shortened */
	prints_as("2001:db8:0:1:1:1:1:1/128", "2001:db8:0:1:1:1:1:1/128");
	prints_as("2001:db8:0:0:1:0:0:1/128",
		  "2001:db8::1:0:0:1/128"); /* 4.2.3: the first of two */
	prints_as("::/0", "::/0");
	prints_as("::1/128", "::1/128");
	prints_as("64:ff9b::192.0.2.1/128", "64:ff9b::c000:201/128");
}

static void the_longest_text_fits(void **state)
{
	(void)state;
	prints_as("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
	prints_as("::ffff:255.255.255.255/128", "255.255.255.255/32");
}

static void an_ipv4_prefix_is_the_mapped_one_and_written_as_what_it_is(void **state)
{
	struct prefix prefix;

	(void)state;
	prints_as("198.51.100.7/24", "198.51.100.0/24");
	prints_as("198.51.100.7", "198.51.100.7/32");
	prints_as("0.0.0.0/0", "0.0.0.0/0");
	prints_as("::ffff:198.51.100.0/120", "198.51.100.0/24");
	assert_int_equal(prefix_parse("198.51.100.7", &prefix, NULL), 0);
	assert_true(prefix_is_v4(&prefix));
	assert_int_equal((uint32_t)prefix_lo(&prefix), 0xc6336407);
	assert_int_equal(prefix_parse("::/64", &prefix, NULL), 0);
	assert_false(prefix_is_v4(&prefix));
}

static void an_address_parsed_whole_keeps_all_of_it(void **state)
{
	enum prefix_note note = PREFIX_EXACT;
	struct prefix prefix;
	char buf[PREFIX_TEXT_MAX];

	(void)state;
	assert_int_equal(prefix_parse_whole("2001:db8:1:2::3", &prefix, &note), 0);
	assert_int_equal(note, PREFIX_WAS_ADDRESS);
	assert_string_equal(prefix_format(&prefix, buf), "2001:db8:1:2::3/128");
}

static void an_address_alone_is_its_slash_64(void **state)
{
	enum prefix_note note = PREFIX_EXACT;
	struct prefix prefix;
	char buf[PREFIX_TEXT_MAX];

	(void)state;
	assert_int_equal(prefix_parse("2001:db8:bad:1::66", &prefix, &note), 0);
	assert_int_equal(note, PREFIX_WAS_ADDRESS);
	assert_string_equal(prefix_format(&prefix, buf), "2001:db8:bad:1::/64");
}

static void bits_behind_the_length_are_cleared_and_told(void **state)
{
	enum prefix_note note = PREFIX_EXACT;
	struct prefix prefix;
	char buf[PREFIX_TEXT_MAX];

	(void)state;
	assert_int_equal(prefix_parse("2001:db8:bad:1::66/64", &prefix, &note), 0);
	assert_int_equal(note, PREFIX_HAD_HOST_BITS);
	assert_string_equal(prefix_format(&prefix, buf), "2001:db8:bad:1::/64");
	assert_int_equal(prefix_parse("2001:db8:bad:1::66/128", &prefix, &note), 0);
	assert_int_equal(note, PREFIX_EXACT);
	assert_int_equal(prefix_parse("ffff::/1", &prefix, &note), 0);
	assert_int_equal(note, PREFIX_HAD_HOST_BITS);
	assert_string_equal(prefix_format(&prefix, buf), "8000::/1");
}

static void what_is_no_prefix_is_refused_and_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"",
		"/",
		"/64",
		"x",
		"2001:db8::/zz",
		"2001:db8::/",
		"2001:db8::/129",
		"2001:db8::/256",
		"2001:db8::/320",
		"2001:db8::/-1",
		"2001:db8::/+64",
		"2001:db8::/064",
		"2001:db8::/00",
		"2001:db8::/64 ",
		" 2001:db8::/64",
		"2001:db8::/ 64",
		"2001:db8::/64/64",
		"2001:db8:::/64",
		"2001::db8::/64",
		"2001:db8::1%eth0",
		"192.0.2.1/33",
		"192.0.2.0/024",
		"192.0.2",
		"192.0.2.256",
		"192.0.2.1.1",
		"2001:db8::/6a",
		"[2001:db8::]/64",
		"12345::/64",
		"2001:db8::g/64",
		"2001:db8:1/64",
		"1:2:3:4:5:6:7:8:9/64",
		"2001:db8::/4294967360",
		"0000000000000000000000000000000000000000000000000000000000000000000000::/64",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct prefix prefix, before;
		enum prefix_note note = PREFIX_HAD_HOST_BITS;

		memset(&prefix, 0x5a, sizeof(prefix));
		before = prefix;
		if (prefix_parse(bad[i], &prefix, &note) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
		assert_memory_equal(&prefix, &before, sizeof(prefix));
		assert_int_equal(note, PREFIX_HAD_HOST_BITS);
	}
}

static void every_length_masks_the_bits_behind_it(void **state)
{
	struct in6_addr ones;

	(void)state;
	memset(&ones, 0xff, sizeof(ones));
	for (unsigned int length = 0; length <= 128; length++) {
		struct prefix prefix = prefix_around(&ones, length);

		assert_int_equal(prefix.length, length);
		for (unsigned int bit = 0; bit < 128; bit++)
			assert_int_equal(prefix.address.s6_addr[bit / 8] >> (7 - bit % 8) & 1,
					 bit < length);
	}
}

static void a_prefix_contains_itself_and_the_longer_within(void **state)
{
	struct prefix all = parsed("::/0"), src_key = parsed("2001:db8:1:2::/64"),
		      half = parsed("2001:db8:1:2:8000::/65"), host = parsed("2001:db8:1:2::9/128"),
		      other = parsed("2001:db8:1:3::/64"), wide = parsed("2001:db8:1::/48"),
		      first = parsed("2001:db8:1::/64");

	(void)state;
	assert_true(prefix_contains(&src_key, &src_key));
	assert_true(prefix_contains(&all, &src_key));
	assert_true(prefix_contains(&wide, &src_key));
	assert_true(prefix_contains(&src_key, &half));
	assert_true(prefix_contains(&src_key, &host));
	assert_false(prefix_contains(&half, &host));
	assert_false(prefix_contains(&src_key, &wide));
	assert_false(prefix_contains(&host, &src_key));
	assert_false(prefix_contains(&src_key, &other));
	assert_true(prefix_contains(&all, &all));
	/* same address: the longer does not contain the shorter */
	assert_false(prefix_contains(&first, &wide));
	assert_true(prefix_contains(&wide, &first));
}

static void order_is_by_address_then_the_shorter_first(void **state)
{
	static const char *const ordered[] = {"::/0",	       "::/64",		"2001:db8::/32",
					      "2001:db8::/48", "2001:db8::/64", "2001:db8:0:1::/64",
					      "2001:db9::/32", "fe80::/10",	"ff00::/8"};
	size_t n = sizeof(ordered) / sizeof(ordered[0]);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			struct prefix a = parsed(ordered[i]), b = parsed(ordered[j]);

			assert_int_equal(prefix_compare(&a, &b), i < j ? -1 : i > j);
		}
}

static void bits_and_text_of_any_prefix_come_back(void **state)
{
	(void)state;
	srand(64);
	for (int i = 0; i < ROUNDS; i++) {
		struct in6_addr address;
		struct prefix prefix, bits, text;
		enum prefix_note note;
		char buf[PREFIX_TEXT_MAX];

		/* half of the groups are zero, for the shortened forms */
		for (int word = 0; word < 8; word++) {
			int value = rand() & 1 ? rand() : 0;

			address.s6_addr[word * 2] = value >> 8;
			address.s6_addr[word * 2 + 1] = value;
		}
		prefix = prefix_around(&address, rand() % 129);
		bits = prefix_of_bits(prefix_hi(&prefix), prefix_lo(&prefix), prefix.length);
		assert_int_equal(prefix_compare(&prefix, &bits), 0);
		assert_true(strlen(prefix_format(&prefix, buf)) < PREFIX_TEXT_MAX);
		assert_int_equal(prefix_parse(buf, &text, &note), 0);
		assert_int_equal(note, PREFIX_EXACT);
		assert_int_equal(prefix_compare(&prefix, &text), 0);
	}
}

static void the_bits_are_in_host_order(void **state)
{
	struct prefix prefix = parsed("2001:db8:1:2:3:4:5:6/128");

	(void)state;
	assert_true(prefix_hi(&prefix) == 0x20010db800010002ULL);
	assert_true(prefix_lo(&prefix) == 0x0003000400050006ULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_are_written_as_rfc_5952_says),
		cmocka_unit_test(the_longest_text_fits),
		cmocka_unit_test(an_ipv4_prefix_is_the_mapped_one_and_written_as_what_it_is),
		cmocka_unit_test(an_address_parsed_whole_keeps_all_of_it),
		cmocka_unit_test(an_address_alone_is_its_slash_64),
		cmocka_unit_test(bits_behind_the_length_are_cleared_and_told),
		cmocka_unit_test(what_is_no_prefix_is_refused_and_changes_nothing),
		cmocka_unit_test(every_length_masks_the_bits_behind_it),
		cmocka_unit_test(a_prefix_contains_itself_and_the_longer_within),
		cmocka_unit_test(order_is_by_address_then_the_shorter_first),
		cmocka_unit_test(bits_and_text_of_any_prefix_come_back),
		cmocka_unit_test(the_bits_are_in_host_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
