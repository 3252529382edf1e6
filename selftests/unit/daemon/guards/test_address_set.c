// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/guards/address_set.c user/net/source_rules.c user/net/prefix.c user/base/error.c */
/* The addresses that the guards know: each is found once, with all that is known of it, by any prefix that covers it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/guards/address_set.h"

#define MANY 5000

static struct prefix parsed(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("%s is not taken", text);
	return prefix;
}

static void add(struct known_set *set, const char *text, uint32_t ifindex, uint32_t roles)
{
	struct prefix whole = parsed(text);

	assert_int_equal(known_add(set, &whole.address, ifindex, roles), 0);
}

static unsigned int count(const struct known_set *set, const char *text, uint32_t roles)
{
	struct prefix prefix = parsed(text);
	const struct known *known = NULL;
	unsigned int n = 0;

	while ((known = known_next(set, &prefix, roles, known)))
		n++;
	return n;
}

static void an_address_is_found_by_a_prefix_that_covers_it_and_by_no_other(void **state)
{
	struct known_set set = {};

	(void)state;
	assert_int_equal(count(&set, "::/0", ~0U), 0);
	add(&set, "2001:db8:2::1", 3, KNOWN_NEXT_HOP);
	add(&set, "2001:db8:1::1", 2, KNOWN_OWN);
	add(&set, "2001:db8:1::2", 2, KNOWN_NEIGHBOUR);
	known_seal(&set);
	assert_int_equal(count(&set, "2001:db8:1::/64", ~0U), 2);
	assert_int_equal(count(&set, "2001:db8:1::/64", KNOWN_OWN), 1);
	assert_int_equal(count(&set, "2001:db8:1::/64", KNOWN_NEXT_HOP), 0);
	assert_int_equal(count(&set, "2001:db8::/32", ~0U), 3);
	assert_int_equal(count(&set, "2001:db8:1::1/128", ~0U), 1);
	assert_int_equal(count(&set, "2001:db8:3::/48", ~0U), 0);
	known_free(&set);
}

static void the_same_address_is_one_with_all_its_roles(void **state)
{
	struct prefix prefix = parsed("2001:db8::1/128");
	struct known_set set = {};
	const struct known *known;

	(void)state;
	add(&set, "2001:db8::1", 0, KNOWN_NEXT_HOP);
	add(&set, "2001:db8::2", 0, KNOWN_OWN);
	add(&set, "2001:db8::1", 7, KNOWN_NEIGHBOUR);
	known_seal(&set);
	assert_int_equal(set.count, 2);
	known = known_next(&set, &prefix, KNOWN_NEIGHBOUR, NULL);
	assert_non_null(known);
	assert_int_equal(known->roles, KNOWN_NEXT_HOP | KNOWN_NEIGHBOUR);
	assert_int_equal(known->ifindex, 7);
	assert_null(known_next(&set, &prefix, ~0U, known));
	known_free(&set);
}

/* A full routing table names its few next hops a million times. */
static void few_addresses_named_often_take_little_room(void **state)
{
	static const char *const hops[] = {"fe80::1", "fe80::2", "fe80::3"};
	struct known_set set = {};

	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		add(&set, hops[i % 3], 1, KNOWN_NEXT_HOP);
	assert_true(set.room <= 512);
	known_seal(&set);
	assert_int_equal(set.count, 3);
	known_free(&set);
}

static void an_ipv4_host_behind_a_translator_is_found_by_its_ipv4_address(void **state)
{
	struct prefix nat64 = parsed("2001:db8:64::/96");
	struct known_set set = {};
	struct site_rules rules;
	struct error error;

	(void)state;
	site_rules_init(&rules);
	assert_int_equal(site_rules_add(&rules, &nat64, S64_SITE_NAT64, 0, &error), 0);
	set.rules = &rules;
	add(&set, "2001:db8:64::192.0.2.1", 1, KNOWN_SSH);
	add(&set, "2002:c000:0202::1", 1, KNOWN_BGP);
	known_seal(&set);
	assert_int_equal(count(&set, "192.0.2.1", KNOWN_SSH), 1);
	assert_int_equal(count(&set, "192.0.2.2", KNOWN_BGP), 1);
	assert_int_equal(count(&set, "2001:db8:64::/96", KNOWN_SSH), 1);
	assert_int_equal(count(&set, "192.0.2.3", ~0U), 0);
	known_free(&set);
	assert_ptr_equal(set.rules, &rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_found_by_a_prefix_that_covers_it_and_by_no_other),
		cmocka_unit_test(the_same_address_is_one_with_all_its_roles),
		cmocka_unit_test(few_addresses_named_often_take_little_room),
		cmocka_unit_test(an_ipv4_host_behind_a_translator_is_found_by_its_ipv4_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
