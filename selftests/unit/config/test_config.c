// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/config/policy_parse.c user/config/policy_lint.c user/net/icmpv6_types.c user/net/special_prefixes.c user/config/config.c user/config/config_prefixes.c user/config/yaml.c user/base/near.c user/base/quantity.c user/base/error.c user/config/config_sources.c user/config/config_defaults.c user/config/config_lint.c user/net/listen_address.c user/net/prefix_set.c user/base/duration.c user/net/source_rules.c user/net/block_target.c user/feed/feed.c user/feed/crowdsec.c user/feed/csv.c user/feed/documents.c user/feed/extent.c user/feed/json.c user/base/when.c user/feed/plain.c user/feed/detect.c user/feed/text.c */
/* The configuration: what is taken, what is refused and with which line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/config_lint.h"
#include "config/policy_lint.h"

static struct config config;
static struct error error;

static int load(const char *text)
{
	error.text[0] = '\0';
	return config_load_text(&config, "test.yaml", text, strlen(text), &error);
}

static void take(const char *text)
{
	if (load(text))
		fail_msg("refused: %s", error.text);
}

/* Refused with this text, of which the line number is a part. */
static void refuse(const char *text, const char *said)
{
	if (!load(text)) {
		config_free(&config);
		fail_msg("taken: %s", text);
	}
	if (!strstr(error.text, said))
		fail_msg("said '%s', not '%s'", error.text, said);
	assert_null(strchr(error.text, '\n'));
}

static void the_shortest_file_is_valid(void **state)
{
	(void)state;
	take("interfaces: [{name: eth0}]");
	assert_int_equal(config.iface_count, 1);
	assert_string_equal(config.iface[0].name, "eth0");
	assert_int_equal(config.iface[0].mode, MODE_AUTO);
	assert_string_equal(config.socket, CONFIG_SOCKET_DEFAULT);
	assert_string_equal(config.metrics, CONFIG_METRICS_DEFAULT);
	assert_false(config.detach_on_exit);
	config_free(&config);
}

static void every_key_is_taken(void **state)
{
	(void)state;
	take("interfaces:\n"
	     "  - {name: eth0, mode: native, filter: monitor}\n"
	     "  - name: eth1.100\n"
	     "    mode: generic\n"
	     "    policy: {bogons: enforce, classes: {udp: limit}}\n"
	     "control: {socket: /tmp/c.sock, group: adm}\n"
	     "metrics: {listen: '127.0.0.1:9000'}\n"
	     "state: /tmp/s\nmaps: {pins: /sys/fs/bpf/x, blocks: 5000, limiter: 6000, interfaces: 4}\n"
	     "on_exit: detach\n"
	     "limits:\n"
	     "  echo-request: {rate: 50, burst: 70, rate_48: 500, burst_48: 700}\n"
	     "policy: {profile: edge, bogons: monitor, filter: enforce,\n"
	     "         classes: {echo-reply: pass, redirect: {local: drop}, routing-segment: drop}}\n"
	     "allow: [2001:db8:100::/40, {prefix: 2001:db8::1/128, reason: mine}]\n"
	     "block: [2001:db8:bad:1::/64]\n");
	assert_int_equal(config.iface_count, 2);
	assert_int_equal(config.iface[0].filter, FILTER_MONITOR);
	assert_int_equal(config.iface[1].policy->bogons, BOGONS_ENFORCE);
	assert_int_equal(config.iface[1].policy->row[S64_CLASS_UDP].action[0], S64_ACTION_LIMIT);
	/* an interface's own policy starts from that of all */
	assert_int_equal(config.iface[1].policy->row[S64_CLASS_ECHO_REQUEST].limit.rate, 50);
	assert_int_equal(config.policy.row[S64_CLASS_ECHO_REQUEST].limit.aggregate_burst, 700);
	assert_int_equal(config.policy.row[S64_CLASS_ECHO_REPLY].action[0], S64_ACTION_PASS);
	assert_int_equal(config.policy.row[S64_CLASS_REDIRECT].action[S64_LOCAL], S64_ACTION_DROP);
	assert_int_equal(config.policy.row[S64_CLASS_REDIRECT].action[S64_TRANSIT],
			 S64_ACTION_SCOPE);
	assert_int_equal(config.policy.bogons, BOGONS_MONITOR);
	assert_int_equal(config.blocks, 5000);
	assert_true(config.detach_on_exit);
	assert_int_equal(config.allow.count, 2);
	assert_int_equal(config.allow.entry[1].prefix.length, 128);
	assert_string_equal(config.allow.entry[1].reason, "mine");
	assert_int_equal(config.block.count, 1);
	config_free(&config);
}

