// SPDX-License-Identifier: GPL-2.0-only
/* The guards, in a separate network namespace: real addresses, neighbours, routes and TCP sessions.
 */

#include "guards_test.h"

/* --- lengths --- */

static void all_there_is_is_refused_even_with_force(void **state)
{
	NEEDS_NETWORK();
	refuses("::/0", GUARD_EVERYTHING,
		"::/0 is not blocked: it is every IPv6 or IPv4 source there is; force does not block that either: block the sources that send most");
	refuses("0.0.0.0/0", GUARD_EVERYTHING,
		"0.0.0.0/0 is not blocked: it is every IPv4 source there is; force does not block that either: block the sources that send most");
	assert_int_equal(check_from("::/8", NULL), GUARD_EVERYTHING); /* contains all of IPv4 */
	assert_int_equal(check_from("::/80", NULL), GUARD_EVERYTHING);
}

static void what_is_more_than_a_network_is_refused(void **state)
{
	const struct prefix longer = whole("172.16.0.0/13"), shorter = whole("3fff::/28");

	NEEDS_NETWORK();
	refuses("3fff::/28", GUARD_SHORT,
		"3fff::/28 is not blocked: it is shorter than /29, so it is more than one network; block the intended parts, or force overrides this");
	assert_int_equal(check_from("8000::/1", NULL), GUARD_SHORT);
	refuses("172.16.0.0/12", GUARD_SHORT,
		"172.16.0.0/12 is not blocked: it is shorter than /13, so it is more than one network; block the intended parts, or force overrides this");
	assert_int_equal(check_from("0.0.0.0/1", NULL), GUARD_SHORT);
	passes("3fff::/29");
	passes("172.16.0.0/13");
	assert_true(protected_addresses_is_short(&shorter));
	assert_false(protected_addresses_is_short(&longer));
}

/* --- addresses --- */

static void own_addresses_are_refused(void **state)
{
	NEEDS_NETWORK();
	refuses("2001:db8:1::2/128", GUARD_OWN_ADDRESS,
		"2001:db8:1::2/128 is not blocked: it covers 2001:db8:1::2 (this router's own address on wan0); force overrides this");
	refuses("192.0.2.2", GUARD_OWN_ADDRESS,
		"192.0.2.2/32 is not blocked: it covers 192.0.2.2 (this router's own address on wan0); force overrides this");
	refuses("::1", GUARD_OWN_ADDRESS,
		"::1/128 is not blocked: it covers ::1 (this router's own address on lo); force overrides this");
	refuses("10.7.0.1", GUARD_OWN_ADDRESS,
		"10.7.0.1/32 is not blocked: it covers 10.7.0.1 (this router's own address on tun7); force overrides this");
	passes("2001:db8:1::3/128");
	passes("192.0.2.3");
}

static bool becomes(const char *text, enum guard expected)
{
	for (int i = 0; i < NOTICED_MS / 20; i++) {
		if (check_from(text, NULL) == expected)
			return true;
		usleep(20000);
	}
	return false;
}

static void an_address_that_comes_or_goes_is_noticed(void **state)
{
	NEEDS_NETWORK();
	passes("2001:db8:77::1/128");
	shell("ip addr add 2001:db8:77::1/128 dev wan0 nodad");
	assert_true(becomes("2001:db8:77::/64", GUARD_OWN_ADDRESS));
	shell("ip addr del 2001:db8:77::1/128 dev wan0");
	assert_true(becomes("2001:db8:77::/64", GUARD_NONE));
}

static void the_far_end_of_a_link_is_refused(void **state)
{
	NEEDS_NETWORK();
	refuses("10.7.0.2", GUARD_NEIGHBOUR,
		"10.7.0.2/32 is not blocked: it covers 10.7.0.2 (the far end of tun7); force overrides this");
}

/* --- neighbours --- */

