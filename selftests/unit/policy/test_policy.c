// SPDX-License-Identifier: GPL-2.0-only
/* The policy: profiles, the operator's changes on top, and what is compiled into the maps. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "policy/policy.h"
#include "net/limits.h"

#define SECOND	(1000000000ULL >> S64_TAT_NS_SHIFT) /* in the units of the limiter */
#define TICK_NS 4000000

static struct policy policy;
static struct s64_iface_policy iface;
static struct s64_limit limits[S64_LIMIT_MAX], limit;
static struct error error;

static struct policy_row *row(const char *name)
{
	int i = policy_row_find(name);

	assert_true(i >= 0);
	return &policy.row[i];
}

static void compile(void)
{
	policy_compile(&policy, NULL, 0, TICK_NS, &iface, limits);
}

static void rows_are_classes_then_features(void **state)
{
	assert_int_equal(policy_row_find("udp"), S64_CLASS_UDP);
	assert_int_equal(policy_row_find("ah"), S64_CLASS_COUNT + S64_FEATURE_AH);
	assert_int_equal(policy_row_find("nothing"), -ENOENT);
	for (int i = 0; i < NAMES_COUNT; i++)
		assert_int_equal(policy_row_find(policy_row_name(i)), i);
}

static void a_host_treats_everything_as_its_own(void **state)
{
	policy_init(&policy, PROFILE_HOST);
	assert_int_equal(policy.filter, FILTER_ENFORCE);
	for (int i = 0; i < NAMES_COUNT; i++)
		assert_int_equal(policy.row[i].action[S64_TRANSIT],
				 policy.row[i].action[S64_LOCAL]);
	row("udp")->action[S64_TRANSIT] = S64_ACTION_DROP;
	compile();
	assert_int_equal(iface.action[S64_CLASS_UDP][S64_TRANSIT], S64_ACTION_PASS);
	assert_true(iface.flags & S64_IFACE_ONE_LINK);
}

static void a_bridge_passes_link_scope(void **state)
{
	policy_init(&policy, PROFILE_BRIDGE);
	assert_int_equal(row("neighbor-solicitation")->action[S64_TRANSIT], S64_ACTION_PASS);
	assert_int_equal(row("redirect")->action[S64_TRANSIT], S64_ACTION_LIMIT);
	/* a router drops it even on the link, but a bridge passes it between its sides */
	assert_int_equal(row("fmipv6")->action[S64_TRANSIT], S64_ACTION_PASS);
	assert_int_equal(row("rpl")->action[S64_TRANSIT], S64_ACTION_DROP);
	policy_init(&policy, PROFILE_EDGE);
	assert_int_equal(row("neighbor-solicitation")->action[S64_TRANSIT], S64_ACTION_SCOPE);
	compile();
	assert_false(iface.flags & S64_IFACE_ONE_LINK);
}

static void on_a_bridge_the_stricter_of_both_directions_counts_for_link_scope(void **state)
{
	policy_init(&policy, PROFILE_BRIDGE);
	row("neighbor-solicitation")->action[S64_TRANSIT] = S64_ACTION_DROP;
	row("udp")->action[S64_TRANSIT] = S64_ACTION_DROP;
	compile();
	assert_int_equal(iface.action[S64_CLASS_NEIGHBOR_SOLICITATION][S64_LOCAL], S64_ACTION_DROP);
	assert_int_equal(iface.action[S64_CLASS_UDP][S64_LOCAL], S64_ACTION_PASS);
	policy_init(&policy, PROFILE_BRIDGE);
	row("neighbor-solicitation")->action[S64_LOCAL] = S64_ACTION_DROP;
	row("neighbor-solicitation")->action[S64_TRANSIT] = S64_ACTION_LIMIT;
	compile();
	assert_int_equal(iface.action[S64_CLASS_NEIGHBOR_SOLICITATION][S64_LOCAL], S64_ACTION_DROP);
}

static void monitor_all_only_counts(void **state)
{
	policy_init(&policy, PROFILE_MONITOR_ALL);
	assert_int_equal(policy.filter, FILTER_MONITOR);
	compile();
	assert_true(iface.flags & S64_IFACE_MONITOR);
	policy_init(&policy, PROFILE_EDGE);
	policy_change_profile(&policy, PROFILE_MONITOR_ALL);
	assert_int_equal(policy.filter, FILTER_MONITOR);
	/* and no profile leaves monitor mode */
	policy_change_profile(&policy, PROFILE_EDGE);
	assert_int_equal(policy.filter, FILTER_MONITOR);
}

static void a_change_of_profile_leaves_the_operators_changes(void **state)
{
	policy_init(&policy, PROFILE_EDGE);
	row("redirect")->action[S64_TRANSIT] = S64_ACTION_PASS;
	row("redirect")->action_changed = true;
	row("udp")->limit_changed = true;
	policy_change_profile(&policy, PROFILE_HOST);
	assert_int_equal(policy.profile, PROFILE_HOST);
	assert_int_equal(row("redirect")->action[S64_TRANSIT], S64_ACTION_PASS);
	assert_int_equal(row("mld")->action[S64_TRANSIT], S64_ACTION_PASS);
	/* the operator's own limit still applies */
	assert_int_equal(row("udp")->action[S64_LOCAL], S64_ACTION_LIMIT);
}

