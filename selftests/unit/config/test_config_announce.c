// SPDX-License-Identifier: GPL-2.0-only
/* announce: which blocks become routes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config_test.h"

static void it_is_off_by_default(void **state)
{
	take("interfaces: []");
	assert_false(config.announce.is_on);
	config_free(&config);
}

static void a_table_and_origins_are_enough(void **state)
{
	take("announce: {table: 667, origins: [operator, detect]}");
	assert_true(config.announce.is_on);
	assert_int_equal(config.announce.table, 667);
	assert_int_equal(config.announce.origin_count, 2);
	assert_string_equal(config.announce.origin[1], "detect");
	assert_int_equal(config.announce.max, 10000);
	assert_int_equal(config.announce.ipv6_min, 48);
	assert_int_equal(config.announce.ipv6_max, 64);
	assert_int_equal(config.announce.ipv4_min, 24);
	assert_int_equal(config.announce.ipv4_max, 32);
	assert_false(config.announce.dry_run);
	config_free(&config);
}

static void lengths_are_a_range_or_one(void **state)
{
	take("announce: {table: 667, origins: operator, prefixes: /64, ipv4: off, max: 5, "
	     "dampen: 5m, dry_run: true}");
	assert_int_equal(config.announce.ipv6_min, 64);
	assert_int_equal(config.announce.ipv6_max, 64);
	assert_true(config.announce.ipv4_min > config.announce.ipv4_max);
	assert_int_equal(config.announce.max, 5);
	assert_int_equal(config.announce.dampen_ms, 300000);
	assert_true(config.announce.dry_run);
	config_free(&config);
}

static void what_makes_no_sense_is_refused(void **state)
{
	refuse("announce: {table: 667}", "announce needs a table and origins");
	refuse("announce: {origins: [operator]}", "announce needs a table and origins");
	refuse("announce: {table: 254, origins: [operator]}", "table: 254 forwards packets");
	refuse("announce: {table: 667, origins: [rtbh]}", "does not go back to it");
	refuse("announce: {table: 667, origins: [flowspec]}", "does not go back to it");
	refuse("announce: {table: 667, origins: [rtbh-ddos]}", "does not go back to it");
	refuse("announce: {table: 667, origins: ['a b']}", "'a b' is not an origin");
	refuse("announce: {table: 667, origins: [operator], prefixes: 48-64}",
	       "is not a range of lengths like /48-/64");
	refuse("announce: {table: 667, origins: [operator], prefixes: /64-/48}",
	       "must be within /1-/128");
	refuse("announce: {table: 667, origins: [operator], prefixes: /0}", "must be within");
	refuse("announce: {table: 667, origins: [operator], ipv4: /24-/33}",
	       "must be within /1-/32");
	refuse("announce: {table: 667, origins: [operator], dampen: 2h}", "must be from 1s to 1h");
	refuse("announce: {table: 667, origins: [operator], max: 0}", "max");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_off_by_default),
		cmocka_unit_test(a_table_and_origins_are_enough),
		cmocka_unit_test(lengths_are_a_range_or_one),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