/* hostile 4: other entries appear after one ARP request, or one neighbour solicitation */
static void
neighbours_that_were_written_are_refused_and_those_that_were_learned_are_not(void **state)
{
	NEEDS_NETWORK();
	shell("ip neigh add 2001:db8:1::a lladdr 02:00:00:00:00:0a dev wan0 nud stale");
	shell("ip neigh add 2001:db8:1::c lladdr 02:00:00:00:00:0a dev wan0 nud reachable router");
	shell("ip neigh add 192.0.2.14 lladdr 02:00:00:00:00:0a dev wan0 nud reachable");
	shell("ip neigh add fe80::b lladdr 02:00:00:00:00:0b dev wan0 nud permanent router");
	shell("ip neigh add 192.0.2.12 lladdr 02:00:00:00:00:0c dev wan0 nud permanent");
	shell("ip neigh add 2001:db8:1::d dev wan0 nud failed");
	shell("ip neigh add 2001:db8:1::e lladdr 02:00:00:00:00:0e dev wan0 nud noarp");
	forget();
	passes("2001:db8:1::a/128");
	passes("2001:db8:1::c/128");
	passes("192.0.2.14/32");
	refuses("fe80::b/128", GUARD_NEIGHBOUR,
		"fe80::b/128 is not blocked: it covers fe80::b (neighbouring router on wan0); force overrides this");
	refuses("192.0.2.12/31", GUARD_NEIGHBOUR,
		"192.0.2.12/31 is not blocked: it covers 192.0.2.12 (neighbour on wan0); force overrides this");
	passes("2001:db8:1::d/128");
	passes("2001:db8:1::e/128");
	assert_int_equal(check_from("fe80::/64", NULL), GUARD_OWN_ADDRESS);
	shell("ip neigh flush dev wan0 nud stale && ip neigh del 192.0.2.12 dev wan0 && ip neigh del fe80::b dev wan0");
}

/* --- next hops --- */

static void next_hops_are_refused_however_a_route_has_them(void **state)
{
	NEEDS_NETWORK();
	shell("ip route add default via 2001:db8:1::91");
	shell("ip route add 2001:db8:92::/48 nexthop via 2001:db8:1::92 dev wan0 nexthop via fe80::93 dev wan0");
	shell("ip route add 203.0.113.0/26 via 192.0.2.94");
	shell("ip route add 203.0.113.64/26 nexthop via 192.0.2.95 dev wan0 nexthop via 192.0.2.96 dev wan0");
	shell("ip route add 203.0.113.128/26 via inet6 fe80::97 dev wan0");
	shell("ip nexthop add id 98 via 2001:db8:1::98 dev wan0");
	shell("ip route add default via 2001:db8:1::99 table 99");
	run_loop(20); /* notifications */
	refuses("2001:db8:1::91/128", GUARD_NEXT_HOP,
		"2001:db8:1::91/128 is not blocked: it covers 2001:db8:1::91 (next hop of the default route via wan0); force overrides this");
	refuses("2001:db8:1::92/128", GUARD_NEXT_HOP,
		"2001:db8:1::92/128 is not blocked: it covers 2001:db8:1::92 (next hop via wan0); force overrides this");
	assert_int_equal(check_from("fe80::93", NULL), GUARD_NEXT_HOP);
	refuses("192.0.2.94", GUARD_NEXT_HOP,
		"192.0.2.94/32 is not blocked: it covers 192.0.2.94 (next hop via wan0); force overrides this");
	assert_int_equal(check_from("192.0.2.95", NULL), GUARD_NEXT_HOP);
	assert_int_equal(check_from("192.0.2.96", NULL), GUARD_NEXT_HOP);
	assert_int_equal(check_from("fe80::97", NULL), GUARD_NEXT_HOP);
	assert_int_equal(check_from("2001:db8:1::98", NULL), GUARD_NEXT_HOP);
	assert_int_equal(check_from("2001:db8:1::99", NULL), GUARD_NEXT_HOP);
}

static void the_dump_knows_the_same_next_hops(void **state)
{
	static const char *const hops[] = {"2001:db8:1::91", "2001:db8:1::92", "fe80::93",
					   "192.0.2.94",     "192.0.2.95",     "192.0.2.96",
					   "fe80::97",	     "2001:db8:1::98", "2001:db8:1::99"};
	struct protected_addresses *watching = protection;

	NEEDS_NETWORK();
	assert_int_equal(protected_addresses_start(&protection, base, &why), 0);
	for (size_t i = 0; i < sizeof(hops) / sizeof(hops[0]); i++)
		if (check_from(hops[i], NULL) != GUARD_NEXT_HOP)
			fail_msg("%s is not known: %s", hops[i], why.text);
	protected_addresses_stop(protection);
	protection = watching;
}

static void a_next_hop_that_is_gone_is_forgotten(void **state)
{
	NEEDS_NETWORK();
	shell("ip -6 route del default && ip -6 route del 2001:db8:92::/48");
	shell("ip route del 203.0.113.0/26 && ip route del 203.0.113.64/26");
	shell("ip route del 203.0.113.128/26 && ip nexthop del id 98 && ip -6 route flush table 99");
	assert_int_equal(check_from("2001:db8:1::91", NULL), GUARD_NEXT_HOP);
	run_loop(5500);
	passes("2001:db8:1::91");
	passes("fe80::93");
	passes("192.0.2.95");
	passes("2001:db8:1::98");
}

/* --- peers and sessions --- */

