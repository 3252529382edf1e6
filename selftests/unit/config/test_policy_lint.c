// SPDX-License-Identifier: GPL-2.0-only
/* Warnings about a policy: settings that break something are reported with their line, and nothing
 * else is.
 */
#include "config_test.h"
#include "config/policy_lint.h"

static void warnings_of(const char *text, const char *wanted)
{
	warned[0] = '\0';
	take(text);
	policy_check(&config, note, NULL);
	config_free(&config);
	if (!strstr(warned, wanted) || (!*wanted && *warned))
		fail_msg("warned '%s', not '%s'", warned, wanted);
}

static void what_breaks_ipv6_is_warned_of(void **state)
{
	(void)state;
	warnings_of(
		"interfaces: []\npolicy:\n  classes:\n    packet-too-big: {transit: drop}\n",
		"4: dropping packet-too-big in transit breaks path MTU discovery, RFC 4890 4.3.1");
	warnings_of(
		"policy: {classes: {neighbor-solicitation: drop}}",
		"dropping neighbor-solicitation to the router cuts the router off from its neighbours");
	warnings_of("policy: {classes: {tcp: drop}}", "cuts off all TCP");
	warnings_of("policy: {classes: {routing-type-0: pass}}",
		    "lets source routing amplify traffic");
	warnings_of("policy: {classes: {mpl: pass}}",
		    "passing mpl in transit admits forged messages of link scope");
	warnings_of("policy: {classes: {router-advertisement: {transit: pass, local: drop}}}",
		    "setting router-advertisement in transit has no effect");
	warnings_of("policy: {profile: host, classes: {tcp: {transit: drop}}}",
		    "setting tcp in transit has no effect: on a host");
	warnings_of("policy: {classes: {inverse-nd: {local: drop}}}",
		    "dropping inverse-nd to the router cuts off neighbours");
	warnings_of("policy: {classes: {send-certificate-path: drop}}",
		    "dropping send-certificate-path to the router keeps hosts");
	warnings_of("policy: {classes: {multicast-router-discovery: drop}}",
		    "dropping multicast-router-discovery to the router keeps snooping switches");
	warnings_of("limits: {neighbor-solicitation: {rate: 1}}",
		    "limiting neighbor-solicitation to 1 per second loses neighbours");
	/* field P8: settings for sources whose packets are always dropped */
	warnings_of(
		"policy: {bogons: enforce}\npeers:\n  - fd00::1\n",
		"3: the peer fd00::1/128 is dropped as a bogon (unique local, RFC 4193); 'allow'");
	warnings_of("interfaces: [{name: eth3, policy: {bogons: enforce}}]\n"
		    "sources:\n  lengths: [{prefix: 'fd00::/16', length: 56}]\n",
		    "3: the source prefix fd00::/16 is dropped on eth3 as a bogon");
	warnings_of("limits: {packet-too-big: {rate: 2}}", "to 2 per second starves");
	warnings_of("interfaces: [{name: eth3, policy: {classes: {udp: drop}}}]",
		    "dropping udp in transit on eth3 cuts off DNS");
}

/* documents D1 */
static void a_profile_that_leaves_an_interface_in_monitor_mode_is_warned_of(void **state)
{
	(void)state;
	warnings_of(
		"policy: {filter: monitor}\ninterfaces:\n  - name: wan0\n    policy:\n      profile: host\n",
		"5: wan0 stays in monitor mode, which is set for all interfaces");
	warnings_of(
		"policy: {filter: monitor}\ninterfaces: [{name: wan0, filter: enforce, policy: {profile: host}}]",
		"");
}

static void defaults_and_harmless_changes_are_not(void **state)
{
	(void)state;
	warnings_of("interfaces: [{name: eth0}]", "");
	warnings_of("policy: {profile: bridge}", "");
	warnings_of("policy: {classes: {echo-request: pass, fragment-non-first: limit}}", "");
	warnings_of("policy: {bogons: enforce}\npeers: ['2a00::1', 'fe80::1']\n"
		    "sources: {nat64: ['64:ff9b:1::/96'], isatap: ['2a00::/64']}\n",
		    "");
	warnings_of("policy: {bogons: enforce}\npeers: ['fd00::1']\nallow: ['fd00::/64']\n", "");
	warnings_of("policy: {bogons: monitor}\npeers: ['fd00::1']\n", "");
	warnings_of("policy: {profile: host, classes: {udp: {local: limit}}}", "");
	/* field P2: link-scope messages cannot be forged from beyond the link, so passing them is
	 * harmless
	 */
	warnings_of("policy: {classes: {router-advertisement: pass}}", "");
}

/* A class is reported once for each direction in which dropping it breaks something, with its own
 * line.
 */
static void a_warning_has_the_line_of_its_class_and_is_counted(void **state)
{
	(void)state;
	warned[0] = '\0';
	take("policy:\n  classes:\n    udp: pass\n    tcp: drop\n");
	assert_int_equal(policy_check(&config, note, NULL), 2);
	config_free(&config);
	assert_non_null(strstr(warned, "4: dropping tcp in transit"));
	assert_non_null(strstr(warned, "4: dropping tcp to the router"));
	assert_null(strstr(warned, "udp"));
}

static void a_limit_that_leaves_enough_is_not_warned_of(void **state)
{
	(void)state;
	warnings_of("limits: {packet-too-big: {rate: 10}, neighbor-solicitation: {rate: 10}}", "");
	warnings_of("limits: {packet-too-big: {rate: 9}}", "to 9 per second");
	warnings_of("limits: {neighbor-solicitation: {rate: 9}}", "to 9 per second");
	/* limited only as a /48, not as a source */
	warnings_of("limits: {packet-too-big: {rate_48: 5}}", "");
}

static void what_all_interfaces_share_is_warned_of_once(void **state)
{
	(void)state;
	warned[0] = '\0';
	take("policy: {classes: {tcp-syn: {transit: drop}}}\ninterfaces: [{name: a, policy: {bogons: monitor}}]\n");
	assert_int_equal(policy_check(&config, note, NULL), 1);
	config_free(&config);
	warned[0] = '\0';
	take("policy: {bogons: enforce}\npeers: ['fd00::1']\ninterfaces: [{name: a, policy: {profile: host}}]\n");
	assert_int_equal(policy_check(&config, note, NULL), 1);
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_breaks_ipv6_is_warned_of),
		cmocka_unit_test(a_profile_that_leaves_an_interface_in_monitor_mode_is_warned_of),
		cmocka_unit_test(defaults_and_harmless_changes_are_not),
		cmocka_unit_test(a_warning_has_the_line_of_its_class_and_is_counted),
		cmocka_unit_test(a_limit_that_leaves_enough_is_not_warned_of),
		cmocka_unit_test(what_all_interfaces_share_is_warned_of_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
