// SPDX-License-Identifier: GPL-2.0-only
/* Names of classes, features, reasons, verdicts and actions, from the shared lists. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "policy/names.h"

static void every_class_and_feature_is_found_by_its_name(void **state)
{
	for (int i = 0; i < S64_CLASS_COUNT; i++)
		assert_int_equal(class_find(class_info(i)->name), i);
	for (int i = 0; i < S64_FEATURE_COUNT; i++)
		assert_int_equal(feature_find(feature_info(i)->name), i);
	assert_int_equal(class_find("routing-type-0"), -ENOENT);
	assert_int_equal(feature_find("udp"), -ENOENT);
	assert_int_equal(class_find(""), -ENOENT);
}

static void no_name_stands_for_two(void **state)
{
	for (int i = 0; i < S64_FEATURE_COUNT; i++)
		assert_int_equal(class_find(feature_info(i)->name), -ENOENT);
	for (int i = 0; i < S64_REASON_COUNT; i++)
		for (int j = 0; j < i; j++)
			if (strcmp(reason_name(i), "undefined"))
				assert_string_not_equal(reason_name(i), reason_name(j));
}

static void an_index_out_of_range_has_no_entry(void **state)
{
	assert_null(class_info(-1));
	assert_null(class_info(S64_CLASS_COUNT));
	assert_non_null(class_info(S64_CLASS_COUNT - 1));
	assert_null(feature_info(-1));
	assert_null(feature_info(S64_FEATURE_COUNT));
	assert_non_null(feature_info(S64_FEATURE_COUNT - 1));
}

static void a_limited_class_has_a_default_limit_of_which_the_48_is_ten_times(void **state)
{
	for (int i = 0; i < S64_CLASS_COUNT; i++) {
		const struct class_info *info = class_info(i);
		const struct default_limit *limit = default_limit(info->limit);

		if (info->action[S64_TRANSIT] == S64_ACTION_LIMIT)
			assert_true(limit->rate > 0);
		assert_int_equal(limit->aggregate_rate, limit->rate * 10);
		assert_int_equal(limit->burst, limit->rate * 2);
	}
	assert_int_equal(default_limit(class_info(S64_CLASS_ECHO_REQUEST)->limit)->rate, 100);
}

static void reasons_are_drops_but_for_those_that_pass(void **state)
{
	assert_false(reason_is_drop(S64_REASON_POLICY));
	assert_false(reason_is_drop(S64_REASON_WITHIN_LIMIT));
	assert_true(reason_is_drop(S64_REASON_BLOCKED));
	assert_true(reason_is_drop(S64_REASON_OVER_SOURCE_LIMIT));
	assert_true(reason_is_drop(S64_REASON_TRUNCATED_LINK));
	/* a dropped feature is a reason of the same name */
	assert_string_equal(reason_name(S64_REASON_FEATURE + S64_FEATURE_AH), "ah");
	assert_true(reason_is_drop(S64_REASON_FEATURE + S64_FEATURE_AH));
	assert_string_equal(reason_name(S64_REASON_THROTTLED), "throttled");
	assert_string_equal(reason_source(S64_REASON_SOURCE_BOGON), "RFC 6890");
	assert_true(strlen(reason_description(S64_REASON_SOURCE_BOGON)) > 5);
}

static void a_number_of_another_version_is_undefined(void **state)
{
	static const int none[] = {-1, S64_REASON_CLASS_COUNT, S64_REASON_PARSE - 1,
				   S64_REASON_COUNT, 1000};

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		if (none[i] == S64_REASON_CLASS_COUNT && S64_REASON_CLASS_COUNT == S64_REASON_PARSE)
			continue;
		assert_string_equal(reason_name(none[i]), "undefined");
		assert_true(reason_is_drop(none[i]));
	}
	assert_string_equal(verdict_name(S64_VERDICT_COUNT), "undefined");
	assert_string_equal(action_name(S64_ACTION_COUNT), "undefined");
}

static void verdicts_and_actions_have_their_words(void **state)
{
	assert_string_equal(verdict_name(S64_PASS), "pass");
	assert_string_equal(verdict_name(S64_DROP), "drop");
	assert_string_equal(verdict_name(S64_WOULD_DROP), "would_drop");
	assert_string_equal(action_name(S64_ACTION_PASS), "pass");
	assert_string_equal(action_name(S64_ACTION_LIMIT), "limit");
	/* to people, link scope is a drop */
	assert_string_equal(action_name(S64_ACTION_SCOPE), action_name(S64_ACTION_DROP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_and_feature_is_found_by_its_name),
		cmocka_unit_test(no_name_stands_for_two),
		cmocka_unit_test(an_index_out_of_range_has_no_entry),
		cmocka_unit_test(a_limited_class_has_a_default_limit_of_which_the_48_is_ten_times),
		cmocka_unit_test(reasons_are_drops_but_for_those_that_pass),
		cmocka_unit_test(a_number_of_another_version_is_undefined),
		cmocka_unit_test(verdicts_and_actions_have_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
