// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix_typed.c user/net/prefix.c user/base/text/near.c */
/* Prefixes and words as people type and paste them: field H4, hostile O11. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text/near.h"
#include "net/prefix_typed.h"

#define ROUNDS 100000

typedef unsigned __int128 bits128;

static bits128 bits_of(const struct prefix *prefix)
{
	return (bits128)prefix_hi(prefix) << 64 | prefix_lo(prefix);
}

static void is(const char *text, const char *expected)
{
	char buf[PREFIX_TEXT_MAX];
	struct prefix prefix;

	if (prefix_typed(text, &prefix, NULL))
		fail_msg("'%s' is not taken", text);
	assert_string_equal(prefix_format(&prefix, buf), expected);
}

static void what_is_pasted_around_a_prefix_is_no_part_of_it(void **state)
{
	(void)state;
	is("2001:db8::/64", "2001:db8::/64");
	is("[2001:db8::]/64", "2001:db8::/64");
	is("[2001:db8::/64]", "2001:db8::/64");
	is("[2001:db8::1]", "2001:db8::1/128");
	is("[2001:db8::1]:443", "2001:db8::1/128");
	is("<2001:db8::1>", "2001:db8::1/128");
	is("198.51.100.7:443", "198.51.100.7/32");
	is("198.51.100.0/255.255.255.0", "198.51.100.0/24");
	is("198.51.100.7.", "198.51.100.7/32");
	is("\t2001:db8::/64,\t", "2001:db8::/64");
	is("\xc2\xa0"
	   "2001:db8::/64\xe2\x80\x8b",
	   "2001:db8::/64");
	is("\"2001:db8::/64\";", "2001:db8::/64");
}

static void what_may_mean_two_things_is_none(void **state)
{
	static const char *const bad[] = {"",
					  " ",
					  "[",
					  "[]",
					  "]",
					  "[2001:db8::1",
					  "2001:db8::1]",
					  "2001:db8::1]:443",
					  "2001:db8:1",
					  "2001:db8::/64 2001:db8:1::/64",
					  "2001:db8::/64,2001:db8:1::/64",
					  "fe80::1%eth0",
					  "198.51.100.0/255.0.255.0",
					  "198.51.100.0/0.0.0.255",
					  "2001:db8::/ffff::",
					  "198.51.100",
					  "198.51.100.7:",
					  ":443",
					  "2001:db8::/64-2001:db8:1::/64"};
	struct prefix prefix = {.length = 42};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (prefix_typed(bad[i], &prefix, NULL) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
	assert_int_equal(prefix.length, 42);
}

/* Checks that the parts of a range have no gap and no overlap, and cover no more than the range. */
static void a_range_is_just_the_prefixes_that_make_it_up(void **state)
{
	char text[2 * INET6_ADDRSTRLEN + 2], a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];
	struct prefix few[PREFIX_RANGE_FEW];

	(void)state;
	srandom(1);
	for (int round = 0; round < ROUNDS / 10; round++) {
		struct prefix from = prefix_of_bits(0x20010db800000000 | (random() & 0xffff),
						    (uint64_t)random() << (random() % 33), 128);
		bits128 start = bits_of(&from),
			size = (bits128)(random() % 4096 + 1) << (random() % 64), sum = 0;
		bits128 last = start + size - 1;
		struct prefix to = prefix_of_bits(last >> 64, last, 128);
		size_t count;

		snprintf(text, sizeof(text), "%s-%s", address_format(&from.address, a),
			 address_format(&to.address, b));
		count = prefix_typed_range(text, few);
		assert_true(count > 0);
		for (size_t i = 0; i < count && i < PREFIX_RANGE_FEW; i++) {
			assert_true(bits_of(&few[i]) == start + sum);
			sum += (bits128)1 << (128 - few[i].length);
		}
		if (count <= PREFIX_RANGE_FEW ? sum != size : sum >= size)
			fail_msg("%s is not what its %zu prefixes are", text, count);
	}
}