static void kept_changes_are_the_base_of_later_ones(void **state)
{
	policy_init(&policy, PROFILE_EDGE);
	row("udp")->action_changed = row("udp")->limit_changed = row("udp")->transit_given = true;
	row("udp")->action_line = row("udp")->limit_line = 7;
	policy_keep_changes(&policy);
	assert_false(row("udp")->action_changed || row("udp")->limit_changed ||
		     row("udp")->transit_given);
	assert_int_equal(row("udp")->action_line + row("udp")->limit_line, 0);
}

static void a_limit_without_an_action_limits_what_would_pass(void **state)
{
	policy_init(&policy, PROFILE_EDGE);
	row("udp")->limit_changed = true;
	row("mld")->limit_changed = true;
	assert_int_equal(policy_finish(&policy, "f", &error), 0);
	assert_int_equal(row("udp")->action[S64_TRANSIT], S64_ACTION_LIMIT);
	assert_int_equal(row("udp")->action[S64_LOCAL], S64_ACTION_LIMIT);
	assert_int_equal(row("mld")->action[S64_TRANSIT], S64_ACTION_SCOPE);
	assert_int_equal(row("mld")->action[S64_LOCAL], S64_ACTION_LIMIT);
}

static void a_limit_that_never_counts_is_refused_with_its_line(void **state)
{
	policy_init(&policy, PROFILE_EDGE);
	row("udp")->limit_changed = row("udp")->action_changed = true;
	row("udp")->limit_line = 12;
	row("udp")->action_line = 34;
	assert_int_equal(policy_finish(&policy, "some.yaml", &error), -EINVAL);
	assert_non_null(strstr(error.text, "some.yaml:12: 'udp'"));
	assert_non_null(strstr(error.text, "line 34"));
	policy_init(&policy, PROFILE_EDGE);
	row("rpl")->limit_changed = true;
	row("rpl")->limit_line = 5;
	assert_int_equal(policy_finish(&policy, "some.yaml", &error), -EINVAL);
	assert_non_null(strstr(error.text, "some.yaml:5: 'rpl'"));
}

static void bogons_are_two_flags(void **state)
{
	policy_init(&policy, PROFILE_EDGE);
	compile();
	assert_int_equal(iface.flags, 0);
	policy.bogons = BOGONS_MONITOR;
	compile();
	assert_int_equal(iface.flags, S64_IFACE_BOGON_MONITOR);
	policy.bogons = BOGONS_ENFORCE;
	compile();
	assert_int_equal(iface.flags, S64_IFACE_BOGON_ENFORCE);
}

static void a_feature_is_a_bit_of_drop_or_limit(void **state)
{
	policy_init(&policy, PROFILE_EDGE);
	compile();
	assert_true(iface.feature_drop[S64_TRANSIT] & S64_FEATURE_BIT(ROUTING_0));
	assert_false(iface.feature_drop[S64_TRANSIT] & S64_FEATURE_BIT(ROUTING_SEGMENT));
	assert_true(iface.feature_drop[S64_LOCAL] & S64_FEATURE_BIT(ROUTING_SEGMENT));
	assert_true(iface.feature_limit[S64_LOCAL] & S64_FEATURE_BIT(OPTION_UNKNOWN));
	assert_false(iface.feature_limit[S64_LOCAL] & S64_FEATURE_BIT(ROUTING_0));
	assert_true(limits[S64_LIMIT_FEATURE + S64_FEATURE_OPTION_UNKNOWN].source.increment > 0);
	assert_int_equal(limits[S64_CLASS_UDP].source.increment, 0);
}

static void throttles_behind_the_limits_of_classes_are_left_alone(void **state)
{
	memset(limits, 0x11, sizeof(limits));
	policy_init(&policy, PROFILE_EDGE);
	compile();
	assert_int_equal(limits[S64_LIMIT_THROTTLE].key, 0x11111111);
	assert_int_equal(limits[S64_LIMIT_THROTTLE - 1].key, 0);
}

static void an_interface_whose_limit_differs_counts_apart(void **state)
{
	struct policy base;

	policy_init(&base, PROFILE_EDGE);
	policy = base;
	row("echo-request")->limit.rate = 5;
	policy_compile(&policy, &base, 3, TICK_NS, &iface, limits);
	assert_int_equal(limits[S64_CLASS_ECHO_REQUEST].key, 4 << 16 | S64_CLASS_ECHO_REQUEST);
	assert_int_equal(limits[S64_CLASS_ECHO_REPLY].key, S64_CLASS_ECHO_REPLY);
}

