// SPDX-License-Identifier: GPL-2.0-only
/* The key `detect`. */
#include "config_test.h"
#include "config/config_diff.h"
#include "config/config_lint.h"

#define RULE(keys) "detect:\n  rules:\n    - {name: a, over: {packets_per_second: 1k}" keys "}\n"

static void a_rule_has_its_defaults_and_every_key(void **state)
{
	const struct detect_rule *rule;

	take("detect:\n"
	     "  rules:\n"
	     "    - name: echo-flood\n"
	     "      class: echo-request\n"
	     "      over: {packets_per_second: 20000, drop_share: 0.5}\n"
	     "      during: 10s\n"
	     "      until: {below: 0.25, during: 90s}\n"
	     "      then: throttle\n"
	     "      rate: 100\n"
	     "      ladder: [10m, 1h]\n"
	     "      evidence: any\n"
	     "    - {name: scan, class: [tcp-syn, udp], over: {destinations_per_second: 1.5k}}\n"
	     "  levels: [64, 60]\n"
	     "  fuse: {actions_per_hour: 5, traffic_share: 0.1}\n");
	assert_int_equal(config.detect.count, 2);
	rule = &config.detect.rule[0];
	assert_string_equal(rule->name, "echo-flood");
	assert_true(rule->classes == 1ULL << S64_CLASS_ECHO_REQUEST);
	assert_true(rule->over.of[DETECT_PACKETS] == 20000);
	assert_true(rule->over.of[DETECT_DROP_SHARE] == 0.5);
	assert_true(rule->over.of[DETECT_BITS] == 0);
	assert_int_equal(rule->during_ms, 10000);
	assert_true(rule->until_below == 0.25);
	assert_int_equal(rule->until_ms, 90000);
	assert_int_equal(rule->then, DETECT_THROTTLE);
	assert_int_equal(rule->rate, 100);
	assert_int_equal(rule->ladder_steps, 2);
	assert_int_equal(rule->ladder_ms[1], 3600000);
	assert_int_equal(rule->line, 3);
	rule = &config.detect.rule[1];
	assert_true(rule->classes == (1ULL << S64_CLASS_TCP_SYN | 1ULL << S64_CLASS_UDP));
	assert_true(rule->over.of[DETECT_DESTINATIONS] == 1500);
	assert_int_equal(rule->then, DETECT_PROPOSE);
	assert_int_equal(rule->during_ms, 3000);
	assert_int_equal(rule->ladder_steps, 3);
	assert_int_equal(rule->line, 12);
	assert_int_equal(config.detect.level_count, 2);
	assert_int_equal(config.detect.level[1], 60);
	assert_int_equal(config.detect.fuse_actions, 5);
	assert_true(config.detect.fuse_share == 0.1);
	config_free(&config);
}

static void without_it_the_default_rules_are_in_force_and_off_is_none(void **state)
{
	struct detect_rules usual;

	detect_rules_init(&usual);
	take("interfaces: []\n");
	assert_true(detect_rules_equal(&config.detect, &usual));
	config_free(&config);
	take("detect: {levels: [64]}\n");
	assert_int_equal(config.detect.count, usual.count);
	config_free(&config);
	take("detect: off\n");
	assert_int_equal(config.detect.count, 0);
	config_free(&config);
	take("detect: {rules: []}\n");
	assert_int_equal(config.detect.count, 0);
	config_free(&config);
	refuse("detect: on\n", "test.yaml:1: detect is 'on'");
}

/* What a sender can forge never blocks by itself, unless somebody says so. */
static void a_block_without_proof_is_refused(void **state)
{
	refuse(RULE(", then: block"), "test.yaml:3: the rule 'a' would block whomever");
	refuse(RULE(", then: block, evidence: any"), "evidence: proven");
	refuse(RULE(", then: block"), "spoofable: accepted");
	take(RULE(", then: block, evidence: proven"));
	assert_true(config.detect.rule[0].needs_proof);
	config_free(&config);
	take(RULE(", then: block, spoofable: accepted"));
	config_free(&config);
	refuse(RULE(", spoofable: yes"), "accepted");
}

