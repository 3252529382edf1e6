// SPDX-License-Identifier: GPL-2.0-only
/* The JSON of a source: shares in percent, times in RFC 3339. */
#include <setjmp.h>
#include <slash64/reasons.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/api/json/source_json.h"

static void shares_are_percent_and_times_are_utc(void **state)
{
	struct top_row row = {.packets_per_second = 10,
			      .bytes_per_second = 1000,
			      .uncertainty = 0.25,
			      .dropped = 0.5,
			      .would_drop = 0.75,
			      .dropped_per_second = 5,
			      .would_drop_per_second = 7.5,
			      .peak = 20,
			      .since = 1000,
			      .last = 2000,
			      .class = S64_CLASS_UDP,
			      .reason = S64_REASON_BLOCKED};
	json_t *object = json_object(), *expected;

	source_row_to_json(object, &row);
	expected = json_loads(
		"{\"packets_per_second\":10.0,\"bytes_per_second\":1000.0,\"uncertainty_percent\":25.0,"
		"\"dropped_percent\":50.0,\"would_drop_percent\":75.0,\"dropped_packets_per_second\":5.0,"
		"\"would_drop_packets_per_second\":7.5,\"peak_packets_per_second\":20.0,"
		"\"since\":\"1970-01-01T00:16:40Z\",\"last_seen\":\"1970-01-01T00:33:20Z\","
		"\"class\":\"udp\",\"reason\":\"blocked\"}",
		0, NULL);
	assert_true(json_equal(object, expected));
	json_decref(object);
	json_decref(expected);
}

static void several_sources_are_counted_and_added(void **state)
{
	struct seen seen = {.rows = 3,
			    .packets_per_second = 10,
			    .dropped_per_second = 5,
			    .since = 1000};
	json_t *object = json_pack("{s:i}", "kept", 1);

	source_seen_to_json(object, &seen);
	assert_int_equal(json_integer_value(json_object_get(object, "sources_seen")), 3);
	assert_true(json_real_value(json_object_get(object, "packets_per_second")) == 10);
	assert_string_equal(json_string_value(json_object_get(object, "since")),
			    "1970-01-01T00:16:40Z");
	assert_non_null(json_object_get(object, "kept"));
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_percent_and_times_are_utc),
		cmocka_unit_test(several_sources_are_counted_and_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
