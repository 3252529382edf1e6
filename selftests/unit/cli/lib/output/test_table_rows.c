// SPDX-License-Identifier: GPL-2.0-only
/* Rows of blocks, allowed prefixes and sources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../cli_test.h"
#include "cli/lib/output/table_rows.h"
#include "cli/lib/output/terminal.h"

static const char *rows(const struct table_column *columns, rows_row_t row, const char *text)
{
	json_t *array = json_loads(text, 0, NULL);

	assert_non_null(array);
	setenv("COLUMNS", "500", 1);
	terminal_init("never");
	PRINTED(rows_print(array, columns, row));
	json_decref(array);
	return printed;
}

static void has(const char *part)
{
	if (!strstr(printed, part))
		fail_msg("printed '%s', not '%s'", printed, part);
}

static void an_empty_array_prints_nothing(void **state)
{
	assert_string_equal(rows(rows_block_columns, rows_block, "[]"), "");
}

static void a_block_says_what_it_does_and_why(void **state)
{
	rows(rows_block_columns, rows_block,
	     "[{\"prefix\":\"2400::/64\",\"check_chars\":\"ND\",\"kind\":\"block\",\"origin\":\"feed\",\"until\":null,"
	     "\"hits\":12345,\"reason\":\"echo flood\",\"ticket\":\"T-1\"}]");
	has("2400::/64  ND     block   feed      never  12,345");
	has("echo flood [T-1]\n");
	rows(rows_block_columns, rows_block,
	     "[{\"prefix\":\"2400::/64\",\"kind\":\"throttle\",\"rate\":1500,\"reason\":\"slow\",\"ticket\":null}]");
	has("1,500/s");
	has("slow\n");
	rows(rows_block_columns, rows_block,
	     "[{\"prefix\":\"2400::/64\",\"kind\":\"block\",\"in_force\":false}]");
	has("off: allowed");
}

static void the_listed_address_is_shown_or_how_many_there_are(void **state)
{
	rows(rows_block_columns, rows_block,
	     "[{\"prefix\":\"2400::/64\",\"address\":\"2400::7\",\"addresses\":1}]");
	has("2400::7 ");
	rows(rows_block_columns, rows_block,
	     "[{\"prefix\":\"2400::/64\",\"address\":null,\"addresses\":2}]");
	has("2400::/64 (2)");
	rows(rows_block_columns, rows_block,
	     "[{\"prefix\":\"2400::/64\",\"address\":null,\"addresses\":1}]");
	assert_null(strstr(printed, "(1)"));
}

static void an_allowed_prefix_has_its_origin_and_reason(void **state)
{
	rows(rows_allow_columns, rows_allow,
	     "[{\"prefix\":\"2400::/32\",\"origin\":\"config\",\"start\":0,\"reason\":\"ours\"}]");
	has("2400::/32  config      -  ours\n");
}

static void a_source_marks_what_is_uncertain_and_what_would_be_dropped(void **state)
{
	rows(rows_source_columns, rows_source,
	     "[{\"source\":\"2400::/64\",\"packets_per_second\":294,\"uncertainty_percent\":10,"
	     "\"peak_packets_per_second\":300,\"bytes_per_second\":1000,\"dropped_percent\":99.5,"
	     "\"class\":\"udp\",\"reason\":\"blocked\",\"blocked\":true}]");
	has("~294");
	has("99.5%");
	has("8.0 k");
	has("yes\n");
	rows(rows_source_columns, rows_source,
	     "[{\"source\":\"2400::/64\",\"packets_per_second\":294,\"uncertainty_percent\":9.9,"
	     "\"dropped_percent\":1,\"would_drop_percent\":50,\"blocked\":false}]");
	assert_null(strchr(printed, '~'));
	has("1.0%, would 50.0%");
	has("no\n");
	rows(rows_hit_columns, rows_source,
	     "[{\"source\":\"2400::/64\",\"dropped_percent\":0,\"would_drop_percent\":50}]");
	has(" would 50.0%");
	assert_null(strstr(printed, "BLOCKED"));
}

static void a_group_begins_with_what_it_is_grouped_by(void **state)
{
	static const char json[] =
		"[{\"destination\":\"2400::/64\",\"aggregate\":\"2400::/48\",\"class\":\"udp\","
		"\"reason\":\"blocked\",\"packets_per_second\":294,\"dropped_percent\":99.5}]";

	(void)state;
	rows(rows_destination_columns, rows_destination, json);
	has("DESTINATION");
	has("\n2400::/64 ");
	rows(rows_aggregate_columns, rows_aggregate, json);
	has("\n2400::/48 ");
	rows(rows_class_columns, rows_class, json);
	has("\nudp ");
	has(" blocked\n");
	rows(rows_reason_columns, rows_reason, json);
	has("\nblocked ");
	has(" udp\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_array_prints_nothing),
		cmocka_unit_test(a_block_says_what_it_does_and_why),
		cmocka_unit_test(the_listed_address_is_shown_or_how_many_there_are),
		cmocka_unit_test(an_allowed_prefix_has_its_origin_and_reason),
		cmocka_unit_test(a_group_begins_with_what_it_is_grouped_by),
		cmocka_unit_test(a_source_marks_what_is_uncertain_and_what_would_be_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
