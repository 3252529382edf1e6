// SPDX-License-Identifier: GPL-2.0-only
/* The interface whose policy a replay uses: the named one, or the only one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "replay/replay_interface.h"

static struct config config;
static struct replay_as as;
static struct error error;

static int as_of(const char *text, const char *name)
{
	config_free(&config);
	if (config_load_text(&config, "f", text, strlen(text), &error))
		fail_msg("refused: %s", error.text);
	return replay_as_interface(&config, name, &as, &error);
}

#define TWO \
	"interfaces: [{name: a, filter: monitor}, {name: b, ipv4: enforce, policy: {profile: host}}]"

static void the_only_interface_is_meant(void **state)
{
	assert_int_equal(as_of("interfaces: [{name: a, filter: monitor}]", NULL), 0);
	assert_string_equal(as.name, "a");
	assert_int_equal(config.policy.filter, FILTER_MONITOR);
	assert_non_null(strstr(as.said, "as on a: filter monitor, IPv4 passes"));
}

static void of_several_the_named_one_is_and_its_policy_counts(void **state)
{
	assert_int_equal(as_of(TWO, "b"), 0);
	assert_string_equal(as.name, "b");
	assert_true(as.ipv4_enforce);
	assert_int_equal(config.policy.profile, PROFILE_HOST);
	assert_int_equal(config.policy.filter, FILTER_ENFORCE);
	assert_non_null(strstr(as.said, "blocks count for IPv4"));
}

static void without_a_name_several_are_processed_as_all(void **state)
{
	assert_int_equal(as_of(TWO, NULL), 0);
	assert_null(as.name);
	assert_false(as.ipv4_enforce);
	assert_int_equal(config.policy.profile, PROFILE_EDGE);
	assert_non_null(strstr(as.said, "a, b"));
	assert_int_equal(as_of("interfaces: []", NULL), 0);
	assert_non_null(strstr(as.said, "no interface"));
}

static void an_unknown_name_is_refused_with_those_there_are(void **state)
{
	assert_int_equal(as_of(TWO, "c"), -ENOENT);
	assert_non_null(strstr(error.text, "'c'"));
	assert_non_null(strstr(error.text, "a, b"));
	assert_int_equal(as_of("interfaces: []", "c"), -ENOENT);
	assert_non_null(strstr(error.text, "no configuration"));
}

static void many_names_are_cut_off(void **state)
{
	char text[8192] = "maps: {interfaces: 64}\ninterfaces:\n";

	for (int i = 0; i < 40; i++)
		sprintf(text + strlen(text), "  - name: interface%02d\n", i);
	assert_int_equal(as_of(text, NULL), 0);
	assert_string_equal(as.said + strlen(as.said) - 5, ", ...");
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_only_interface_is_meant),
		cmocka_unit_test(of_several_the_named_one_is_and_its_policy_counts),
		cmocka_unit_test(without_a_name_several_are_processed_as_all),
		cmocka_unit_test(an_unknown_name_is_refused_with_those_there_are),
		cmocka_unit_test(many_names_are_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
