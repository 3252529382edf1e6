// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/kernel/address_set.c user/net/source_rules.c user/net/prefix.c user/base/error.c */
/* Protected addresses: each is found once, with all its roles, by any prefix that covers it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kernel/address_set.h"

#define MANY 5000

static struct prefix parsed(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("%s is not taken", text);
	return prefix;
}

static void add(struct address_set *set, const char *text, uint32_t ifindex, uint32_t roles)
{
	struct prefix whole = parsed(text);

	assert_int_equal(address_set_add(set, &whole.address, ifindex, roles), 0);
}

static unsigned int count(const struct address_set *set, const char *text, uint32_t roles)
{
	struct prefix prefix = parsed(text);
	const struct known_address *addr = NULL;
	unsigned int n = 0;

	while ((addr = address_set_next(set, &prefix, roles, addr)))
		n++;
	return n;
}

static void an_address_is_found_by_a_prefix_that_covers_it_and_by_no_other(void **state)
{
	struct address_set set = {};

	(void)state;
	assert_int_equal(count(&set, "::/0", ~0U), 0);
	add(&set, "2001:db8:2::1", 3, ADDRESS_NEXT_HOP);
	add(&set, "2001:db8:1::1", 2, ADDRESS_OWN);
	add(&set, "2001:db8:1::2", 2, ADDRESS_NEIGHBOUR);
	address_set_seal(&set);
	assert_int_equal(count(&set, "2001:db8:1::/64", ~0U), 2);
	assert_int_equal(count(&set, "2001:db8:1::/64", ADDRESS_OWN), 1);
	assert_int_equal(count(&set, "2001:db8:1::/64", ADDRESS_NEXT_HOP), 0);
	assert_int_equal(count(&set, "2001:db8::/32", ~0U), 3);
	assert_int_equal(count(&set, "2001:db8:1::1/128", ~0U), 1);
	assert_int_equal(count(&set, "2001:db8:3::/48", ~0U), 0);
	address_set_free(&set);
}

static void the_same_address_is_one_with_all_its_roles(void **state)
{
	struct prefix prefix = parsed("2001:db8::1/128");
	struct address_set set = {};
	const struct known_address *addr;

	(void)state;
	add(&set, "2001:db8::1", 0, ADDRESS_NEXT_HOP);
	add(&set, "2001:db8::2", 0, ADDRESS_OWN);
	add(&set, "2001:db8::1", 7, ADDRESS_NEIGHBOUR);
	address_set_seal(&set);
	assert_int_equal(set.count, 2);
	addr = address_set_next(&set, &prefix, ADDRESS_NEIGHBOUR, NULL);
	assert_non_null(addr);
	assert_int_equal(addr->roles, ADDRESS_NEXT_HOP | ADDRESS_NEIGHBOUR);
	assert_int_equal(addr->ifindex, 7);
	assert_null(address_set_next(&set, &prefix, ~0U, addr));
	address_set_free(&set);
}

/* A full routing table contains its few next hops a million times. */
static void few_addresses_named_often_take_little_room(void **state)
{
	static const char *const hops[] = {"fe80::1", "fe80::2", "fe80::3"};
	struct address_set set = {};

	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		add(&set, hops[i % 3], 1, ADDRESS_NEXT_HOP);
	assert_true(set.room <= 512);
	address_set_seal(&set);
	assert_int_equal(set.count, 3);
	address_set_free(&set);
}

static void an_ipv4_host_behind_a_translator_is_found_by_its_ipv4_address(void **state)
{
	struct prefix nat64 = parsed("2001:db8:64::/96");
	struct address_set set = {};
	struct source_rules rules;
	struct error error;

	(void)state;
	source_rules_init(&rules);
	assert_int_equal(source_rules_add(&rules, &nat64, S64_SOURCE_KIND_NAT64, 0, &error), 0);
	set.rules = &rules;
	add(&set, "2001:db8:64::192.0.2.1", 1, ADDRESS_SSH);
	add(&set, "2002:c000:0202::1", 1, ADDRESS_BGP);
	address_set_seal(&set);
	assert_int_equal(count(&set, "192.0.2.1", ADDRESS_SSH), 1);
	assert_int_equal(count(&set, "192.0.2.2", ADDRESS_BGP), 1);
	assert_int_equal(count(&set, "2001:db8:64::/96", ADDRESS_SSH), 1);
	assert_int_equal(count(&set, "192.0.2.3", ~0U), 0);
	address_set_free(&set);
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
