// SPDX-License-Identifier: GPL-2.0-only
/* A policy as JSON: everything once, then the differences of each interface. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "config_test.h"
#include "config/policy_json.h"

static const json_t *find(const json_t *rows, const char *iface, const char *key, const char *name)
{
	size_t i;
	json_t *row;

	json_array_foreach (rows, i, row) {
		const char *of = json_string_value(json_object_get(row, "interface"));
		const char *is = json_string_value(json_object_get(row, key));

		if (is && !strcmp(is, name) && (of ? iface && !strcmp(of, iface) : !iface))
			return row;
	}
	return NULL;
}

static const char *text_at(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

static void every_class_and_feature_is_a_row_of_all_interfaces(void **state)
{
	json_t *rows;

	take("interfaces: [{name: eth0}]");
	rows = policy_to_json(&config);
	config_free(&config);
	assert_int_equal(json_array_size(rows), 3 + NAMES_COUNT);
	assert_string_equal(text_at(find(rows, NULL, "setting", "profile"), "value"), "edge");
	assert_string_equal(text_at(find(rows, NULL, "setting", "filter"), "value"), "enforce");
	assert_string_equal(text_at(find(rows, NULL, "setting", "bogons"), "value"), "off");
	assert_string_equal(text_at(find(rows, NULL, "class", "mld"), "transit"),
			    "drop (link scope)");
	assert_string_equal(text_at(find(rows, NULL, "class", "rpl"), "transit"), "drop");
	assert_true(json_is_false(json_object_get(find(rows, NULL, "class", "mld"), "changed")));
	json_decref(rows);
}

static void numbers_are_null_where_nothing_is_limited(void **state)
{
	const json_t *row;
	json_t *rows;

	take("limits: {echo-request: {rate: 50, burst: 60, rate_48: 0}}");
	rows = policy_to_json(&config);
	config_free(&config);
	row = find(rows, NULL, "class", "echo-request");
	assert_int_equal(json_integer_value(json_object_get(row, "rate")), 50);
	assert_int_equal(json_integer_value(json_object_get(row, "burst")), 60);
	assert_true(json_is_null(json_object_get(row, "rate_48")));
	assert_true(json_is_null(json_object_get(row, "burst_48")));
	assert_true(json_is_true(json_object_get(row, "changed")));
	/* udp has a default limit, but passes */
	row = find(rows, NULL, "class", "udp");
	assert_true(json_is_null(json_object_get(row, "rate")));
	assert_true(json_is_null(json_object_get(row, "burst")));
	json_decref(rows);
}

static void an_interface_has_only_the_rows_that_differ(void **state)
{
	json_t *rows;

	take("interfaces: [{name: a, filter: monitor, policy: {bogons: enforce, classes: {udp: drop}}}, {name: b}]");
	rows = policy_to_json(&config);
	config_free(&config);
	assert_int_equal(json_array_size(rows), 3 + NAMES_COUNT + 3);
	assert_string_equal(text_at(find(rows, "a", "setting", "filter"), "value"), "monitor");
	assert_string_equal(text_at(find(rows, "a", "setting", "bogons"), "value"), "enforce");
	assert_string_equal(text_at(find(rows, "a", "class", "udp"), "local"), "drop");
	assert_null(find(rows, "a", "setting", "profile"));
	json_decref(rows);
}

static void a_name_of_any_bytes_stays_json(void **state)
{
	json_t *rows;

	take("interfaces: [{name: a, policy: {profile: host}}]");
	strcpy(config.iface[0].name, "a\xff");
	rows = policy_to_json(&config);
	config_free(&config);
	assert_string_equal(text_at(find(rows, "a\\xff", "setting", "profile"), "value"), "host");
	json_decref(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_and_feature_is_a_row_of_all_interfaces),
		cmocka_unit_test(numbers_are_null_where_nothing_is_limited),
		cmocka_unit_test(an_interface_has_only_the_rows_that_differ),
		cmocka_unit_test(a_name_of_any_bytes_stays_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
