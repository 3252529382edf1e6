// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/net/spoken.c user/net/spoken_ja.c user/base/error.c */
/* A prefix over the telephone: a dictated prefix is understood, and a misheard one is detected. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/spoken.h"

#define PREFIXES 10000 /* PREFIXES in the environment overrides the number of them */

static struct prefix guess[SPOKEN_GUESSES_MAX];
static unsigned int guesses;
static int prefixes = PREFIXES;
static struct error error;

static uint64_t chance(void)
{
	static uint64_t state = 64;

	state += 0x9e3779b97f4a7c15ULL;
	return (state ^ state >> 29) * 0xbf58476d1ce4e5b9ULL;
}

static int hear(const char *text, struct prefix *prefix)
{
	return spoken_hear(text, prefix, guess, &guesses, &error);
}

/* The bare characters over which the check is computed. */
static void run_of(const struct prefix *prefix, char out[SPOKEN_CHARS + 1])
{
	char check[SPOKEN_CHECK + 1];

	assert_int_equal(spoken_check(prefix, check), 0);
	snprintf(out, SPOKEN_CHARS + 1, "%016llX%02u%s", (unsigned long long)prefix_hi(prefix),
		 prefix->length % 100, check);
}

static void the_check_is_that_of_the_standard(void **state)
{
	static const struct {
		const char *prefix;
		unsigned int length;
		const char *check;
	} known[] = {
		{"2001:db8:dead:beef::/64", 64, "ND"},
		/* the same digits with another length */
		{"2001:db8:dead:beef::/64", 56, "BO"},
		{"2001:db8:1::/48", 48, "JI"},
	};
	char check[SPOKEN_CHECK + 1];
	struct prefix prefix;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_int_equal(prefix_parse(known[i].prefix, &prefix, NULL), 0);
		prefix.length = known[i].length;
		assert_int_equal(spoken_check(&prefix, check), 0);
		assert_string_equal(check, known[i].check);
	}
}

static void what_is_said_is_heard(void **state)
{
	(void)state;
	for (int i = 0; i < prefixes; i++) {
		struct prefix prefix = prefix_of_bits(chance(), 0, 16 + i % 49), got;
		char text[SPOKEN_TEXT_MAX];

		assert_int_equal(spoken_say(&prefix, text), 0);
		assert_int_equal(hear(text, &got), 0);
		assert_int_equal(prefix_compare(&prefix, &got), 0);
		assert_int_equal(spoken_spell(&prefix, text), 0);
		assert_int_equal(hear(text, &got), 0);
		assert_int_equal(prefix_compare(&prefix, &got), 0);
	}
}

static void it_may_be_typed_in_many_ways(void **state)
{
	static const char *const ways[] = {
		"2001, 0DB8, DEAD, BEEF, length 64, check November Delta",
		"2001 0db8 dead beef length 64 check november delta",
		"2001:db8:dead:beef::/64 ND",
		"2001:db8:dead:beef::/64 check N D",
		"20010DB8DEADBEEF64ND",
		"20010db8deadbeef slash 64 nd",
		"two zero zero one zero delta bravo eight DEAD BEEF slash six four check N D",
		"too" /* not a word */,
	};
	struct prefix wanted, got;

	(void)state;
	prefix_parse("2001:db8:dead:beef::/64", &wanted, NULL);
	for (size_t i = 0; i + 1 < sizeof(ways) / sizeof(ways[0]); i++) {
		if (hear(ways[i], &got))
			fail_msg("'%s': %s", ways[i], error.text);
		assert_int_equal(prefix_compare(&wanted, &got), 0);
	}
	assert_int_equal(hear(ways[7], &got), -EINVAL);
	prefix_parse("2001:db8:1::/48", &wanted, NULL);
	assert_int_equal(hear("2001:db8:1::/48 Juliet India", &got), 0);
	assert_int_equal(prefix_compare(&wanted, &got), 0);
}

static bool guessed(const struct prefix *prefix)
{
	for (unsigned int i = 0; i < guesses; i++)
		if (!prefix_compare(&guess[i], prefix))
			return true;
	return false;
}