static void what_is_no_range_is_none(void **state)
{
	struct prefix few[PREFIX_RANGE_FEW];

	(void)state;
	assert_int_equal(prefix_typed_range("2001:db8::5-2001:db8::1", few), 0);
	assert_int_equal(prefix_typed_range("2001:db8::/64-2001:db8:1::/64", few), 0);
	assert_int_equal(prefix_typed_range("2001:db8::1-198.51.100.7", few), 0);
	assert_int_equal(prefix_typed_range("2001:db8::1", few), 0);
	assert_int_equal(prefix_typed_range("-", few), 0);
	assert_int_equal(prefix_typed_range("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", few), 0);
	assert_int_equal(prefix_typed_range("2001:db8::1-2001:db8::1", few), 1);
	assert_int_equal(prefix_typed_range("8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", few),
			 1);
	assert_int_equal(few[0].length, 1);
	assert_int_equal(prefix_typed_range("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", few),
			 128);
}

/* Any input gets an answer within its bounds. */
static void any_text_gets_a_hint(void **state)
{
	static const char letters[] = "0123456789abcdef:.:/-%[],* x\xc2\xa0\xe2\x80\x93";
	char text[300], hint[PREFIX_HINT_MAX];
	struct prefix prefix, few[PREFIX_RANGE_FEW];

	(void)state;
	srandom(2);
	for (int round = 0; round < ROUNDS; round++) {
		size_t n = round % 10 ? random() % 40 : random() % (long)sizeof(text);

		for (size_t i = 0; i < n; i++)
			text[i] = letters[random() % (sizeof(letters) - 1)];
		text[n < sizeof(text) ? n : sizeof(text) - 1] = '\0';
		prefix_typed(text, &prefix, NULL);
		prefix_typed_range(text, few);
		assert_ptr_equal(prefix_typed_hint(text, "an import", hint), hint);
		assert_true(hint[0] && strlen(hint) < PREFIX_HINT_MAX);
	}
}

static void the_slips_between_two_words_are_counted(void **state)
{
	(void)state;
	assert_int_equal(near_distance("", ""), 0);
	assert_int_equal(near_distance("block", "block"), 0);
	assert_int_equal(near_distance("BLOCK", "block"), 0);
	assert_int_equal(near_distance("blokc", "block"), 1);
	assert_int_equal(near_distance("blck", "block"), 1);
	assert_int_equal(near_distance("blockk", "block"), 1);
	assert_int_equal(near_distance("black", "block"), 1);
	assert_int_equal(near_distance("lbokc", "block"), 2);
	assert_int_equal(near_distance("", "block"), 5);
}

static void the_nearest_words_are_meant_and_far_ones_are_not(void **state)
{
	static const char *const words[] = {"list",    "log",	   "block",
					    "unblock", "disallow", "last_hit"};
	static const struct {
		const char *typed, *said;
	} tries[] = {
		{"lst", " (did you mean 'list'?)"},
		{"lgo", " (did you mean 'log'?)"},
		{"unblokc", " (did you mean 'unblock'?)"},
		{"dis", " (did you mean 'disallow'?)"},
		{"last-hit", " (did you mean 'last_hit'?)"},
		{"xyz", ""},
		{"", ""},
		{"x", ""},
		{"lo", " (did you mean 'log'?)"},
	};
	char buf[NEAR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct near near = {.typed = tries[i].typed};

		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
			near_try(&near, words[w]);
		assert_string_equal(near_text(&near, "", buf), tries[i].said);
	}
}

static void the_beginning_of_a_synonym_means_its_word(void **state)
{
	char buf[NEAR_TEXT_MAX];
	struct near near = {.typed = "dis"};

	(void)state;
	near_try(&near, "disallow");
	near_try_synonym(&near, "disable down", 7, "detach");
	near_try_synonym(&near, "disallowed", 10, "list");
	near_try_synonym(&near, "down", 4, "halt");
	assert_string_equal(near_text(&near, "", buf), " (did you mean 'disallow' or 'detach'?)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_pasted_around_a_prefix_is_no_part_of_it),
		cmocka_unit_test(what_may_mean_two_things_is_none),
		cmocka_unit_test(a_range_is_just_the_prefixes_that_make_it_up),
		cmocka_unit_test(what_is_no_range_is_none),
		cmocka_unit_test(any_text_gets_a_hint),
		cmocka_unit_test(the_slips_between_two_words_are_counted),
		cmocka_unit_test(the_nearest_words_are_meant_and_far_ones_are_not),
		cmocka_unit_test(the_beginning_of_a_synonym_means_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
