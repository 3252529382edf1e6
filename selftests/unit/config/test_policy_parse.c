// SPDX-License-Identifier: GPL-2.0-only
/* The keys `policy` and `limits`: classes, limits and the profile below them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "config_test.h"
#include "net/limits.h"

static const struct policy_row *row(const char *name)
{
	return &config.policy.row[policy_row_find(name)];
}

static void a_class_has_one_action_or_one_for_each_direction(void **state)
{
	take("policy: {classes: {udp: drop, tcp: {local: limit}, ah: {transit: limit, local: pass}}}");
	assert_int_equal(row("udp")->action[S64_TRANSIT], S64_ACTION_DROP);
	assert_int_equal(row("udp")->action[S64_LOCAL], S64_ACTION_DROP);
	assert_false(row("udp")->transit_given);
	assert_int_equal(row("tcp")->action[S64_TRANSIT], S64_ACTION_PASS);
	assert_int_equal(row("tcp")->action[S64_LOCAL], S64_ACTION_LIMIT);
	assert_true(row("tcp")->action_changed);
	assert_int_equal(row("ah")->action[S64_TRANSIT], S64_ACTION_LIMIT);
	assert_true(row("ah")->transit_given);
	assert_false(row("esp")->action_changed);
	config_free(&config);
}

static void what_has_no_policy_is_refused(void **state)
{
	refuse("policy:\n  classes:\n    ipv4: drop\n", "test.yaml:3: the class 'ipv4'");
	refuse("policy: {classes: {not-ipv6: drop}}", "always passed");
	refuse("limits: {malformed: {rate: 5}}", "always dropped");
	refuse("limits: {udpp: {rate: 5}}", "did you mean 'udp'");
	refuse("policy: {classes: {udp: allow}}", "pass, drop, limit");
}

static void a_class_or_limit_given_twice_is_refused(void **state)
{
	refuse("policy:\n  classes:\n    udp: drop\n    udp: pass\n",
	       "test.yaml:4: duplicate class 'udp'");
	refuse("limits:\n  udp: {rate: 5}\n  udp: {rate: 6}\n",
	       "test.yaml:3: duplicate limit of 'udp'");
}

static void a_limit_of_a_rate_alone_bursts_for_two_seconds_and_gives_a_48_ten_times(void **state)
{
	const struct policy_limit *limit = &row("echo-request")->limit;

	take("limits: {echo-request: {rate: 50}}");
	assert_int_equal(limit->rate, 50);
	assert_int_equal(limit->burst, 100);
	assert_int_equal(limit->aggregate_rate, 500);
	assert_int_equal(limit->aggregate_burst, 1000);
	config_free(&config);
	take("limits: {echo-request: {rate: 50, burst: 60, rate_48: 70}}");
	assert_int_equal(limit->burst, 60);
	assert_int_equal(limit->aggregate_rate, 70);
	assert_int_equal(limit->aggregate_burst, 140);
	config_free(&config);
}

static void a_rate_of_0_is_no_limit_at_that_level(void **state)
{
	take("limits: {echo-request: {rate: 0, rate_48: 70}, echo-reply: {rate: 5, rate_48: 0}}");
	assert_int_equal(row("echo-request")->limit.rate, 0);
	assert_int_equal(row("echo-request")->limit.aggregate_rate, 70);
	assert_int_equal(row("echo-reply")->limit.aggregate_rate, 0);
	config_free(&config);
	refuse("limits: {echo-request: {rate: 0, rate_48: 0}}", "needs a rate");
	refuse("limits: {echo-request: {burst: 5}}", "needs a rate");
	refuse("limits: {echo-request: {rate: 5, burst_48: 5}}", "burst_48 without rate_48");
}

static void no_default_of_a_limit_exceeds_the_highest_rate(void **state)
{
	take("limits: {echo-request: {rate: 100M}}");
	assert_int_equal(row("echo-request")->limit.burst, RATE_MAX);
	assert_int_equal(row("echo-request")->limit.aggregate_rate, RATE_MAX);
	assert_int_equal(row("echo-request")->limit.aggregate_burst, RATE_MAX);
	config_free(&config);
	refuse("limits: {echo-request: {rate: 100000001}}", "100000000");
	refuse("limits: {echo-request: {rate: 5, burst: 0}}", "burst");
}

static void limits_that_contradict_themselves_are_refused(void **state)
{
	refuse("limits:\n  echo-request: {rate: 50, rate_48: 49}\n", "test.yaml:2: ");
	refuse("limits: {echo-request: {rate: 1, burst: 301}}", "300 s");
	take("limits: {echo-request: {rate: 50, rate_48: 50}, udp: {rate: 1, burst: 300}}");
	config_free(&config);
}

static void a_profile_is_the_base_wherever_it_stands(void **state)
{
	take("policy: {classes: {neighbor-solicitation: {transit: drop}}, profile: bridge}");
	assert_int_equal(config.policy.profile, PROFILE_BRIDGE);
	assert_int_equal(config.policy.profile_line, 1);
	assert_int_equal(row("neighbor-solicitation")->action[S64_TRANSIT], S64_ACTION_DROP);
	assert_int_equal(row("mld")->action[S64_TRANSIT], S64_ACTION_PASS);
	config_free(&config);
	refuse("policy: {profile: egde}", "did you mean 'edge'");
}

static void filter_says_whether_it_was_given(void **state)
{
	take("policy: {filter: monitor}");
	assert_true(config.policy.filter_given);
	assert_int_equal(config.policy.filter, FILTER_MONITOR);
	config_free(&config);
	take("policy: {profile: monitor-all}");
	assert_false(config.policy.filter_given);
	assert_int_equal(config.policy.filter, FILTER_MONITOR);
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_class_has_one_action_or_one_for_each_direction),
		cmocka_unit_test(what_has_no_policy_is_refused),
		cmocka_unit_test(a_class_or_limit_given_twice_is_refused),
		cmocka_unit_test(
			a_limit_of_a_rate_alone_bursts_for_two_seconds_and_gives_a_48_ten_times),
		cmocka_unit_test(a_rate_of_0_is_no_limit_at_that_level),
		cmocka_unit_test(no_default_of_a_limit_exceeds_the_highest_rate),
		cmocka_unit_test(limits_that_contradict_themselves_are_refused),
		cmocka_unit_test(a_profile_is_the_base_wherever_it_stands),
		cmocka_unit_test(filter_says_whether_it_was_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
