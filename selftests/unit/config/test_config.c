// SPDX-License-Identifier: GPL-2.0-only
/* The configuration: what is accepted, and what is refused, with the line number. */
#include <stdlib.h>

#include "config_test.h"

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
	/* hostile O11: the closest existing key */
	refuse("interfaces: [{name: eth0}]\npolcy: {}\n",
	       "test.yaml:2: unknown key 'polcy' in the configuration (did you mean 'policy'?)");
	refuse("interfaces: [{name: eth0, fliter: monitor}]\n", "(did you mean 'filter'?)");
	refuse("interfaces: [{name: eth0, mode: natve}]", "(did you mean 'native'?)");
	refuse("policy: {classes: {echo-requst: drop}}",
	       "unknown class 'echo-requst' (did you mean 'echo-request'?)");
	refuse("interfaces:\n  - name: eth0\n    colour: red\n",
	       "test.yaml:3: unknown key 'colour'");
	refuse("interfaces: [{name: eth0}]\ninterfaces: []\n",
	       "test.yaml:2: duplicate key 'interfaces'");
	refuse("interfaces: [{name: eth0}, {name: eth0}]\n", "duplicate interface");
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
	/* words: a duration that is too long was reported as no duration */
	refuse("log: 3661d", "keep: '3661d' is not a duration: at most ten years, 3660d");
	refuse("block_defaults: {for: 1M}",
	       "for: '1M' is not a duration: write minutes as 15m, and a month as 30d");
	/* words: one socket for both purposes was accepted, and the start failed; and half of a
	 * file was ignored
	 */
	/* issue 14: `force` is only valid for a block */
	refuse("allow: [{prefix: 2001:db8::/32, force: true}]", "unknown key 'force'");
	refuse("own: [{prefix: 2001:db8::/32, force: true}]", "unknown key 'force'");
	refuse("peers: [{prefix: 2001:db8::1, force: true}]", "unknown key 'force'");
	/* issue 14: a relative path means different files to slash64 and slash64d */
	refuse("control: c.sock", "socket: 'c.sock' must be an absolute path");
	refuse("control: {socket: ./c.sock}", "socket: './c.sock' must be an absolute path");
	refuse("control: {read_socket: r.sock}", "read_socket: 'r.sock' must be an absolute path");
	refuse("state: state", "state: 'state' must be an absolute path");
	refuse("maps: {pins: pins}", "pins: 'pins' must be an absolute path");
	take("control: {read_socket: off}");
	refuse("control: {socket: /a, read_socket: /a}",
	       "control.read_socket is the same as control.socket; use another path, or off");
	refuse("control: /run/read.sock", "control.read_socket is the same as control.socket");
	refuse("interfaces: [{name: eth0}]\n---\nblock: [2001:db8::/64]\n",
	       "test.yaml:3: a second YAML document");
	refuse("interfaces: [{name: eth0}]\n---\nblock: [\n", "not YAML");
	refuse("on_exit: explode", "must be one of keep, detach");
	refuse("policy: {classes: {echo: drop}}", "unknown class 'echo'");
	refuse("policy: {classes: {not-ipv6: drop}}", "has no policy");
	refuse("policy: {profile: moat}", "must be one of edge, host, bridge, monitor-all");
	refuse("maps: {interfaces: 1}\ninterfaces: [{name: a}, {name: b}]", "allows 1");
}

static void what_contradicts_itself_is_refused(void **state)
{
	(void)state;
	refuse("policy: {classes: {udp: drop}}\nlimits: {udp: {rate: 5}}",
	       "which makes the limit useless");
	refuse("policy: {classes: {udp: pass}}\nlimits: {udp: {rate: 5}}",
	       "which makes the limit useless");
	refuse("limits: {node-information: {rate: 5}}", "but it is dropped");
	refuse("limits: {udp: {rate: 5, rate_48: 4}}", "no source could ever reach its own");
	refuse("limits: {udp: {burst: 5}}", "needs a rate");
	refuse("limits: {udp: {rate: 1, burst: 301}}", "covers more than 300 s");
	refuse("limits: {udp: {rate: 5, burst_48: 4}}", "burst_48 without rate_48");
	refuse("limits:\n  udp: {rate: 5}\n  udp: {rate: 6}\n",
	       "test.yaml:3: duplicate limit of 'udp'");
	refuse("policy:\n  classes:\n    udp: drop\n    udp: pass\n",
	       "test.yaml:4: duplicate class 'udp'");
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
	refuse("limits: {udp: {rate: 10Mbit}}", "not bits");
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
	/* everything not set explicitly comes from the profile */
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

/* documents D12 */
static void an_address_of_the_page_is_taken_and_one_that_is_none_refused(void **state)
{
	(void)state;
	take("interfaces: []\n");
	assert_string_equal(config.page, CONFIG_PAGE_DEFAULT);
	config_free(&config);
	take("page: {listen: '127.0.0.1:9000'}\n");
	assert_string_equal(config.page, "127.0.0.1:9000");
	config_free(&config);
	take("page: off\n");
	assert_string_equal(config.page, "off");
	config_free(&config);
	refuse("interfaces: [{name: a}]\npage: nonsense\n",
	       "test.yaml:2: page: 'nonsense' is not ADDRESS:PORT; write it like [::1]:9665");
	refuse("page: {listen: '[::1]:0'}\n", "is not ADDRESS:PORT");
	refuse("page: {listn: off}\n", "listn");
}

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

static void count_pause(void *data)
{
	++*(unsigned int *)data;
}

/* Issue 13, line 9: one of 60,000 entries was one turn of slash64d's loop. */
static void a_long_one_is_read_in_pieces(void **state)
{
	const unsigned int entries = 2000;
	unsigned int pauses = 0;
	const struct pace pace = {count_pause, &pauses};
	size_t bytes = 0;
	char *text = malloc(entries * 64);

	(void)state;
	bytes += sprintf(text, "block:\n");
	for (unsigned int i = 0; i < entries; i++)
		bytes += sprintf(text + bytes, "- 2001:db8:1:%x::/64\n", i + 1);
	assert_int_equal(config_load_text_paced(&config, "f", text, bytes, &pace, &error), 0);
	assert_int_equal(config.block.count, entries);
	/* of the text, as read, checked, and released */
	assert_in_range(pauses, bytes / 1024 + 3 * entries, UINT32_MAX);
	config_free(&config);
	free(text);
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
		cmocka_unit_test(an_address_of_the_page_is_taken_and_one_that_is_none_refused),
		cmocka_unit_test(an_address_of_metrics_that_is_none_is_refused),
		cmocka_unit_test(a_long_one_is_read_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
