// SPDX-License-Identifier: GPL-2.0-only
/* The states before and after a change, as JSON that can be read back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/api/json/undo_json.h"

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse_whole(text, &prefix, NULL), 0);
	return prefix;
}

static json_t *parse(char *text)
{
	json_t *object = json_loads(text, 0, NULL);

	assert_non_null(object);
	free(text);
	return object;
}

static void a_row_is_read_back_as_it_was(void **state)
{
	struct store_block row = {.kind = STORE_THROTTLE,
				  .rate = UINT32_MAX,
				  .burst = 7,
				  .start_ms = 1,
				  .until_ms = 4102444800123,
				  .reason = "a \"b\"",
				  .origin = "x"},
			   read = {};
	json_t *object = parse(undo_json_writer.block(&row, NULL, 0, 0));

	assert_string_equal(json_string_value(json_object_get(object, "of")), "block");
	assert_true(json_is_null(json_object_get(object, "after")));
	assert_int_equal(block_row_from_json(json_object_get(object, "before"), &read), 0);
	assert_int_equal(read.kind, STORE_THROTTLE);
	assert_int_equal(read.rate, UINT32_MAX);
	assert_int_equal(read.burst, 7);
	assert_int_equal(read.start_ms, 1);
	assert_int_equal(read.until_ms, row.until_ms);
	assert_string_equal(read.reason, "a \"b\"");
	assert_null(read.ticket);
	json_decref(object);
}

static void the_address_and_hits_are_kept_where_there_are_any(void **state)
{
	struct store_block row = {.origin = "x"};
	json_t *object = parse(undo_json_writer.block(NULL, &row, 0, 9));

	assert_null(json_object_get(object, "said"));
	assert_null(json_object_get(object, "hits"));
	json_decref(object);
	row.said = prefix_of("2400::7/128");
	object = parse(undo_json_writer.block(NULL, &row, 5, 9));
	assert_string_equal(json_string_value(json_object_get(object, "said")), "2400::7/128");
	assert_int_equal(json_integer_value(json_object_get(object, "hits")), 5);
	assert_int_equal(json_integer_value(json_object_get(object, "last_hit")), 9);
	json_decref(object);
}

static void what_is_no_row_is_refused(void **state)
{
	static const char *const texts[] = {
		"{}", "[]", "{\"kind\":\"block\"}",
		"{\"kind\":\"block\",\"start\":1,\"until\":0,\"rate\":0,\"burst\":\"x\"}",
		"{\"kind\":5,\"start\":1,\"until\":0,\"rate\":0,\"burst\":0}"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_t *object = json_loads(texts[i], 0, NULL);
		struct store_block row = {.rate = 7};

		assert_int_equal(block_row_from_json(object, &row), -EINVAL);
		assert_int_equal(row.rate, 7);
		json_decref(object);
	}
}

static void an_allowed_prefix_and_an_interface_are_told_apart(void **state)
{
	struct store_block row = {.origin = "x"};
	struct store_iface iface = {"wan0", 2, -1};
	json_t *object = parse(undo_json_writer.allow(NULL, &row));

	assert_string_equal(json_string_value(json_object_get(object, "of")), "allow");
	assert_true(json_is_null(json_object_get(object, "before")));
	json_decref(object);
	object = parse(undo_json_writer.iface("wan0", true, &iface));
	assert_string_equal(json_string_value(json_object_get(object, "of")), "interface");
	assert_true(json_is_true(json_object_get(object, "attached")));
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(object, "before"), "filter")),
			 -1);
	json_decref(object);
	object = parse(undo_json_writer.iface("wan0", false, NULL));
	assert_true(json_is_null(json_object_get(object, "before")));
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_read_back_as_it_was),
		cmocka_unit_test(the_address_and_hits_are_kept_where_there_are_any),
		cmocka_unit_test(what_is_no_row_is_refused),
		cmocka_unit_test(an_allowed_prefix_and_an_interface_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