static void a_rate_becomes_the_time_of_a_packet(void **state)
{
	struct policy_limit asked = {.rate = 100, .burst = 200};

	assert_int_equal(policy_compile_limit(&asked, 9, TICK_NS, &limit), 0);
	assert_int_equal(limit.key, 9);
	assert_int_equal(limit.source.increment, SECOND / 100);
	assert_int_equal(limit.source.tolerance, 2 * SECOND);
	/* no limit of a /48 was requested */
	assert_int_equal(limit.aggregate.increment, 0);
	/* sources without a slot share ten times the rate, for two seconds */
	assert_int_equal(limit.fallback.increment, SECOND / 1000);
	assert_int_equal(limit.fallback.tolerance, 2 * SECOND);
	assert_false(limit.exact_clock);
}

static void a_rate_of_a_48_above_ten_sources_is_the_shared_one(void **state)
{
	struct policy_limit asked = {.aggregate_rate = 10000,
				     .aggregate_burst = 10000,
				     .rate = 100,
				     .burst = 100};

	assert_int_equal(policy_compile_limit(&asked, 0, TICK_NS, &limit), 0);
	assert_int_equal(limit.fallback.increment, limit.aggregate.increment);
	asked.aggregate_rate = 500;
	assert_int_equal(policy_compile_limit(&asked, 0, TICK_NS, &limit), 0);
	assert_int_equal(limit.fallback.increment, SECOND / 1000);
}

static void a_burst_shorter_than_two_ticks_needs_the_exact_clock(void **state)
{
	struct policy_limit asked = {.rate = 1000, .burst = 8}; /* 8 ms, two ticks */

	assert_int_equal(policy_compile_limit(&asked, 0, TICK_NS, &limit), 0);
	assert_false(limit.exact_clock);
	asked.burst = 7;
	assert_int_equal(policy_compile_limit(&asked, 0, TICK_NS, &limit), 0);
	assert_true(limit.exact_clock);
	asked = (struct policy_limit){.aggregate_rate = 1000, .aggregate_burst = 1};
	assert_int_equal(policy_compile_limit(&asked, 0, TICK_NS, &limit), 0);
	assert_true(limit.exact_clock);
}

static void a_burst_of_more_than_the_longest_tolerance_is_refused_and_nothing_written(void **state)
{
	struct policy_limit asked = {.rate = 1, .burst = S64_TOLERANCE_SECONDS};

	assert_int_equal(policy_compile_limit(&asked, 0, TICK_NS, &limit), 0);
	assert_true(limit.source.tolerance <= S64_TOLERANCE_MAX);
	memset(&limit, 0x22, sizeof(limit));
	asked.burst++;
	assert_int_equal(policy_compile_limit(&asked, 0, TICK_NS, &limit), -ERANGE);
	assert_int_equal(limit.key, 0x22222222);
	asked = (struct policy_limit){.aggregate_rate = 1,
				      .aggregate_burst = S64_TOLERANCE_SECONDS + 1};
	assert_int_equal(policy_compile_limit(&asked, 0, TICK_NS, &limit), -ERANGE);
}

static void the_highest_rate_still_costs_time(void **state)
{
	struct policy_limit asked = {.rate = RATE_MAX,
				     .burst = RATE_MAX,
				     .aggregate_rate = UINT32_MAX,
				     .aggregate_burst = 1};

	assert_int_equal(policy_compile_limit(&asked, 0, TICK_NS, &limit), 0);
	assert_true(limit.source.increment >= 1 && limit.aggregate.increment >= 1 &&
		    limit.fallback.increment >= 1);
	assert_true(limit.source.tolerance <= S64_TOLERANCE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_classes_then_features),
		cmocka_unit_test(a_host_treats_everything_as_its_own),
		cmocka_unit_test(a_bridge_passes_link_scope),
		cmocka_unit_test(on_a_bridge_the_stricter_of_both_directions_counts_for_link_scope),
		cmocka_unit_test(monitor_all_only_counts),
		cmocka_unit_test(a_change_of_profile_leaves_the_operators_changes),
		cmocka_unit_test(kept_changes_are_the_base_of_later_ones),
		cmocka_unit_test(a_limit_without_an_action_limits_what_would_pass),
		cmocka_unit_test(a_limit_that_never_counts_is_refused_with_its_line),
		cmocka_unit_test(bogons_are_two_flags),
		cmocka_unit_test(a_feature_is_a_bit_of_drop_or_limit),
		cmocka_unit_test(throttles_behind_the_limits_of_classes_are_left_alone),
		cmocka_unit_test(an_interface_whose_limit_differs_counts_apart),
		cmocka_unit_test(a_rate_becomes_the_time_of_a_packet),
		cmocka_unit_test(a_rate_of_a_48_above_ten_sources_is_the_shared_one),
		cmocka_unit_test(a_burst_shorter_than_two_ticks_needs_the_exact_clock),
		cmocka_unit_test(
			a_burst_of_more_than_the_longest_tolerance_is_refused_and_nothing_written),
		cmocka_unit_test(the_highest_rate_still_costs_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