static void every_wrong_character_is_noticed_and_explained(void **state)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	(void)state;
	for (int i = 0; i < prefixes; i++) {
		struct prefix prefix = prefix_of_bits(chance(), 0, 64), got;
		char all[SPOKEN_CHARS + 1];

		run_of(&prefix, all);
		for (int at = 0; at < SPOKEN_CHARS; at++) {
			char right = all[at];
			int radix = at < SPOKEN_DIGITS		       ? 16 :
				    at < SPOKEN_DIGITS + SPOKEN_LENGTH ? 10 :
									 36;

			/* a different one of the wrong characters each time */
			all[at] = alphabet[chance() % radix];
			if (all[at] == right) {
				all[at] = right;
				continue;
			}
			assert_int_equal(hear(all, &got), -EBADMSG);
			assert_true(guessed(&prefix));
			if (guesses == 1)
				assert_int_equal(prefix_compare(&guess[0], &prefix), 0);
			all[at] = right;
		}
	}
}

static void every_swap_of_neighbours_is_noticed_and_explained(void **state)
{
	(void)state;
	for (int i = 0; i < prefixes; i++) {
		struct prefix prefix = prefix_of_bits(chance(), 0, 64), got;
		char all[SPOKEN_CHARS + 1];

		run_of(&prefix, all);
		for (int at = 0; at + 1 < SPOKEN_CHARS; at++) {
			char left = all[at], right = all[at + 1];

			if (left == right)
				continue;
			all[at] = right;
			all[at + 1] = left;
			assert_int_equal(hear(all, &got), -EBADMSG);
			assert_true(guessed(&prefix));
			all[at] = left;
			all[at + 1] = right;
		}
	}
}

/* documents low: an O typed instead of the 0 of the length */
static void an_o_in_the_length_is_explained(void **state)
{
	static const char *const typed[] = {"2001, 0DB8, 0BAD, 0010, length 6O, check %s",
					    "2001 0DB8 0BAD 0010 length 6 O %s",
					    "2001:db8:bad:10::/6O %s",
					    "20010DB80BAD0010 length six Oscar check %s"};
	struct prefix prefix, got, guess[SPOKEN_GUESSES_MAX];
	char check[SPOKEN_CHECK + 1], text[128];
	unsigned int guesses;
	struct error error;

	(void)state;
	assert_int_equal(prefix_parse("2001:db8:bad:10::/60", &prefix, NULL), 0);
	assert_int_equal(spoken_check(&prefix, check), 0);
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		snprintf(text, sizeof(text), typed[i], check);
		assert_int_equal(spoken_hear(text, &got, guess, &guesses, &error), -EBADMSG);
		assert_int_equal(guesses, 1);
		assert_int_equal(prefix_compare(&guess[0], &prefix), 0);
	}
}

static void what_is_no_prefix_is_said_to_be_none(void **state)
{
	static const char *const texts[] = {
		"",
		"   ",
		"hello",
		"2001",
		"2001:db8::/64",
		"2001:db8:dead:beef::/64 N",
		"2001:db8:dead:beef:1::/64 ND",
		"2001 0DB8 DEAD BEEF length 6 check ND",
		"20010DB8DEADBEEF64ND1",
		"2001 0DB8 DEAD BEEF length 64 check ND \xff",
		"2001:db8:dead:beef::/64 ND ; rm",
		"20010DB8DEADBEEFDEADBEEFDEADBEEFDEADBEEF",
	};
	struct prefix got;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (hear(texts[i], &got) != -EINVAL)
			fail_msg("'%s' was taken", texts[i]);
}

static void longer_prefixes_cannot_be_told(void **state)
{
	struct prefix prefix = prefix_of_bits(1, 1, 128);
	char text[SPOKEN_TEXT_MAX];

	(void)state;
	assert_int_equal(spoken_say(&prefix, text), -ERANGE);
}

int main(void)
{
	const char *number = getenv("PREFIXES");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_is_that_of_the_standard),
		cmocka_unit_test(what_is_said_is_heard),
		cmocka_unit_test(it_may_be_typed_in_many_ways),
		cmocka_unit_test(every_wrong_character_is_noticed_and_explained),
		cmocka_unit_test(every_swap_of_neighbours_is_noticed_and_explained),
		cmocka_unit_test(an_o_in_the_length_is_explained),
		cmocka_unit_test(what_is_no_prefix_is_said_to_be_none),
		cmocka_unit_test(longer_prefixes_cannot_be_told),
	};

	if (number)
		prefixes = atoi(number);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
