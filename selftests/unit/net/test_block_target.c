// SPDX-License-Identifier: GPL-2.0-only
/* What a prefix is to the maps, and whether a person can have meant it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "net/block_target.h"

static struct source_rules rules;
static const struct s64_seed seed = {7, {11, 13}};
static struct block_target target;
static struct error error;
static char said[BLOCK_TARGET_NOTE_MAX];

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("'%s' is no prefix", text);
	return prefix;
}

static int of(const char *text, enum prefix_note note)
{
	struct prefix prefix = prefix_of(text);

	source_rules_init(&rules);
	return block_target_of(&rules, &seed, &prefix, note, &target, said, &error);
}

/* It is accepted, with this stored prefix. */
static void is(const char *text, enum prefix_note note, const char *stored, bool is_source)
{
	char buf[PREFIX_TEXT_MAX];

	if (of(text, note))
		fail_msg("%s is refused: %s", text, error.text);
	assert_string_equal(prefix_format(&target.prefix, buf), stored);
	if (target.is_source != is_source)
		fail_msg("%s: source %d", text, target.is_source);
}

static void is_refused(const char *text, int err, const char *why)
{
	if (of(text, PREFIX_EXACT) != err)
		fail_msg("%s is not refused with %d", text, err);
	if (!strstr(error.text, why))
		fail_msg("%s: said '%s'", text, error.text);
}

static void an_address_stands_for_its_source_and_the_answer_says_so(void **state)
{
	is("2400:1:2:3::7", PREFIX_WAS_ADDRESS, "2400:1:2:3::/64", true);
	assert_int_equal(target.src_key, 0x2400000100020003ULL);
	assert_non_null(strstr(said, "2400:1:2:3::7"));
	assert_non_null(strstr(said, "/64"));
	is("2400:1:2:3::/64", PREFIX_EXACT, "2400:1:2:3::/64", true);
	assert_string_equal(said, "");
}

static void bits_behind_the_length_are_told(void **state)
{
	is("2400:1:2:3::/64", PREFIX_HAD_HOST_BITS, "2400:1:2:3::/64", true);
	assert_non_null(strstr(said, "2400:1:2:3::/64"));
}

static void a_prefix_of_another_length_is_no_source(void **state)
{
	is("2400:1::/48", PREFIX_EXACT, "2400:1::/48", false);
	is("2400:1:2:3::7/128", PREFIX_EXACT, "2400:1:2:3::7/128", false);
	is("198.51.100.0/24", PREFIX_EXACT, "198.51.100.0/24", false);
}

static void every_form_of_an_ipv4_host_is_the_host(void **state)
{
	uint64_t src_key;

	is("198.51.100.7", PREFIX_EXACT, "198.51.100.7/32", true);
	src_key = target.src_key;
	is("64:ff9b::198.51.100.7", PREFIX_WAS_ADDRESS, "198.51.100.7/32", true);
	assert_int_equal(target.src_key, src_key);
	assert_non_null(strstr(said, "NAT64"));
	is("2002:c633:6407::/48", PREFIX_EXACT, "198.51.100.7/32", true);
	assert_int_equal(target.src_key, src_key);
	assert_non_null(strstr(said, "6to4"));
}

static void what_was_written_is_kept_where_it_differs(void **state)
{
	struct prefix written = prefix_of("64:ff9b::198.51.100.7"), kept;

	is("64:ff9b::198.51.100.7", PREFIX_WAS_ADDRESS, "198.51.100.7/32", true);
	kept = block_target_said(&target, &written);
	assert_int_equal(prefix_compare(&kept, &written), 0);
	kept = block_target_said(&target, &target.prefix);
	assert_int_equal(kept.length, 0);
}

static void what_the_maps_cannot_hold_is_invalid_and_changes_no_target(void **state)
{
	memset(&target, 0x5a, sizeof(target));
	is_refused("::/0", -EINVAL, "everything");
	is_refused("0.0.0.0/0", -EINVAL, "everything");
	is_refused("2000::/15", -EINVAL, "16 to 128");
	is_refused("fe80::/10", -EINVAL, "fe80::/64");
	is_refused("ff02::1", -EINVAL, "multicast");
	is_refused("::/64", -EINVAL, "::/64");
	/* issue 14: it was accepted while :: is refused */
	is_refused("0.0.0.0", -EINVAL, "0.0.0.0/32 cannot be blocked or allowed");
	assert_int_equal(target.prefix.length, 0x5a);
	is("2000::/16", PREFIX_EXACT, "2000::/16", false);
}

