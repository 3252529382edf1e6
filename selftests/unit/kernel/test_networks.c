// SPDX-License-Identifier: GPL-2.0-only
/* The networks behind a router as its kernel reports them, in a separate namespace (field L8): wan0
 * has the default route, lan0 has servers, with customers behind them.
 */
#include <event2/event.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/guards/protected_addresses.h"

static struct event_base *base;
static struct protected_addresses *protection;
static struct source_rules standard;
static struct error why;
static bool ready;

static void shell(const char *command)
{
	if (system(command))
		fail_msg("failed: %s", command);
}

static struct prefix whole(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("%s is not taken", text);
	return prefix;
}

static void set_own(const char *text)
{
	struct config_prefix entry = {};
	struct config_prefixes own = {&entry, text ? 1 : 0}, none = {};
	struct protected_addresses_before *before;

	if (text)
		entry.prefix = whole(text);
	assert_int_equal(protected_addresses_configure(protection, &standard, &none, &own, &before),
			 0);
	protected_addresses_forget(before);
}

static int make_network(void **state)
{
	(void)state;
	if (geteuid() || unshare(CLONE_NEWNET))
		return 0; /* every test is skipped */
	shell("ip link set lo up; for i in wan0 lan0; do ip link add $i type veth peer name far-$i &&"
	      "ip link set $i up && ip link set far-$i up; done");
	shell("ip addr add 192.0.2.2/24 dev wan0 && ip addr add 2001:db8:0:1::2/48 dev wan0 nodad");
	shell("ip route add default via 192.0.2.1");
	shell("ip addr add 198.51.100.1/24 dev lan0 && ip addr add 2001:db8:5e:1::1/48 dev lan0 nodad");
	shell("ip route add 2001:db8:c1::/48 via 2001:db8:5e:1::9 && ip route add 203.0.113.0/25 via 198.51.100.9");
	base = event_base_new();
	source_rules_init(&standard);
	if (protected_addresses_start(&protection, base, &why))
		fail_msg("%s", why.text);
	ready = true;
	set_own(NULL);
	return 0;
}

static int end_network(void **state)
{
	(void)state;
	protected_addresses_stop(protection);
	if (base)
		event_base_free(base);
	return 0;
}

#define NEEDS_NETWORK()         \
	do {                    \
		(void)state;    \
		if (!ready)     \
			skip(); \
	} while (0)

static enum guard check(const char *text)
{
	struct prefix prefix = whole(text);

	why.text[0] = '\0';
	return protected_addresses_check(protection, &prefix, NULL, &why);
}

static void passes(const char *text)
{
	if (check(text) != GUARD_NONE)
		fail_msg("%s: %s", text, why.text);
}

static void refuses(const char *text, const char *line)
{
	enum guard guard = check(text);

	assert_string_equal(why.text, line);
	assert_int_equal(guard, GUARD_OWN_NETWORK);
}

/* Changes are noticed when the loop runs. */
static void becomes(const char *text, enum guard wanted)
{
	struct timespec start, now;
	enum guard guard;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		set_own(NULL); /* makes the next check ask the kernel again */
		guard = check(text);
		usleep(1000);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (guard != wanted && now.tv_sec - start.tv_sec < 10);
	assert_int_equal(guard, wanted);
}

static void a_configured_network_is_refused_both_ways(void **state)
{
	NEEDS_NETWORK();
	set_own("2001:db8:77::/48");
	refuses("2001:db8:77:5::/64",
		"2001:db8:77:5::/64 is not blocked: it is part of 2001:db8:77::/48, which the configuration names under own; force overrides this");
	refuses("2001:db8:76::/47",
		"2001:db8:76::/47 is not blocked: it covers 2001:db8:77::/48, which the configuration names under own; force overrides this");
	passes("2001:db8:78::/48");
	set_own("192.0.2.128/25");
	check("192.0.2.129");
	assert_int_equal(check("64:ff9b::c000:281/128"), GUARD_OWN_NETWORK);
	set_own(NULL);
	passes("192.0.2.129");
	passes("2001:db8:77:5::/64");
}

static void what_is_connected_behind_the_router_is_refused(void **state)
{
	NEEDS_NETWORK();
	refuses("198.51.100.7",
		"198.51.100.7/32 is not blocked: it is part of 198.51.100.0/24, the network on lan0; force overrides this");
	refuses("2001:db8:5e:7::/64",
		"2001:db8:5e:7::/64 is not blocked: it is part of 2001:db8:5e::/48, the network on lan0; force overrides this");
}

static void where_a_static_route_leads_is_refused(void **state)
{
	NEEDS_NETWORK();
	refuses("2001:db8:c1:5::/64",
		"2001:db8:c1:5::/64 is not blocked: it is part of 2001:db8:c1::/48, to which a static route leads by lan0; force overrides this");
	refuses("203.0.113.0/24",
		"203.0.113.0/24 is not blocked: it covers 203.0.113.0/25, to which a static route leads by lan0; force overrides this");
}

/* Everybody is behind the default route, and a neighbour on the uplink is as much a stranger as
 * anyone else.
 */
static void what_lies_where_the_default_route_leads_is_not(void **state)
{
	NEEDS_NETWORK();
	passes("192.0.2.77");
	passes("2001:db8:0:7::/64");
}

/* hostile 4: packets, leases and routing protocols cannot make a network count as one's own. */
static void what_others_bring_is_not(void **state)
{
	NEEDS_NETWORK();
	shell("ip route add 2001:db8:f1::/48 via 2001:db8:5e:1::9 proto bird && ip route add blackhole 2001:db8:f2::/48");
	shell("ip route add 2001:db8:f3::/48 via 2001:db8:5e:1::9 proto ra");
	shell("ip addr add 10.9.0.1/24 dev lan0 valid_lft 600 preferred_lft 600");
	shell("ip route add 2001:db8:f4::/48 via 2001:db8:5e:1::9");
	becomes("2001:db8:f4:1::/64", GUARD_OWN_NETWORK);
	passes("2001:db8:f1:1::/64");
	passes("2001:db8:f2:1::/64");
	passes("2001:db8:f3:1::/64");
	passes("10.9.0.7");
	shell("ip route del 2001:db8:f4::/48");
	becomes("2001:db8:f4:1::/64", GUARD_NONE);
}

static void all_networks_are_told_for_who_has_many_prefixes(void **state)
{
	static const char *const wanted[] = {"2001:db8:77::/48", "2001:db8:c1::/48",
					     "198.51.100.0/24"};
	const struct prefix *networks;
	size_t count;

	NEEDS_NETWORK();
	set_own("2001:db8:77::/48");
	count = protected_addresses_networks(protection, &networks);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct prefix prefix = whole(wanted[i]);
		bool found = false;

		for (size_t j = 0; j < count; j++)
			found = found || !prefix_compare(&networks[j], &prefix);
		if (!found)
			fail_msg("%s is not among them", wanted[i]);
	}
	set_own(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configured_network_is_refused_both_ways),
		cmocka_unit_test(what_is_connected_behind_the_router_is_refused),
		cmocka_unit_test(where_a_static_route_leads_is_refused),
		cmocka_unit_test(what_lies_where_the_default_route_leads_is_not),
		cmocka_unit_test(what_others_bring_is_not),
		cmocka_unit_test(all_networks_are_told_for_who_has_many_prefixes),
	};

	return cmocka_run_group_tests(tests, make_network, end_network);
}