static void sections_may_be_their_one_value(void **state)
{
	(void)state;
	take("interfaces: []\ncontrol: /tmp/c\nmetrics: off\nstate: /tmp/s\n");
	assert_string_equal(config.socket, "/tmp/c");
	assert_string_equal(config.metrics, "off");
	assert_string_equal(config.state, "/tmp/s");
	config_free(&config);
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
	(void)state;
	/* hostile O11: the nearest that there is */
	refuse("interfaces: [{name: eth0}]\npolcy: {}\n",
	       "test.yaml:2: unknown key 'polcy' in the configuration (did you mean 'policy'?)");
	refuse("interfaces: [{name: eth0, fliter: monitor}]\n", "(did you mean 'filter'?)");
	refuse("interfaces: [{name: eth0, mode: natve}]", "(did you mean 'native'?)");
	refuse("policy: {classes: {echo-requst: drop}}",
	       "unknown class 'echo-requst' (did you mean 'echo-request'?)");
	refuse("interfaces:\n  - name: eth0\n    colour: red\n",
	       "test.yaml:3: unknown key 'colour'");
	refuse("interfaces: [{name: eth0}]\ninterfaces: []\n",
	       "test.yaml:2: key 'interfaces' stands twice");
	refuse("interfaces: [{name: eth0}, {name: eth0}]\n", "stands twice");
	refuse("interfaces: [{mode: auto}]", "needs a name");
	refuse("interfaces: [{name: eth0, mode: fast}]", "must be one of auto, native, generic");
	refuse("interfaces: [{name: a-name-that-is-that-is-that-is-that-is-that-is-that-is-that-is-that-is-that-is-that-is-that-is-that-is-that-is-that-is-that-is-much-too-long}]",
	       "1 to 127 characters");
	refuse("interfaces: eth0", "must be a list");
	refuse("interfaces: [{name: eth0}\n", "test.yaml:2: not YAML");
	refuse("", "empty");
	refuse("[]", "must be a mapping");
	refuse("block:\n - 2001:db8::/zz\n", "test.yaml:2: '2001:db8::/zz' is not a prefix");
	refuse("block: [{reason: x}]", "needs a prefix");
	refuse("maps: {blocks: 12}", "from 1024 to");
	refuse("maps: {blocks: -5}", "whole number");
	refuse("maps: {blocks: 2000x}", "whole number");
	/* words: what is too long was no duration */
	refuse("log: 3661d", "keep: '3661d' is not a duration: ten years, 3660d, are the most");
	refuse("block_defaults: {for: 1M}",
	       "for: '1M' is not a duration: write minutes as 15m, and a month as 30d");
	/* words: one socket for both was valid, and the start failed; and half of a file was left out */
	/* issue 14: `force` forces nothing but a block */
	refuse("allow: [{prefix: 2001:db8::/32, force: true}]", "unknown key 'force'");
	refuse("own: [{prefix: 2001:db8::/32, force: true}]", "unknown key 'force'");
	refuse("peers: [{prefix: 2001:db8::1, force: true}]", "unknown key 'force'");
	/* issue 14: a relative path is another one for slash64 than for slash64d */
	refuse("control: c.sock", "socket: 'c.sock' must be a whole path");
	refuse("control: {socket: ./c.sock}", "socket: './c.sock' must be a whole path");
	refuse("control: {read_socket: r.sock}", "read_socket: 'r.sock' must be a whole path");
	refuse("state: state", "state: 'state' must be a whole path");
	refuse("maps: {pins: pins}", "pins: 'pins' must be a whole path");
	take("control: {read_socket: off}");
	refuse("control: {socket: /a, read_socket: /a}",
	       "control.read_socket is control.socket; name another path, or off");
	refuse("control: /run/read.sock", "control.read_socket is control.socket");
	refuse("interfaces: [{name: eth0}]\n---\nblock: [2001:db8::/64]\n",
	       "test.yaml:3: a second document begins");
	refuse("interfaces: [{name: eth0}]\n---\nblock: [\n", "not YAML");
	refuse("on_exit: explode", "must be one of keep, detach");
	refuse("policy: {classes: {echo: drop}}", "unknown class 'echo'");
	refuse("policy: {classes: {not-ipv6: drop}}", "has no policy");
	refuse("policy: {profile: moat}", "must be one of edge, host, bridge, monitor-all");
	refuse("maps: {interfaces: 1}\ninterfaces: [{name: a}, {name: b}]", "leaves room for 1");
}

