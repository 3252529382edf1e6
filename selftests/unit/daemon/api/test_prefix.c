// SPDX-License-Identifier: GPL-2.0-only
/* The prefix named by a request, as written and in its stored form. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/api/prefix.h"
#include "daemon/daemon.h"

static struct error error;

static void a_missing_or_bad_one_is_refused(void **state)
{
	struct named_prefix named;

	assert_int_equal(prefix_resolve(NULL, NULL, &named, &error), -EINVAL);
	assert_non_null(strstr(error.text, "'prefix' is missing"));
	assert_int_equal(prefix_resolve(NULL, "2400::/129", &named, &error), -EINVAL);
	assert_non_null(strstr(error.text, "'2400::/129'"));
	assert_non_null(error_hint(&error));
}

static struct s64_meta meta = {.seed = {7, {11, 13}}};
static struct daemon daemon_of_test;

static int set_up(void **state)
{
	daemon_of_test.maps.meta = &meta;
	source_rules_init(&daemon_of_test.blocks.rules);
	return 0;
}

static void stored(const char *text, const char *expected, const char *expected_said)
{
	struct named_prefix named;
	char buf[PREFIX_TEXT_MAX];

	assert_int_equal(prefix_resolve(&daemon_of_test, text, &named, &error), 0);
	assert_string_equal(prefix_format(&named.prefix, buf), expected);
	if (expected_said)
		assert_string_equal(prefix_format(&named.said, buf), expected_said);
	else
		assert_int_equal(named.said.length, 0);
	assert_int_equal(!!named.note[0], !!expected_said);
}

static void an_address_stands_for_its_source_and_is_remembered(void **state)
{
	stored("2400::7", "2400::/64", "2400::7/128");
	stored("2400::/64", "2400::/64", NULL);
	stored("64:ff9b::198.51.100.7", "198.51.100.7/32", "64:ff9b::c633:6407/128");
}

static void what_cannot_be_a_target_stays_as_it_is_written(void **state)
{
	/* so that it can be unblocked, if it is stored */
	stored("ff02::/16", "ff02::/16", NULL);
	stored("64:ff9b::/64", "64:ff9b::/64", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_missing_or_bad_one_is_refused, set_up, NULL),
		cmocka_unit_test_setup_teardown(an_address_stands_for_its_source_and_is_remembered,
						set_up, NULL),
		cmocka_unit_test_setup_teardown(what_cannot_be_a_target_stays_as_it_is_written,
						set_up, NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
