// SPDX-License-Identifier: GPL-2.0-only
/* Texts of an answer may be anybody's: none of them reaches the terminal as a control sequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../cli/cli_test.h"
#include "client/client.h"

static void control_characters_become_question_marks_at_any_depth(void **state)
{
	json_t *object = client_decode(
		"{\"a\":\"\\u001b[2Jx\",\"b\":[{\"c\":\"\\u007f\\u0085y\\u009f\"}],\"d\":\"\\u00e9\\u20ac\"}");
	const json_t *inner;

	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "a")), "?[2Jx");
	inner = json_array_get(json_object_get(object, "b"), 0);
	/* C1 controls have two bytes in UTF-8, and so have letters */
	assert_string_equal(json_string_value(json_object_get(inner, "c")), "??y?");
	assert_string_equal(json_string_value(json_object_get(object, "d")), "\u00e9\u20ac");
	json_decref(object);
}

static void what_is_no_object_is_no_line(void **state)
{
	assert_null(client_decode("[1]"));
	assert_null(client_decode("\"text\""));
	assert_null(client_decode("{\"a\":"));
	assert_null(client_decode(""));
}

static void a_failure_says_its_text_and_a_hint_behind_it(void **state)
{
	json_t *object =
		client_decode("{\"error\":\"no room\",\"code\":\"x\",\"hint\":\"make some\"}");
	struct error error = {};

	assert_true(client_failure(object, &error));
	assert_string_equal(error.text, "no room; make some");
	json_object_del(object, "hint");
	assert_true(client_failure(object, &error));
	assert_string_equal(error.text, "no room");
	json_object_del(object, "error");
	assert_false(client_failure(object, &error));
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_characters_become_question_marks_at_any_depth),
		cmocka_unit_test(what_is_no_object_is_no_line),
		cmocka_unit_test(a_failure_says_its_text_and_a_hint_behind_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
