// SPDX-License-Identifier: GPL-2.0-only
/* Special prefixes: the first one that contains an address counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "net/special_prefixes.h"

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("'%s' is no prefix", text);
	return prefix;
}

static void is_named(const char *text, const char *name)
{
	struct prefix prefix = prefix_of(text);
	int i = special_find(&prefix);

	if (!name) {
		assert_int_equal(i, -1);
		return;
	}
	if (i < 0)
		fail_msg("%s is in none", text);
	assert_string_equal(special_name(i), name);
}

static void the_longest_prefix_that_contains_it_gives_the_name(void **state)
{
	is_named("::1", "loopback");
	is_named("::2", "IPv4-compatible");
	is_named("64:ff9b::1.2.3.4", "NAT64");
	is_named("64:ff9b:1::1", "NAT64 local use");
	is_named("2001:1::1", "port control anycast");
	is_named("2001:1::9", "IETF protocol assignments");
	is_named("2001:db8::/48", "documentation");
	is_named("2001:db8::/31", NULL);
	is_named("2400::/12", NULL);
}

static void no_row_hides_behind_a_shorter_one_before_it(void **state)
{
	for (unsigned int i = 0; special_name(i); i++) {
		struct prefix prefix = special_prefix(i);

		assert_int_equal(special_find(&prefix), i);
		assert_non_null(special_reference(i));
	}
}

static void behind_the_last_row_there_is_none(void **state)
{
	unsigned int i = 0;

	while (special_name(i))
		i++;
	assert_null(special_reference(i));
	assert_null(special_name(i + 1));
	assert_int_equal(special_source(i), S64_SOURCE_BOGON);
}

static void what_is_not_assigned_is_a_bogon_but_within_2000_3(void **state)
{
	const struct {
		const char *text;
		enum s64_source_status is;
	} cases[] = {
		{"2400::1", S64_SOURCE_OK},	   {"2000::/3", S64_SOURCE_OK},
		{"2000::/2", S64_SOURCE_BOGON},	   {"4000::1", S64_SOURCE_BOGON},
		{"fe80::1", S64_SOURCE_ONLINK},	   {"fd00::1", S64_SOURCE_BOGON},
		{"2001:20::1", S64_SOURCE_POLICY}, {"2001:db8::1", S64_SOURCE_BOGON},
		{"192.0.2.1", S64_SOURCE_OK},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct prefix prefix = prefix_of(cases[i].text);

		if (special_source_of(&prefix) != cases[i].is)
			fail_msg("%s is %d", cases[i].text, special_source_of(&prefix));
	}
}

static void the_map_holds_the_same_rows_and_0_behind_them(void **state)
{
	struct s64_special table[S64_SPECIAL_MAX];
	unsigned int i;

	memset(table, 0xff, sizeof(table));
	special_fill(table);
	for (i = 0; special_name(i); i++) {
		struct prefix prefix = special_prefix(i);

		assert_int_equal(table[i].hi, prefix_hi(&prefix));
		assert_int_equal(table[i].lo, prefix_lo(&prefix));
		assert_int_equal(table[i].hi_mask, prefix_mask(prefix.length));
		assert_int_equal(table[i].lo_mask,
				 prefix.length > 64 ? prefix_mask(prefix.length - 64) : 0);
		assert_int_equal(table[i].source, special_source(i));
	}
	for (; i < S64_SPECIAL_MAX; i++)
		assert_true(!table[i].hi_mask && !table[i].lo_mask && !table[i].source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_that_contains_it_gives_the_name),
		cmocka_unit_test(no_row_hides_behind_a_shorter_one_before_it),
		cmocka_unit_test(behind_the_last_row_there_is_none),
		cmocka_unit_test(what_is_not_assigned_is_a_bogon_but_within_2000_3),
		cmocka_unit_test(the_map_holds_the_same_rows_and_0_behind_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
