// SPDX-License-Identifier: GPL-2.0-only
/* The verdicts on a source's packets, in words. */
#include <setjmp.h>
#include <slash64/reasons.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/api/fates.h"

static char text[512];

static const char *verdict(const struct fate *fates, size_t count)
{
	strcpy(text, "unchanged");
	return fates_verdict(fates, count, text, sizeof(text));
}

static void what_passes_is_no_verdict(void **state)
{
	const struct fate fates[] = {{S64_CLASS_UDP, S64_REASON_POLICY, false, 5, 1}};

	assert_null(verdict(fates, 1));
	assert_null(verdict(fates, 0));
	assert_string_equal(text, "unchanged");
}

static void limited_comes_before_dropped_and_that_before_would(void **state)
{
	const struct fate fates[] = {
		{S64_CLASS_TCP, S64_REASON_BLOCKED, true, 5, 1},
		{S64_CLASS_REDIRECT, S64_REASON_LINK_SCOPE, false, 5, 1},
		{S64_CLASS_ECHO_REQUEST, S64_REASON_OVER_SOURCE_LIMIT, false, 5, 0.94},
	};

	assert_string_equal(verdict(fates, 3), "limited");
	assert_string_equal(
		text, "tcp: all would be dropped, blocked; redirect: all dropped, link-scope; "
		      "echo-request: 94% over its limit");
	assert_string_equal(verdict(fates, 2), "dropped");
	assert_string_equal(verdict(fates, 1), "passes");
}

static void each_limit_has_its_words_and_three_are_told(void **state)
{
	const struct fate fates[] = {
		{S64_CLASS_UDP, S64_REASON_OVER_48_LIMIT, false, 5, 0.5},
		{S64_CLASS_TCP, S64_REASON_THROTTLED, false, 5, 0.5},
		{S64_CLASS_GRE, S64_REASON_OVER_FALLBACK_LIMIT, false, 5, 0.5},
		{S64_CLASS_ESP, S64_REASON_BLOCKED, false, 5, 0.5},
	};

	assert_string_equal(verdict(fates, 4), "limited");
	assert_string_equal(
		text,
		"udp: 50% over the limit of its /48; tcp: 50% over the rate it is throttled to; "
		"gre: 50% over a limit that several sources share");
}

static void a_remainder_is_never_nothing_or_all(void **state)
{
	struct fate fate = {S64_CLASS_UDP, S64_REASON_BLOCKED, false, 5, 0.0001};

	verdict(&fate, 1);
	assert_string_equal(text, "udp: under 1% dropped, blocked");
	fate.share = 0.9999;
	verdict(&fate, 1);
	assert_string_equal(text, "udp: over 99% dropped, blocked");
	fate.share = 0.01;
	verdict(&fate, 1);
	assert_string_equal(text, "udp: 1% dropped, blocked");
}

static void the_rows_have_all_of_them(void **state)
{
	const struct fate fates[] = {
		{S64_CLASS_UDP, S64_REASON_POLICY, false, 5, 0.25},
		{S64_CLASS_UDP, S64_REASON_BLOCKED, true, 5, 0.5},
		{S64_CLASS_UDP, S64_REASON_BLOCKED, false, 5, 0.25},
	};
	static const char *const verdicts[] = {"pass", "would_drop", "drop"};
	json_t *array = fates_to_json(fates, 3);

	for (int i = 0; i < 3; i++)
		assert_string_equal(json_string_value(
					    json_object_get(json_array_get(array, i), "verdict")),
				    verdicts[i]);
	assert_true(json_real_value(
			    json_object_get(json_array_get(array, 1), "percent_of_class")) == 50);
	json_decref(array);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_passes_is_no_verdict),
		cmocka_unit_test(limited_comes_before_dropped_and_that_before_would),
		cmocka_unit_test(each_limit_has_its_words_and_three_are_told),
		cmocka_unit_test(a_remainder_is_never_nothing_or_all),
		cmocka_unit_test(the_rows_have_all_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
