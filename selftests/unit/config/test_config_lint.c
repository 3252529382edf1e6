// SPDX-License-Identifier: GPL-2.0-only
/* Contradictions and settings that filter nothing are reported, but the file is accepted. */
#include "config_test.h"
#include "config/config_lint.h"

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

/* issue 16 */
static void a_page_that_others_reach_is_warned_of(void **state)
{
	(void)state;
	warned[0] = '\0';
	take("interfaces: [{name: a}]\npage: '[2001:db8::1]:9665'\n");
	assert_int_equal(config_check(&config, note, NULL), 1);
	config_free(&config);
	assert_non_null(strstr(warned, "the page is served beyond localhost"));
	take("interfaces: [{name: a}]\npage: '[::1]:80'\n");
	assert_int_equal(config_check(&config, note, NULL), 0);
	config_free(&config);
}

static void refused_at(size_t index, const struct error *why, void *data)
{
	(void)data;
	assert_non_null(error_hint(why)); /* the hint can be split off */
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

/* words: a guard rail that depends only on the file is not left to the start */
static void a_block_of_more_than_one_network_is_told(void **state)
{
	(void)state;
	warned[0] = '\0';
	take("block:\n  - '2400::/28'\n  - '2400::/29'\n  - 198.48.0.0/12\n  - 198.48.0.0/13\n  - {prefix: '2600::/16', force: true}\n");
	assert_int_equal(config_refusals(&config, refused_at, NULL), 0);
	config_free(&config);
	assert_string_equal(
		warned,
		"0 test.yaml:2: the block 2400::/28 is shorter than /29, so it is more than one network; or set force: true\n"
		"2 test.yaml:4: the block 198.48.0.0/12 is shorter than /13, so it is more than one network; or set force: true\n");
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
		"0 test.yaml:3: the block 2001:db8:77:5::/64 is within the own network 2001:db8:77::/48 of line 1; or set force: true\n"
		"1 test.yaml:4: the block 2001:db8:76::/47 is around the own network 2001:db8:77::/48 of line 1; or set force: true\n");
}

/* Every refusal of an entry can be overridden. */
static void force_silences_each_refusal(void **state)
{
	(void)state;
	warned[0] = '\0';
	take("allow: [2001:db8::/32]\nown: [2400:77::/48]\nblock:\n"
	     "  - {prefix: '2001:db8:1:2::/64', force: true}\n  - {prefix: '64:ff9b::/64', force: true}\n"
	     "  - {prefix: '2400::/28', force: true}\n  - {prefix: '2400:77:0:1::/64', force: true}\n");
	assert_int_equal(config_refusals(&config, refused_at, NULL), 0);
	config_free(&config);
	assert_string_equal(warned, "");
}

static void warnings_of_the_policy_are_counted_with_those_of_the_file(void **state)
{
	(void)state;
	warned[0] = '\0';
	take("metrics: '0.0.0.0:1'\npolicy: {classes: {tcp-syn: {transit: drop}}}\n");
	assert_int_equal(config_check(&config, note, NULL), 3);
	config_free(&config);
	take("interfaces: [{name: a}]\n");
	assert_int_equal(config_check(&config, note, NULL), 0);
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_filters_nothing_is_warned_of),
		cmocka_unit_test(metrics_that_the_unit_keeps_from_others_are_warned_of),
		cmocka_unit_test(a_page_that_others_reach_is_warned_of),
		cmocka_unit_test(a_block_that_the_file_speaks_against_is_told_and_the_file_taken),
		cmocka_unit_test(a_block_of_more_than_one_network_is_told),
		cmocka_unit_test(a_block_of_ones_own_network_is_told),
		cmocka_unit_test(force_silences_each_refusal),
		cmocka_unit_test(warnings_of_the_policy_are_counted_with_those_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
