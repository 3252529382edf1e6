// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/text/near.c */
/* "Did you mean": which words are close to a mistyped one, and how they are suggested. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text/near.h"

static void suggests(const char *typed, const char *expected)
{
	static const char *const words[] = {"block", "unblock", "allow", "disallow", "list", "log"};
	struct near near = {.typed = typed};
	char text[NEAR_TEXT_MAX];

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		near_try(&near, words[i]);
	assert_string_equal(near_text(&near, "", text), expected);
}

static void each_kind_of_slip_counts_once(void **state)
{
	(void)state;
	assert_int_equal(near_distance("block", "block"), 0);
	assert_int_equal(near_distance("BLOCK", "block"), 0);
	assert_int_equal(near_distance("blocck", "block"), 1);
	assert_int_equal(near_distance("blck", "block"), 1);
	assert_int_equal(near_distance("blick", "block"), 1);
	assert_int_equal(near_distance("blcok", "block"), 1);
	assert_int_equal(near_distance("", "block"), 5);
}

static void a_word_too_long_for_a_slip_is_close_to_nothing(void **state)
{
	char longer[100];

	(void)state;
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_true(near_distance(longer, longer) > 60);
	suggests(longer, "");
}

static void only_the_closest_words_are_suggested(void **state)
{
	(void)state;
	suggests("blokc", " (did you mean 'block'?)");
	suggests("unblok", " (did you mean 'unblock'?)");
	suggests("lo", " (did you mean 'log'?)");
	suggests("lst", " (did you mean 'list'?)");
	suggests("restore", "");
}

static void the_beginning_of_a_word_is_one_slip_away(void **state)
{
	(void)state;
	suggests("disa", " (did you mean 'disallow'?)");
	suggests("UNB", " (did you mean 'unblock'?)");
	suggests("d", "");
}

static void suggestions_carry_what_stands_before_them(void **state)
{
	struct near near = {.typed = "--for"};
	char text[NEAR_TEXT_MAX];

	(void)state;
	near.typed = "fo";
	near_try(&near, "for");
	near_try(&near, "force");
	near_try(&near, "follow");
	near_try(&near, "format"); /* one more than are suggested */
	assert_string_equal(near_text(&near, "--", text),
			    " (did you mean '--for', '--force' or '--follow'?)");
	near = (struct near){.typed = "pause"};
	assert_string_equal(near_text(&near, "--", text), "");
}

static void a_synonym_leads_to_its_word_once(void **state)
{
	struct near near = {.typed = "dro"};
	char text[NEAR_TEXT_MAX];

	(void)state;
	near_try_synonym(&near, "drop", 4, "block");
	near_try_synonym(&near, "drops", 5, "block");
	assert_string_equal(near_text(&near, "", text), " (did you mean 'block'?)");
	near = (struct near){.typed = "bloc"};
	near_try(&near, "block");
	near_try_synonym(&near, "blocks", 6, "list");
	assert_string_equal(near_text(&near, "", text), " (did you mean 'block'?)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_slip_counts_once),
		cmocka_unit_test(a_word_too_long_for_a_slip_is_close_to_nothing),
		cmocka_unit_test(only_the_closest_words_are_suggested),
		cmocka_unit_test(the_beginning_of_a_word_is_one_slip_away),
		cmocka_unit_test(suggestions_carry_what_stands_before_them),
		cmocka_unit_test(a_synonym_leads_to_its_word_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
