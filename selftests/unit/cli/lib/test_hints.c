// SPDX-License-Identifier: GPL-2.0-only
/* What to type after a failure: only the command knows its verbs and options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../cli_test.h"
#include "base/error_codes.h"
#include "cli/lib/hints.h"

static char buf[HINT_MAX];

static const char *hint(const char *text)
{
	json_t *failure = json_loads(text, 0, NULL);
	const char *said_of_it;

	assert_non_null(failure);
	buf[0] = '\0';
	said_of_it = hint_of_failure(failure, buf);
	json_decref(failure);
	assert_true(!said_of_it || said_of_it == buf);
	return said_of_it;
}

/* A failure with this code and these members. */
#define FAILURE(name, members)                                                               \
	({                                                                                   \
		char text[512];                                                              \
                                                                                             \
		snprintf(text, sizeof(text), "{\"code\":\"%s\"%s}", code_word(ERROR_##name), \
			 members);                                                           \
		hint(text);                                                                  \
	})

static const char *code_word(int code)
{
	static const char *const words[ERROR_CODE_COUNT] = {
#define X(name, word, status) [ERROR_##name] = word,
		ERROR_CODES(X)
#undef X
	};

	return words[code];
}

static void a_code_that_is_unknown_or_absent_has_no_hint(void **state)
{
	assert_null(hint("{\"error\":\"x\"}"));
	assert_null(hint("{\"error\":\"x\",\"code\":\"of-a-later-version\"}"));
	assert_null(hint("{\"error\":\"x\",\"code\":5}"));
}

static void a_guard_rail_names_what_is_in_the_way(void **state)
{
	assert_string_equal(FAILURE(GUARDED, ""), "--force overrides this");
	assert_non_null(strstr(FAILURE(GUARDED, ",\"allowed_by\":\"2400::/32\""),
			       "'slash64 unallow 2400::/32'"));
	assert_string_equal(FAILURE(GUARDED, ",\"allowed_within\":\"2400::/48\""),
			    "--force blocks the rest");
}

static void what_is_missing_is_named_with_its_option(void **state)
{
	assert_string_equal(FAILURE(REQUIRED, ",\"missing\":\"reason\""), "add --reason TEXT");
	assert_string_equal(FAILURE(REQUIRED, ",\"missing\":\"ticket\""), "add --ticket ID");
	assert_string_equal(FAILURE(REQUIRED,
				    ",\"missing\":\"reason\",\"also_missing\":\"ticket\""),
			    "add --reason TEXT and --ticket ID");
}

static void a_hint_about_a_prefix_names_it_or_is_none(void **state)
{
	assert_non_null(strstr(FAILURE(NOT_A_THROTTLE, ",\"prefix\":\"2400::/64\""),
			       "slash64 throttle 2400::/64"));
	assert_null(FAILURE(NOT_A_THROTTLE, ""));
	assert_non_null(
		strstr(FAILURE(WEAKEN, ",\"blocked\":\"2400::/64\""), "slash64 unblock 2400::/64"));
	assert_non_null(strstr(FAILURE(BLOCKED_AROUND,
				       ",\"prefix\":\"2400::/64\",\"around\":\"2400::/32\""),
			       "slash64 unblock 2400::/32"));
	assert_null(FAILURE(BLOCKED_AROUND, ",\"prefix\":\"2400::/64\""));
}

static void what_cannot_be_undone_has_another_way(void **state)
{
	assert_non_null(strstr(FAILURE(CANNOT_UNDO, ",\"action\":\"import\""), "--origin"));
	assert_non_null(strstr(FAILURE(CANNOT_UNDO, ",\"action\":\"reload\""), "slash64 reload"));
	assert_non_null(strstr(FAILURE(CANNOT_UNDO, ""), "slash64 log"));
}

static void a_feed_that_is_not_taken_can_be_imported(void **state)
{
	assert_non_null(strstr(hint_of_feed(code_word(ERROR_LIST_EMPTY), "drop", buf),
			       "--origin drop --replace --force"));
	assert_null(strstr(hint_of_feed(code_word(ERROR_LIST_SHRUNK), "drop", buf), "--force"));
	assert_null(hint_of_feed(NULL, "drop", buf));
	assert_null(hint_of_feed("another", "drop", buf));
}

static const char *problem(const char *text)
{
	json_t *object = json_loads(text, 0, NULL);
	const char *said_of_it = hint_of_problem(object, buf);

	json_decref(object);
	return said_of_it;
}

static void a_problem_of_an_interface_names_it(void **state)
{
	assert_string_equal(problem("{\"code\":\"interface-detached\",\"interface\":\"wan0\"}"),
			    "'slash64 attach wan0' attaches it again");
	assert_null(problem("{\"code\":\"interface-detached\"}"));
	assert_non_null(problem("{\"code\":\"store-lost\"}"));
	assert_non_null(problem("{\"code\":\"fuse-blown\"}"));
	assert_null(problem("{\"code\":\"table-full\"}"));
	assert_null(problem("{}"));
}

static void a_hint_never_exceeds_its_room(void **state)
{
	char text[2000];

	snprintf(text, sizeof(text), "{\"code\":\"%s\",\"prefix\":\"%01000d\"}",
		 code_word(ERROR_NOT_A_THROTTLE), 0);
	assert_in_range(strlen(hint(text)), 300, HINT_MAX - 1);
}

/* walk: the refusals of slash64d speak of the API's "force" */
static void a_line_that_could_be_forced_names_the_option(void **state)
{
	char line[HINT_LINE_MAX];
	const char *other = "'x; force overrides this' is not a prefix";

	assert_string_equal(hint_in_import("P is not blocked: A; force overrides this", line),
			    "P is not blocked: A; --force overrides this");
	assert_string_equal(hint_in_feed("P is not blocked: A; force overrides this", line),
			    "P is not blocked: A");
	assert_ptr_equal(hint_in_import(other, line), other);
	assert_ptr_equal(hint_in_feed("", line), hint_in_feed("", line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_that_could_be_forced_names_the_option),
		cmocka_unit_test(a_code_that_is_unknown_or_absent_has_no_hint),
		cmocka_unit_test(a_guard_rail_names_what_is_in_the_way),
		cmocka_unit_test(what_is_missing_is_named_with_its_option),
		cmocka_unit_test(a_hint_about_a_prefix_names_it_or_is_none),
		cmocka_unit_test(what_cannot_be_undone_has_another_way),
		cmocka_unit_test(a_feed_that_is_not_taken_can_be_imported),
		cmocka_unit_test(a_problem_of_an_interface_names_it),
		cmocka_unit_test(a_hint_never_exceeds_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
