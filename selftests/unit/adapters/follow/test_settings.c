// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/follow/settings.h"

static struct follow_settings settings;
static struct error error;

static int load(const char *text)
{
	char path[] = "/tmp/slash64-follow-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	int err;

	fputs(text, file);
	fclose(file);
	err = follow_settings_load(&settings, path, &error);
	unlink(path);
	return err;
}

/* issue 18: rules on signature and severity */
static void defaults_and_all_keys(void **state)
{
	assert_int_equal(load("rules: [{action: propose}]\n"), 0);
	assert_string_equal(settings.socket, "/run/slash64/control.sock");
	assert_int_equal(settings.per_minute, 60);
	assert_int_equal(settings.rule[0].for_ms, 3600000);
	follow_settings_free(&settings);
	assert_int_equal(load("rules:\n"
			      "  - {signature: 'ET SCAN*', severity: 2, action: block, for: 2h}\n"
			      "  - {id: 2001219, category: DoS, action: throttle, rate: 100/s}\n"
			      "per_minute: 10\norigin: ids\nstate: /s\nsocket: /k\n"
			      "metrics: '[::1]:9668'\n"),
			 0);
	assert_int_equal(settings.rules, 2);
	assert_int_equal(settings.rule[0].severity, 2);
	assert_int_equal(settings.rule[0].for_ms, 7200000);
	assert_int_equal(settings.rule[1].id, 2001219);
	assert_int_equal(settings.rule[1].burst, 200);
	assert_string_equal(settings.origin, "ids");
	follow_settings_free(&settings);
}

static bool does_match(const char *pattern, const char *text)
{
	struct rule rule = {};
	const struct follow_settings one = {.rule = &rule, .rules = 1};
	struct event event = {};

	snprintf(rule.signature, sizeof(rule.signature), "%s", pattern);
	snprintf(event.signature, sizeof(event.signature), "%s", text);
	return rule_for(&one, &event);
}

static void a_star_stands_for_any_text_and_nothing_else_is_special(void **state)
{
	assert_true(does_match("", "anything"));
	assert_true(does_match("ET SCAN*", "ET SCAN"));
	assert_true(does_match("*SCAN*SSH", "ET SCAN of SSH or SSH"));
	assert_true(does_match("**", ""));
	assert_true(does_match("ET [x] ?", "ET [x] ?"));
	assert_false(does_match("ET [x] ?", "ET x y"));
	assert_false(does_match("ET SCAN", "ET SCAN*"));
	assert_false(does_match("*SSH", "SSH scan"));
	assert_false(does_match("et scan", "ET SCAN"));
}

static void is_refused(const char *text, const char *why)
{
	assert_true(load(text) < 0);
	if (!strstr(error.text, why))
		fail_msg("'%s' is not in '%s'", why, error.text);
}

static void mistakes_are_told(void **state)
{
	is_refused("per_minute: 5\n", "list 'rules'");
	is_refused("rules: [{signature: x}]\n", "a rule needs an action");
	is_refused("rules: [{action: block, rate: 5}]\n", "a throttle needs a rate");
	is_refused("rules: [{action: throttle}]\n", "a throttle needs a rate");
	is_refused("rules: [{action: drop}]\n", "action");
	is_refused("rules: [{action: block, severity: 0}]\n", "severity");
	is_refused("rules: [{action: block, for: 1 month}]\n", "for");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_and_all_keys),
		cmocka_unit_test(a_star_stands_for_any_text_and_nothing_else_is_special),
		cmocka_unit_test(mistakes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