static void what_contradicts_itself_is_refused(void **state)
{
	(void)state;
	refuse("policy: {classes: {udp: drop}}\nlimits: {udp: {rate: 5}}",
	       "under which it never counts");
	refuse("policy: {classes: {udp: pass}}\nlimits: {udp: {rate: 5}}",
	       "under which it never counts");
	refuse("limits: {node-information: {rate: 5}}", "but it is dropped");
	refuse("limits: {udp: {rate: 5, rate_48: 4}}", "no source could ever reach its own");
	refuse("limits: {udp: {burst: 5}}", "needs a rate");
	refuse("limits: {udp: {rate: 1, burst: 301}}", "covers more than 300 s");
	refuse("limits: {udp: {rate: 5, burst_48: 4}}", "burst_48 without rate_48");
	refuse("limits:\n  udp: {rate: 5}\n  udp: {rate: 6}\n",
	       "test.yaml:3: the limit of 'udp' stands twice");
	refuse("policy:\n  classes:\n    udp: drop\n    udp: pass\n",
	       "test.yaml:4: the class 'udp' stands twice");
}

static void a_limit_makes_a_passing_class_limited(void **state)
{
	(void)state;
	take("limits: {udp: {rate: 5}}");
	assert_int_equal(config.policy.row[S64_CLASS_UDP].action[S64_TRANSIT], S64_ACTION_LIMIT);
	assert_int_equal(config.policy.row[S64_CLASS_UDP].limit.burst, 10);
	assert_int_equal(config.policy.row[S64_CLASS_UDP].limit.aggregate_rate, 50);
	config_free(&config);
}

/* field H4, issue 14 line 4 */
static void numbers_and_spans_are_taken_as_people_write_them(void **state)
{
	(void)state;
	take("interfaces: [{name: a}]\nmaps: {blocks: 128k}\nlog: {keep: 1d12h, changes: 50k}\n"
	     "limits: {udp: {rate: 6000/min, burst: 1k, rate_48: 10k/s}}\n"
	     "feeds: [{origin: x, file: /x, for: 600}, {origin: y, file: /y, for: 2w}]\npolicy: {classes: {udp: limit}}\n");
	assert_int_equal(config.policy.row[S64_CLASS_UDP].limit.rate, 100);
	assert_int_equal(config.policy.row[S64_CLASS_UDP].limit.burst, 1000);
	assert_int_equal(config.policy.row[S64_CLASS_UDP].limit.aggregate_rate, 10000);
	assert_int_equal(config.log_keep_ms, 36 * 3600 * 1000LL);
	assert_int_equal(config.feed[0].for_ms, 600 * 1000LL);
	assert_int_equal(config.feed[1].for_ms, 14 * 24 * 3600 * 1000LL);
	config_free(&config);
	refuse("limits: {udp: {rate: 100/min}}", "write 1/s or 2/s");
	refuse("limits: {udp: {rate: 10Mbit}}", "not of bits");
	refuse("feeds: [{origin: x, file: /x, for: 1M}]", "a month as 30d");
	refuse("log: {keep: 1y}", "a year as 365d");
}

