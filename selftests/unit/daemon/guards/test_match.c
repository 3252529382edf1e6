// SPDX-License-Identifier: GPL-2.0-only
/* Which guard matches first, and how the addresses are described. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/guards/match.h"

static struct address_set own, routes, users;
static const struct match_set sets[] = {
	{GUARD_OWN_ADDRESS, ADDRESS_OWN, &own},	       {GUARD_NEXT_HOP, ADDRESS_NEXT_HOP, &routes},
	{GUARD_NEIGHBOUR, ADDRESS_NEIGHBOUR, &routes}, {GUARD_PEER, ADDRESS_BGP, &routes},
	{GUARD_SSH, ADDRESS_OPERATOR, &users},	       {GUARD_SSH, ADDRESS_SSH, &users},
};
static char text[512];

static void add(struct address_set *set, const char *address, uint32_t roles)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse_whole(address, &prefix, NULL), 0);
	assert_int_equal(address_set_add(set, &prefix.address, 0, roles), 0);
	address_set_seal(set);
}

static enum guard search_in(const char *address, size_t bytes)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse_whole(address, &prefix, NULL), 0);
	text[0] = '\0';
	return match_search(sets, sizeof(sets) / sizeof(*sets), &prefix, text, bytes);
}

static enum guard search(const char *address)
{
	return search_in(address, sizeof(text));
}

static int tear_down(void **state)
{
	address_set_free(&own);
	address_set_free(&routes);
	address_set_free(&users);
	return 0;
}

static void an_address_is_told_with_all_its_roles(void **state)
{
	add(&routes, "2400::1", ADDRESS_NEXT_HOP | ADDRESS_DEFAULT);
	add(&routes, "2400::1", ADDRESS_BGP);
	assert_int_equal(search("2400::/64"), GUARD_NEXT_HOP);
	assert_string_equal(text, "2400::1 (next hop of the default route, BGP peer)");
}

static void nothing_within_is_nothing_said(void **state)
{
	add(&routes, "2400::1", ADDRESS_NEXT_HOP);
	assert_int_equal(search("2401::/64"), GUARD_NONE);
	assert_string_equal(text, "");
	assert_int_equal(search("2400::2/128"), GUARD_NONE);
}

static void one_address_of_each_guard_is_named_and_the_others_counted(void **state)
{
	add(&own, "2400::1", ADDRESS_OWN);
	add(&own, "2400::2", ADDRESS_OWN);
	add(&routes, "2400::3", ADDRESS_NEXT_HOP);
	add(&routes, "2400::4", ADDRESS_NEIGHBOUR | ADDRESS_ROUTER);
	add(&routes, "2400::5", ADDRESS_BGP);
	assert_int_equal(search("2400::/64"), GUARD_OWN_ADDRESS);
	assert_string_equal(text, "2400::1 (this router's own address), 2400::3 (next hop), "
				  "2400::4 (neighbouring router) and 2 more");
}

static void the_callers_own_session_is_named_once(void **state)
{
	add(&users, "2400::9", ADDRESS_OPERATOR | ADDRESS_SSH);
	assert_int_equal(search("2400::9/128"), GUARD_SSH);
	assert_string_equal(text, "2400::9 (from where you are logged in over SSH)");
	add(&users, "2400::8", ADDRESS_SSH);
	assert_int_equal(search("2400::8/128"), GUARD_SSH);
	assert_string_equal(text, "2400::8 (a user is logged in from there)");
}

static void ipv4_is_written_as_ipv4(void **state)
{
	add(&own, "198.51.100.7", ADDRESS_OWN);
	assert_int_equal(search("198.51.100.0/24"), GUARD_OWN_ADDRESS);
	assert_string_equal(text, "198.51.100.7 (this router's own address)");
}

static void a_text_without_room_is_cut_and_ends(void **state)
{
	add(&own, "2400::1", ADDRESS_OWN);
	add(&routes, "2400::3", ADDRESS_NEXT_HOP);
	memset(text, 'x', sizeof(text));
	assert_int_equal(search_in("2400::/64", 20), GUARD_OWN_ADDRESS);
	assert_int_equal(strlen(text), 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_address_is_told_with_all_its_roles, NULL,
						tear_down),
		cmocka_unit_test_setup_teardown(nothing_within_is_nothing_said, NULL, tear_down),
		cmocka_unit_test_setup_teardown(
			one_address_of_each_guard_is_named_and_the_others_counted, NULL, tear_down),
		cmocka_unit_test_setup_teardown(the_callers_own_session_is_named_once, NULL,
						tear_down),
		cmocka_unit_test_setup_teardown(ipv4_is_written_as_ipv4, NULL, tear_down),
		cmocka_unit_test_setup_teardown(a_text_without_room_is_cut_and_ends, NULL,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