static void what_holds_more_hosts_than_it_seems_is_unsafe_and_still_filled_in(void **state)
{
	char buf[PREFIX_TEXT_MAX];

	is_refused("64:ff9b::/64", -EDOM, "IPv4 Internet");
	assert_string_equal(prefix_format(&target.prefix, buf), "64:ff9b::/64");
	is_refused("64:ff9b::/96", -EDOM, "4294967296");
	is_refused("2001::/32", -EDOM, "Teredo");
	is_refused("2001:0:4136:e378::/64", -EDOM, "Teredo");
	is_refused("fe80::/64", -EDOM, "neighbour");
	is_refused("2002:c633:6407:1::/64", -EDOM, "198.51.100.7/32");
	assert_false(target.is_source);
	/* as many hosts as any other prefix of that length */
	is("2002:c600::/24", PREFIX_EXACT, "2002:c600::/24", false);
}

static void a_configured_length_makes_another_prefix_the_source(void **state)
{
	struct prefix of_56 = prefix_of("2400:5600::/32"), of_80 = prefix_of("2400:8000::/32"),
		      prefix;

	source_rules_init(&rules);
	assert_int_equal(source_rules_add(&rules, &of_56, S64_SOURCE_KIND_LENGTH, 56, &error), 0);
	assert_int_equal(source_rules_add(&rules, &of_80, S64_SOURCE_KIND_LENGTH, 80, &error), 0);
	prefix = prefix_of("2400:5600:0:ff00::/56");
	assert_int_equal(block_target_of(&rules, &seed, &prefix, PREFIX_EXACT, &target, NULL,
					 &error),
			 0);
	assert_true(target.is_source);
	prefix = prefix_of("2400:5600:0:ff01::/64");
	assert_int_equal(block_target_of(&rules, &seed, &prefix, PREFIX_EXACT, &target, NULL,
					 &error),
			 -EDOM);
	assert_non_null(strstr(error.text, "2400:5600:0:ff00::/56"));
	/* a /64 shared by several sources */
	prefix = prefix_of("2400:8000:0:1::/64");
	assert_int_equal(block_target_of(&rules, &seed, &prefix, PREFIX_EXACT, &target, NULL,
					 &error),
			 -EDOM);
	assert_non_null(strstr(error.text, "/80"));
	prefix = prefix_of("2400:8000:0:1:2::/80");
	assert_int_equal(block_target_of(&rules, &seed, &prefix, PREFIX_EXACT, &target, NULL,
					 &error),
			 0);
	assert_true(target.is_source);
}

static void a_64_of_isatap_hosts_is_no_source(void **state)
{
	struct prefix isatap = prefix_of("2400:1:2:3::/64");

	source_rules_init(&rules);
	assert_int_equal(source_rules_add(&rules, &isatap, S64_SOURCE_KIND_ISATAP, 0, &error), 0);
	target = block_target_of_stored(&rules, &seed, &isatap);
	assert_false(target.is_source);
	source_rules_init(&rules);
	target = block_target_of_stored(&rules, &seed, &isatap);
	assert_true(target.is_source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_stands_for_its_source_and_the_answer_says_so),
		cmocka_unit_test(bits_behind_the_length_are_told),
		cmocka_unit_test(a_prefix_of_another_length_is_no_source),
		cmocka_unit_test(every_form_of_an_ipv4_host_is_the_host),
		cmocka_unit_test(what_was_written_is_kept_where_it_differs),
		cmocka_unit_test(what_the_maps_cannot_hold_is_invalid_and_changes_no_target),
		cmocka_unit_test(what_holds_more_hosts_than_it_seems_is_unsafe_and_still_filled_in),
		cmocka_unit_test(a_configured_length_makes_another_prefix_the_source),
		cmocka_unit_test(a_64_of_isatap_hosts_is_no_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