static void the_order_of_keys_does_not_matter(void **state)
{
	(void)state;
	take("interfaces: [{name: a, policy: {bogons: off}}]\nlimits: {udp: {rate: 5}}\n"
	     "policy: {classes: {udp: limit}, profile: bridge}\n");
	assert_int_equal(config.policy.row[S64_CLASS_ROUTER_ADVERTISEMENT].action[S64_TRANSIT],
			 S64_ACTION_PASS);
	assert_int_equal(config.policy.row[S64_CLASS_UDP].action[0], S64_ACTION_LIMIT);
	assert_int_equal(config.iface[0].policy->row[S64_CLASS_UDP].limit.rate, 5);
	config_free(&config);
}

static void profiles_are_what_they_say(void **state)
{
	(void)state;
	take("policy: {profile: monitor-all}");
	assert_int_equal(config.policy.filter, FILTER_MONITOR);
	config_free(&config);
	take("policy: {profile: host}");
	for (int i = 0; i < NAMES_COUNT; i++)
		assert_int_equal(config.policy.row[i].action[S64_TRANSIT],
				 config.policy.row[i].action[S64_LOCAL]);
	config_free(&config);
	take("policy: {profile: bridge}");
	for (int i = 0; i < S64_CLASS_COUNT; i++)
		assert_int_not_equal(config.policy.row[i].action[S64_TRANSIT], S64_ACTION_SCOPE);
	config_free(&config);
}

/* documents D1 */
static void an_interface_with_a_profile_keeps_what_is_said_of_all(void **state)
{
	const struct policy *policy;

	(void)state;
	take("policy: {filter: monitor, bogons: enforce, classes: {udp: drop}}\n"
	     "limits: {echo-request: {rate: 7}, esp: {rate: 9}}\n"
	     "interfaces: [{name: a, policy: {profile: bridge}}]\n");
	policy = config.iface[0].policy;
	assert_int_equal(policy->profile, PROFILE_BRIDGE);
	assert_int_equal(policy->filter, FILTER_MONITOR);
	assert_int_equal(policy->bogons, BOGONS_ENFORCE);
	assert_int_equal(policy->row[S64_CLASS_UDP].action[S64_TRANSIT], S64_ACTION_DROP);
	assert_int_equal(policy->row[S64_CLASS_ECHO_REQUEST].limit.rate, 7);
	assert_int_equal(policy->row[S64_CLASS_ESP].action[S64_TRANSIT], S64_ACTION_LIMIT);
	/* what nobody has said is as the profile has it */
	assert_int_equal(policy->row[S64_CLASS_ROUTER_ADVERTISEMENT].action[S64_TRANSIT],
			 S64_ACTION_PASS);
	config_free(&config);
}

/* documents D1 */
static void a_profile_takes_no_interface_out_of_monitoring(void **state)
{
	(void)state;
	take("policy: {profile: monitor-all}\ninterfaces: [{name: a, policy: {profile: host}}]\n");
	assert_int_equal(config.iface[0].policy->filter, FILTER_MONITOR);
	config_free(&config);
	take("policy: {filter: monitor}\ninterfaces: [{name: a, policy: {profile: host, filter: enforce}}]\n");
	assert_int_equal(config.iface[0].policy->filter, FILTER_ENFORCE);
	config_free(&config);
	take("policy: {filter: enforce}\ninterfaces: [{name: a, policy: {profile: monitor-all}}]\n");
	assert_int_equal(config.iface[0].policy->filter, FILTER_MONITOR);
	config_free(&config);
}

/* --- warnings --- */

static char warned[4096];