static void a_rule_that_makes_no_sense_is_refused_with_its_line(void **state)
{
	refuse("detect: {rules: [{over: {packets_per_second: 1}}]}", "needs a name");
	refuse("detect: {rules: [{name: 'a b', over: {packets_per_second: 1}}]}", "'a b'");
	refuse("detect: {rules: [{name: a}]}", "needs something per second");
	refuse("detect:\n  rules:\n    - {name: a, over: {syn_share: 0.5}}\n",
	       "test.yaml:3: the rule 'a' needs something per second");
	refuse("detect: {rules: [{name: a, over: {packets: 1}}]}", "unknown key 'packets'");
	refuse("detect: {rules: [{name: a, over: {packets_per_second: 0}}]}", "at least 1");
	refuse("detect: {rules: [{name: a, over: {packets_per_second: 1, packets_per_second: 2}}]}",
	       "duplicate key");
	refuse("detect: {rules: [{name: a, over: {packets_per_second: 1, drop_share: 1.1}}]}",
	       "up to 1");
	refuse(RULE(", class: echo"), "unknown class 'echo'");
	refuse(RULE(", class: malformed"), "no source");
	refuse(RULE(", class: []"), "empty list");
	refuse(RULE(", during: 500ms"), "from 1s to 1h");
	refuse(RULE(", until: {below: 0}"), "above 0");
	refuse(RULE(", then: throttle"), "needs a rate");
	refuse(RULE(", then: block, rate: 5, spoofable: accepted"), "has no rate");
	refuse(RULE(", then: ban"), "propose, throttle, block");
	refuse(RULE(", ladder: []"), "ladder is empty");
	refuse(RULE(", ladder: [never]"), "not a duration");
	refuse("detect:\n  rules:\n    - {name: a, over: {bits_per_second: 1G}}\n"
	       "    - {name: a, over: {bits_per_second: 1G}}\n",
	       "test.yaml:4: duplicate rule 'a'");
	refuse("detect: {levels: [48, 64]}", "from long prefixes to short ones");
	refuse("detect: {levels: [64, 56, 48, 40, 32]}", "more than 4");
	refuse("detect: {levels: [65]}", "from 32 to 64");
	refuse("detect: {levels: []}", "levels is empty");
	refuse("detect: {fuse: {actions_per_hour: 0}}", "from 1 to 1000");
	refuse("detect: {fuse: {traffic_share: 2}}", "up to 1");
}

static void what_has_no_effect_or_may_be_forged_is_warned_of(void **state)
{
	warned[0] = '\0';
	take("interfaces: [{name: eth0}]\n"
	     "detect:\n"
	     "  rules:\n"
	     "    - {name: p, over: {packets_per_second: 1}, evidence: proven}\n"
	     "    - {name: b, over: {packets_per_second: 1}, then: block, spoofable: accepted}\n"
	     "    - {name: n, over: {packets_per_second: 1}, spoofable: accepted}\n"
	     "    - {name: t, over: {packets_per_second: 1}, then: throttle, rate: 5}\n"
	     "    - {name: u, over: {packets_per_second: 1}, then: throttle, rate: 5,\n"
	     "       spoofable: accepted}\n"
	     "    - {name: w, over: {packets_per_second: 1}, then: block, evidence: proven,\n"
	     "       spoofable: accepted}\n"
	     "    - {name: k, over: {packets_per_second: 1}}\n");
	assert_int_equal(config_check(&config, note, NULL), 4);
	assert_non_null(strstr(warned, "5: the rule 'b' blocks whomever"));
	assert_non_null(strstr(warned, "6: the rule 'n' does not act"));
	assert_non_null(strstr(warned, "7: the rule 't' throttles whomever"));
	assert_non_null(strstr(warned, "10: the rule 'w' acts on wider prefixes too"));
	config_free(&config);
}

static void a_difference_is_told_in_words(void **state)
{
	json_t *before, *after, *diff;
	char *text;

	take(RULE(", rate: 5"));
	before = config_to_rows(&config, NULL);
	config_free(&config);
	take(RULE(", rate: 6"));
	after = config_to_rows(&config, NULL);
	config_free(&config);
	diff = config_diff(before, after, NULL);
	assert_int_equal(json_array_size(diff), 1);
	text = json_dumps(diff, 0);
	assert_non_null(strstr(text, "\"detect rule a\""));
	assert_non_null(strstr(text,
			       "any class over packets_per_second 1000 during 3s, until below "
			       "0.5 during 1m, then propose at 6/s for 10m 1h 1d, evidence any"));
	free(text);
	json_decref(before);
	json_decref(after);
	json_decref(diff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_has_its_defaults_and_every_key),
		cmocka_unit_test(without_it_the_default_rules_are_in_force_and_off_is_none),
		cmocka_unit_test(a_block_without_proof_is_refused),
		cmocka_unit_test(a_rule_that_makes_no_sense_is_refused_with_its_line),
		cmocka_unit_test(what_has_no_effect_or_may_be_forged_is_warned_of),
		cmocka_unit_test(a_difference_is_told_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