static void configured_peers_are_refused(void **state)
{
	const struct prefix peers[2] = {whole("2001:db8:70::1"), whole("203.0.113.200")};

	NEEDS_NETWORK();
	set_peers(&standard, peers, 2);
	refuses("2001:db8:70::/64", GUARD_PEER,
		"2001:db8:70::/64 is not blocked: it covers 2001:db8:70::1 (configured peer); force overrides this");
	refuses("203.0.113.200", GUARD_PEER,
		"203.0.113.200/32 is not blocked: it covers 203.0.113.200 (configured peer); force overrides this");
	passes("2001:db8:70::2/128");
	set_peers(&standard, peers, 1);
	passes("203.0.113.200");
	set_peers(&standard, NULL, 0);
	passes("2001:db8:70::/64");
}

static void a_bgp_session_is_refused(void **state)
{
	NEEDS_NETWORK();
	refuses("2001:db8:55:2::/64", GUARD_PEER,
		"2001:db8:55:2::/64 is not blocked: it covers 2001:db8:55:2::1 (BGP peer); force overrides this");
}

/* A peer that is under attack does not answer; the router keeps trying to connect. */
static void a_bgp_session_that_is_only_tried_is_refused(void **state)
{
	struct sockaddr_in6 remote = {.sin6_family = AF_INET6, .sin6_port = htons(179)};
	int fd;

	NEEDS_NETWORK();
	shell("ip route add 2001:db8:66::/48 via 2001:db8:1::66");
	shell("ip neigh replace 2001:db8:1::66 lladdr 02:00:00:00:00:66 dev wan0 nud permanent");
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	inet_pton(AF_INET6, "2001:db8:66::1", &remote.sin6_addr);
	connect(fd, (void *)&remote, sizeof(remote));
	forget();
	assert_int_equal(check_from("2001:db8:66::/64", NULL), GUARD_PEER);
	close(fd);
	shell("ip route del 2001:db8:66::/48 via 2001:db8:1::66 && ip neigh del 2001:db8:1::66 dev wan0");
	forget();
	passes("2001:db8:66::/64");
}

/* hostile 4: to port 22, to port 179, and from port 179 */
static void whoever_holds_a_connection_can_be_blocked(void **state)
{
	NEEDS_NETWORK();
	passes("2001:db8:55:3::/64");
	passes("2001:db8:55:4::/64");
	passes("2001:db8:55:5::/64"); /* was logged in */
}

static void a_user_who_is_logged_in_is_not_locked_out(void **state)
{
	NEEDS_NETWORK();
	refuses("2001:db8:55:1::/64", GUARD_SSH,
		"2001:db8:55:1::/64 is not blocked: it covers 2001:db8:55:1::1 (a user is logged in from there); force overrides this");
	refuses("198.51.100.7", GUARD_SSH,
		"198.51.100.7/32 is not blocked: it covers 198.51.100.7 (a user is logged in from there); force overrides this");
}

static void the_source_that_the_client_tells_is_refused(void **state)
{
	NEEDS_NETWORK();
	refuses_from(
		"2001:db8:88::/64", "2001:db8:88::5", GUARD_SSH,
		"2001:db8:88::/64 is not blocked: it covers 2001:db8:88::5 (from where you are logged in over SSH); force overrides this");
	refuses_from(
		"198.51.100.0/24", "198.51.100.7", GUARD_SSH,
		"198.51.100.0/24 is not blocked: it covers 198.51.100.7 (from where you are logged in over SSH) and 1 more; force overrides this");
	assert_int_equal(check_from("fe80::77", "fe80::77"), GUARD_SSH);
	assert_int_equal(check_from("2001:db8:88::/64", "2001:db8:89::5"), GUARD_NONE);
}

/* --- forms, and several reasons at once --- */

static void an_ipv4_block_covers_its_translated_forms(void **state)
{
	NEEDS_NETWORK();
	refuses("198.51.100.9", GUARD_SSH,
		"198.51.100.9/32 is not blocked: it covers 64:ff9b::c633:6409 (a user is logged in from there); force overrides this");
	refuses("64:ff9b::c633:6407/128", GUARD_SSH,
		"64:ff9b::c633:6407/128 is not blocked: it covers 198.51.100.7 (a user is logged in from there); force overrides this");
	refuses("2002:c633:6407::/48", GUARD_SSH,
		"2002:c633:6407::/48 is not blocked: it covers 198.51.100.7 (a user is logged in from there); force overrides this");
	/* Teredo has the address inverted (RFC 4380 4) */
	assert_int_equal(check_from("2001:0:1:1::39cc:9bf8/128", NULL), GUARD_SSH);
	passes("2001:0:1:1::39cc:9bf9/128");
	/* many clients: not a form */
	assert_int_equal(check_from("2002:c633:6400::/40", NULL), GUARD_NONE);
	assert_int_equal(check_from("203.0.113.77", "64:ff9b::203.0.113.77"), GUARD_SSH);
}

