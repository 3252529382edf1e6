// SPDX-License-Identifier: GPL-2.0-only
/* The default rules, and what makes two the same. */
#include "detect_test.h"

static void the_defaults_only_propose_and_ask_for_a_rate(void **state)
{
	struct detect_rules rules;

	detect_rules_init(&rules);
	assert_true(rules.count > 0 && rules.count <= DETECT_RULES_MAX);
	for (size_t i = 0; i < rules.count; i++) {
		double rates = 0;

		assert_int_equal(rules.rule[i].then, DETECT_PROPOSE);
		for (int j = 0; j < DETECT_MEASURE_COUNT; j++)
			if (!detect_measure_is_share(j))
				rates += rules.rule[i].over.of[j];
		assert_true(rates > 0);
		/* within five seconds: a window that it begins in, and one that it is noticed in */
		assert_true(rules.rule[i].during_ms + DETECT_WINDOW_MS < 5000);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(rules.rule[i].name, rules.rule[j].name);
	}
}

static void rules_are_equal_but_for_their_lines(void **state)
{
	struct detect_rules a, b;

	detect_rules_init(&a);
	detect_rules_init(&b);
	b.rule[0].line = 12;
	assert_true(detect_rules_equal(&a, &b));
	b.rule[1].over.of[DETECT_PORTS]++;
	assert_false(detect_rules_equal(&a, &b));
	assert_true(detect_rule_equals(&a.rule[0], &b.rule[0]));
	detect_rules_init(&b);
	b.level[1] = 60;
	assert_false(detect_rules_equal(&a, &b));
	detect_rules_init(&b);
	b.count--;
	assert_false(detect_rules_equal(&a, &b));
}

static void a_rule_with_a_rate_throttles_unless_it_blocks(void **state)
{
	struct detect_rule rule;

	detect_rule_init(&rule);
	assert_false(detect_rule_throttles(&rule));
	rule.rate = 100;
	assert_true(detect_rule_throttles(&rule));
	rule.then = DETECT_BLOCK;
	assert_false(detect_rule_throttles(&rule));
}

static void measures_have_the_names_of_the_configuration(void **state)
{
	assert_string_equal(detect_measure_name(DETECT_PACKETS), "packets_per_second");
	assert_string_equal(detect_measure_name(DETECT_DROP_SHARE), "drop_share");
	assert_true(detect_measure_is_share(DETECT_SYN_SHARE));
	assert_false(detect_measure_is_share(DETECT_PORTS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_only_propose_and_ask_for_a_rate),
		cmocka_unit_test(rules_are_equal_but_for_their_lines),
		cmocka_unit_test(a_rule_with_a_rate_throttles_unless_it_blocks),
		cmocka_unit_test(measures_have_the_names_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