static void note(unsigned int line, const char *text, void *data)
{
	size_t n = strlen(warned);

	(void)data;
	snprintf(warned + n, sizeof(warned) - n, "%u: %s\n", line, text);
}

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
		    "passing mpl in transit lets in forged messages of link scope");
	warnings_of("policy: {classes: {router-advertisement: {transit: pass, local: drop}}}",
		    "setting router-advertisement in transit changes nothing");
	warnings_of("policy: {profile: host, classes: {tcp: {transit: drop}}}",
		    "setting tcp in transit changes nothing: on a host");
	warnings_of("policy: {classes: {inverse-nd: {local: drop}}}",
		    "dropping inverse-nd to the router cuts off neighbours");
	warnings_of("policy: {classes: {send-certificate-path: drop}}",
		    "dropping send-certificate-path to the router keeps hosts");
	warnings_of("policy: {classes: {multicast-router-discovery: drop}}",
		    "dropping multicast-router-discovery to the router keeps snooping switches");
	warnings_of("limits: {neighbor-solicitation: {rate: 1}}",
		    "limiting neighbor-solicitation to 1 a second loses neighbours");
	/* field P8: what is configured for sources that never come in */
	warnings_of(
		"policy: {bogons: enforce}\npeers:\n  - fd00::1\n",
		"3: the peer fd00::1/128 is dropped as a bogon (unique local, RFC 4193); 'allow'");
	warnings_of("interfaces: [{name: eth3, policy: {bogons: enforce}}]\n"
		    "sources:\n  lengths: [{prefix: 'fd00::/16', length: 56}]\n",
		    "3: the source prefix fd00::/16 is dropped on eth3 as a bogon");
	warnings_of("limits: {packet-too-big: {rate: 2}}", "to 2 a second starves");
	warnings_of("interfaces: [{name: eth3, policy: {classes: {udp: drop}}}]",
		    "dropping udp in transit on eth3 cuts off DNS");
}

/* documents D1 */
static void a_profile_that_leaves_an_interface_in_monitor_mode_is_warned_of(void **state)
{
	(void)state;
	warnings_of(
		"policy: {filter: monitor}\ninterfaces:\n  - name: wan0\n    policy:\n      profile: host\n",
		"5: wan0 stays in monitor mode, as the policy of all interfaces says");
	warnings_of(
		"policy: {filter: monitor}\ninterfaces: [{name: wan0, filter: enforce, policy: {profile: host}}]",
		"");
}

/* documents D12 */
static void an_address_of_metrics_that_is_none_is_refused(void **state)
{
	(void)state;
	refuse("interfaces: [{name: a}]\nmetrics: nonsense\n",
	       "test.yaml:2: metrics: 'nonsense' is not ADDRESS:PORT");
	refuse("metrics: {listen: '::1:9664'}\n", "is not ADDRESS:PORT");
	refuse("metrics: {listen: '[::1]:0'}\n", "is not ADDRESS:PORT");
	take("metrics: 127.0.0.1:9664\n");
	config_free(&config);
	take("metrics: off\n");
	config_free(&config);
}

/* documents D12 */
static void a_file_that_filters_nothing_is_warned_of(void **state)
{
	(void)state;
	warned[0] = '\0';
	take("policy: {filter: enforce}\n");
	assert_int_equal(config_check(&config, note, NULL), 1);
	config_free(&config);
	if (!strstr(warned, "no interfaces"))
		fail_msg("warned '%s'", warned);
}

/* operators O15 */
static void metrics_that_the_unit_keeps_from_others_are_warned_of(void **state)
{
	static const struct {
		const char *metrics;
		unsigned int warnings;
	} cases[] = {{"'[2001:db8::1]:9664'", 1}, {"'0.0.0.0:9664'", 1},   {"'[::]:9664'", 1},
		     {"'[::1]:9664'", 0},	  {"'127.0.0.1:9664'", 0}, {"off", 0}};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		warned[0] = '\0';
		snprintf(text, sizeof(text), "interfaces: [{name: a}]\nmetrics: %s\n",
			 cases[i].metrics);
		take(text);
		assert_int_equal(config_check(&config, note, NULL), cases[i].warnings);
		config_free(&config);
		assert_int_equal(strstr(warned, "IPAddressAllow=") != NULL, cases[i].warnings);
	}
}

static void refused_at(size_t index, const struct error *why, void *data)
{
	(void)data;
	assert_non_null(error_hint(why)); /* what to do about it is told apart */
	snprintf(warned + strlen(warned), sizeof(warned) - strlen(warned), "%zu %s\n", index,
		 why->text);
}

/* documents D5 */
static void a_block_that_the_file_speaks_against_is_told_and_the_file_taken(void **state)
{
	(void)state;
	warned[0] = '\0';
	take("allow:\n  - 2001:db8::/32\nblock:\n  - 2001:db8:1:2::/64\n  - 64:ff9b::/64\n  - 2001:db9:1:2::/64\n"
	     "  - {prefix: 2001:db8:3:4::/64, force: true}\n");
	assert_int_equal(config_refusals(&config, refused_at, NULL), 0);
	config_free(&config);
	if (!strstr(warned,
		    "0 test.yaml:4: the block 2001:db8:1:2::/64 is within the allowed prefix 2001:db8::/32 of line 2") ||
	    !strstr(warned, "1 test.yaml:5: 64:ff9b::/64 is not blocked") ||
	    strstr(warned, "\n2 ") || strstr(warned, "\n3 "))
		fail_msg("told '%s'", warned);
}