static void a_configured_translator_is_seen_through(void **state)
{
	const struct prefix translator = whole("2001:db8:64::/48");
	struct source_rules rules;

	NEEDS_NETWORK();
	assert_int_equal(check_from("203.0.113.78", "2001:db8:64:cb00:71:4e00::"), GUARD_NONE);
	source_rules_init(&rules);
	assert_int_equal(source_rules_add(&rules, &translator, S64_SOURCE_KIND_NAT64, 0, &why), 0);
	set_peers(&rules, NULL, 0);
	assert_int_equal(check_from("203.0.113.78", "2001:db8:64:cb00:71:4e00::"), GUARD_SSH);
	forget();
}

static void all_guarded_addresses_are_told_for_who_has_many_prefixes(void **state)
{
	static const char *const wanted[] = {"2001:db8:1::2",	 "2001:db8:1::1",    "10.7.0.2",
					     "2001:db8:55:1::1", "2001:db8:55:2::1", "198.51.100.9",
					     "2001:db8:70::1"};
	const struct prefix peer = whole("2001:db8:70::1");
	const struct in6_addr *addresses;
	size_t count;

	NEEDS_NETWORK();
	set_peers(&standard, &peer, 1);
	count = protected_addresses_list(protection, NULL, &addresses);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct in6_addr address = whole(wanted[i]).address;
		bool found = false;

		for (size_t j = 0; j < count; j++)
			found = found || !memcmp(&addresses[j], &address, sizeof(address));
		if (!found)
			fail_msg("%s is not among them", wanted[i]);
	}
	set_peers(&standard, NULL, 0);
}

static void all_reasons_are_named_the_first_guard_first(void **state)
{
	NEEDS_NETWORK();
	shell("ip neigh replace 2001:db8:1::1 lladdr 02:00:00:00:00:01 dev wan0 nud permanent router");
	forget();
	refuses_from(
		"2001:db8::/32", "2001:db8:88::5", GUARD_OWN_ADDRESS,
		"2001:db8::/32 is not blocked: it covers 2001:db8:1::2 (this router's own address on wan0), 2001:db8:1::1 (next hop via wan0, neighbouring router on wan0), 2001:db8:55:2::1 (BGP peer) and 2 more; force overrides this");
	shell("ip neigh del 2001:db8:1::1 dev wan0");
}

static void the_line_is_whole_however_much_is_covered(void **state)
{
	NEEDS_NETWORK();
	for (int i = 0; i < 200; i++)
		shell("ip neigh replace 2001:db8:1::%x lladdr 02:00:00:00:01:%02x dev wan0 nud permanent",
		      0x1000 + i, i);
	forget();
	check_from("2001:db8:1::/64", "2001:db8:1:0:ffff:ffff:ffff:ffff");
	assert_non_null(strstr(why.text, "; force overrides this"));
	check_from("2001:db8:1:0::/112", NULL);
	assert_non_null(strstr(why.text, " more; force overrides this"));
	for (int i = 0; i < 200; i++)
		shell("ip neigh del 2001:db8:1::%x dev wan0", 0x1000 + i);
	forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_there_is_is_refused_even_with_force),
		cmocka_unit_test(what_is_more_than_a_network_is_refused),
		cmocka_unit_test(own_addresses_are_refused),
		cmocka_unit_test(an_address_that_comes_or_goes_is_noticed),
		cmocka_unit_test(the_far_end_of_a_link_is_refused),
		cmocka_unit_test(
			neighbours_that_were_written_are_refused_and_those_that_were_learned_are_not),
		cmocka_unit_test(whoever_holds_a_connection_can_be_blocked),
		cmocka_unit_test(next_hops_are_refused_however_a_route_has_them),
		cmocka_unit_test(the_dump_knows_the_same_next_hops),
		cmocka_unit_test(a_next_hop_that_is_gone_is_forgotten),
		cmocka_unit_test(configured_peers_are_refused),
		cmocka_unit_test(a_bgp_session_is_refused),
		cmocka_unit_test(a_bgp_session_that_is_only_tried_is_refused),
		cmocka_unit_test(a_user_who_is_logged_in_is_not_locked_out),
		cmocka_unit_test(the_source_that_the_client_tells_is_refused),
		cmocka_unit_test(an_ipv4_block_covers_its_translated_forms),
		cmocka_unit_test(a_configured_translator_is_seen_through),
		cmocka_unit_test(all_guarded_addresses_are_told_for_who_has_many_prefixes),
		cmocka_unit_test(all_reasons_are_named_the_first_guard_first),
		cmocka_unit_test(the_line_is_whole_however_much_is_covered),
	};

	return cmocka_run_group_tests(tests, make_network, end_network);
}