/* words: a guard rail that needs nothing but the file is not left to the start */
static void a_block_of_more_than_one_network_is_told(void **state)
{
	(void)state;
	warned[0] = '\0';
	take("block:\n  - '2400::/28'\n  - '2400::/29'\n  - 198.48.0.0/12\n  - 198.48.0.0/13\n  - {prefix: '2600::/16', force: true}\n");
	assert_int_equal(config_refusals(&config, refused_at, NULL), 0);
	config_free(&config);
	assert_string_equal(
		warned,
		"0 test.yaml:2: the block 2400::/28 is shorter than /29, so it is more than one network; or say force: true\n"
		"2 test.yaml:4: the block 198.48.0.0/12 is shorter than /13, so it is more than one network; or say force: true\n");
}

/* field L8 */
static void a_block_of_ones_own_network_is_told(void **state)
{
	(void)state;
	warned[0] = '\0';
	take("own: [2001:db8:77::/48, 192.0.2.0/24]\nblock:\n  - 2001:db8:77:5::/64\n  - 2001:db8:76::/47\n"
	     "  - 2001:db8:78::/48\n  - {prefix: 192.0.2.7, force: true}\n");
	assert_int_equal(config_refusals(&config, refused_at, NULL), 0);
	config_free(&config);
	assert_string_equal(
		warned,
		"0 test.yaml:3: the block 2001:db8:77:5::/64 is within the own network 2001:db8:77::/48 of line 1; or say force: true\n"
		"1 test.yaml:4: the block 2001:db8:76::/47 is around the own network 2001:db8:77::/48 of line 1; or say force: true\n");
}

static void an_own_network_is_not_all_the_world(void **state)
{
	(void)state;
	take("own: ['2001::/16', 10.0.0.0/8]");
	config_free(&config);
	refuse("own: ['2000::/3']", "test.yaml:1: an own network is not shorter than /16");
	refuse("own:\n  - 0.0.0.0/1", "test.yaml:2: an own network is not shorter than /8");
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
	/* field P2: no message of the link can be forged from beyond it, so passing it lets nothing in */
	warnings_of("policy: {classes: {router-advertisement: pass}}", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shortest_file_is_valid),
		cmocka_unit_test(every_key_is_taken),
		cmocka_unit_test(sections_may_be_their_one_value),
		cmocka_unit_test(what_is_wrong_is_said_with_its_line),
		cmocka_unit_test(what_contradicts_itself_is_refused),
		cmocka_unit_test(a_limit_makes_a_passing_class_limited),
		cmocka_unit_test(numbers_and_spans_are_taken_as_people_write_them),
		cmocka_unit_test(the_order_of_keys_does_not_matter),
		cmocka_unit_test(profiles_are_what_they_say),
		cmocka_unit_test(an_interface_with_a_profile_keeps_what_is_said_of_all),
		cmocka_unit_test(a_profile_takes_no_interface_out_of_monitoring),
		cmocka_unit_test(a_profile_that_leaves_an_interface_in_monitor_mode_is_warned_of),
		cmocka_unit_test(what_breaks_ipv6_is_warned_of),
		cmocka_unit_test(an_address_of_metrics_that_is_none_is_refused),
		cmocka_unit_test(a_file_that_filters_nothing_is_warned_of),
		cmocka_unit_test(metrics_that_the_unit_keeps_from_others_are_warned_of),
		cmocka_unit_test(a_block_that_the_file_speaks_against_is_told_and_the_file_taken),
		cmocka_unit_test(a_block_of_more_than_one_network_is_told),
		cmocka_unit_test(a_block_of_ones_own_network_is_told),
		cmocka_unit_test(an_own_network_is_not_all_the_world),
		cmocka_unit_test(defaults_and_harmless_changes_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
